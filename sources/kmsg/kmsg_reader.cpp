#include "sources/kmsg/kmsg_reader.hpp"

#include <array>
#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <sys/stat.h>

namespace triaged::sources {

namespace {

constexpr std::size_t longest_record = 16 * 1024;  // the kernel's own bound is 8 KiB (PRINTKRB_RECORD_MAX and before)

}  // namespace

KmsgReader::Outcome KmsgReader::fail(int why) {
  failure_ = std::strerror(why);
  return Outcome::failed;
}

bool KmsgReader::open() {
  close();
  Descriptor file(::open(path_.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY));
  struct stat status = {};
  if (!file.is_open() || ::fstat(file.get(), &status) != 0) {
    static_cast<void>(fail(errno));
    return false;
  }
  is_device_ = S_ISCHR(status.st_mode);
  // Opened, /dev/kmsg stands at the oldest record.
  file_ = std::move(file);
  failure_.clear();
  return true;
}

void KmsgReader::close() {
  file_.close();
  copied_.clear();
}

KmsgReader::Outcome KmsgReader::read() { return is_device_ ? read_device() : read_copy(); }

KmsgReader::Outcome KmsgReader::read_device() {
  record_.resize(longest_record);
  const auto count = ::read(file_.get(), record_.data(), record_.size());
  if (count > 0) {
    record_.resize(static_cast<std::size_t>(count));
    return Outcome::record;
  }
  record_.clear();
  if (count == 0 || errno == EAGAIN || errno == EINTR) return Outcome::nothing;
  if (errno == EPIPE) return Outcome::overwritten;
  return fail(errno);
}

/// Lines of properties belong to the record above and say nothing.
KmsgReader::Outcome KmsgReader::read_copy() {
  for (;;) {
    const auto end = copied_.find('\n');
    if (end != std::string::npos) {
      record_ = copied_.substr(0, end);
      copied_.erase(0, end + 1);
      if (record_.starts_with(' ')) continue;
      return Outcome::record;
    }
    if (copied_.size() > longest_record) copied_.clear();  // no record
    std::array<char, 4096> bytes{};
    const auto count = ::read(file_.get(), bytes.data(), bytes.size());
    if (count == 0 || (count < 0 && (errno == EAGAIN || errno == EINTR))) return Outcome::nothing;
    if (count < 0) return fail(errno);
    copied_.append(bytes.data(), static_cast<std::size_t>(count));
  }
}

}  // namespace triaged::sources
