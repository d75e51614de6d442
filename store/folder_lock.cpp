#include "store/folder_lock.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <string>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace triaged::store {

namespace {

/// What the holder wrote into the file: its process id; empty when it has not yet.
std::string holder_of(int descriptor) {
  std::array<char, 32> bytes{};
  const auto length = ::pread(descriptor, bytes.data(), bytes.size(), 0);
  std::string holder(bytes.data(), length > 0 ? static_cast<std::size_t>(length) : 0);
  return holder.substr(0, holder.find_first_not_of("0123456789"));
}

Error refusal(const std::filesystem::path& folder, int descriptor) {
  const auto holder = holder_of(descriptor);
  return error(fmt::format("{} is in use by another triaged{}: stop that one, or set another 'path' of 'state'",
                           folder.string(), holder.empty() ? "" : fmt::format(" (process {})", holder)));
}

}  // namespace

Result<FolderLock> FolderLock::take(const std::filesystem::path& folder) {
  const auto path = folder / "triaged.lock";
  FolderLock lock;
  lock.file_ = Descriptor(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0640));
  if (!lock.file_.is_open()) return error(fmt::format("cannot open {}: {}", path.string(), std::strerror(errno)));
  if (::flock(lock.file_.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno == EWOULDBLOCK) return refusal(folder, lock.file_.get());
    return error(fmt::format("cannot lock {}: {}", path.string(), std::strerror(errno)));
  }
  // The process id is there for people only; a full disk does not make the lock worse.
  const auto holder = fmt::format("{}\n", ::getpid());
  if (::ftruncate(lock.file_.get(), 0) == 0) (void)!::pwrite(lock.file_.get(), holder.data(), holder.size(), 0);
  return lock;
}

bool FolderLock::stands_in(const std::filesystem::path& folder) const {
  struct stat locked {};
  struct stat there {};
  return ::fstat(file_.get(), &locked) == 0 && ::stat((folder / "triaged.lock").c_str(), &there) == 0 &&
         locked.st_dev == there.st_dev && locked.st_ino == there.st_ino;
}

}  // namespace triaged::store
