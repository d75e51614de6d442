#include "sources/pipe/reading_end.hpp"

#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <poll.h>
#include <sys/epoll.h>

#include "sources/file_status.hpp"

namespace triaged::sources {

namespace {

constexpr int pipe_bytes = 1024 * 1024;  // what every user may have, unless /proc/sys/fs/pipe-max-size says otherwise

}  // namespace

ReadingEnd::ReadingEnd(std::string path) : path_(std::move(path)), watch_(::epoll_create1(EPOLL_CLOEXEC)) {
  if (!watch_.is_open()) throw std::system_error(errno, std::generic_category());
}

bool ReadingEnd::fail(int why) {
  failure_ = std::strerror(why);
  is_missing_ = why == EBADF;
  return false;
}

// Standard input is shared with whoever started us (a terminal, also with standard output): its flags are left alone,
// and read() asks poll() instead of a descriptor that does not block.
Descriptor ReadingEnd::opened() {
  if (path_.empty()) return Descriptor(::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3));
  return Descriptor(::open(path_.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY));
}

bool ReadingEnd::open() {
  Descriptor file = opened();
  if (!file.is_open()) return fail(errno);
  std::error_code failure;
  const auto status = status_of(file.get(), failure);
  if (failure) return fail(failure.value());
  if (!path_.empty() && !status.is_pipe) {
    failure_ = "it is not a named pipe";
    return false;
  }
  // What stands in a pipe is read every ten milliseconds (daemon/source_stage.cpp): with the usual 64 KiB that gave 27
  // MB/s, with this 71 (a debug build). Where the system allows no more it stays as it is.
  if (status.is_pipe) static_cast<void>(::fcntl(file.get(), F_SETPIPE_SZ, pipe_bytes));
  want_reading(false);
  std::swap(file_, file);
  can_be_watched_ = !status.is_regular;
  failure_.clear();
  return true;
}

void ReadingEnd::close() {
  want_reading(false);
  file_.close();
}

// poll() tells a pipe that nobody has opened for writing yet, which is silent, from one that its last writer has left.
ReadingEnd::Read ReadingEnd::read(std::span<char> into) {
  pollfd asked{.fd = file_.get(), .events = POLLIN, .revents = 0};
  if (::poll(&asked, 1, 0) <= 0) return {};
  const ssize_t count = ::read(file_.get(), into.data(), into.size());
  if (count > 0) return {Outcome::bytes, static_cast<std::size_t>(count)};
  if (count == 0) return {Outcome::ended};
  if (errno == EAGAIN || errno == EINTR) return {};
  fail(errno);
  return {Outcome::failed};
}

bool ReadingEnd::has_moved() const {
  if (path_.empty()) return false;
  std::error_code failure;
  const auto here = status_of(file_.get(), failure);
  const auto there = status_of(path_, failure);
  return failure || here.inode != there.inode || here.device != there.device;
}

void ReadingEnd::want_reading(bool is_wanted) {
  if (is_wanted == is_watched_ || !file_.is_open() || !can_be_watched_) return;
  epoll_event event{.events = EPOLLIN, .data = {}};
  const int done = ::epoll_ctl(watch_.get(), is_wanted ? EPOLL_CTL_ADD : EPOLL_CTL_DEL, file_.get(), &event);
  if (is_wanted && done != 0) {
    can_be_watched_ = false;  // such as /dev/null
    return;
  }
  is_watched_ = is_wanted;
}

}  // namespace triaged::sources
