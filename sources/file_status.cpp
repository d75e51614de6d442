#include "sources/file_status.hpp"

#include <cerrno>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

namespace triaged::sources {

namespace {

std::int64_t nanoseconds(const statx_timestamp& time) { return time.tv_sec * 1'000'000'000 + time.tv_nsec; }

FileStatus status_at(int folder, const char* path, int flags, std::error_code& failure) {
  struct statx raw {};
  if (::statx(folder, path, flags, STATX_BASIC_STATS | STATX_BTIME, &raw) != 0) {
    failure.assign(errno, std::generic_category());
    return {};
  }
  failure.clear();
  return {.device = makedev(raw.stx_dev_major, raw.stx_dev_minor),
          .inode = raw.stx_ino,
          .size = raw.stx_size,
          .allocated = raw.stx_blocks * 512,
          .modified = nanoseconds(raw.stx_mtime),
          .born = (raw.stx_mask & STATX_BTIME) != 0 ? nanoseconds(raw.stx_btime) : 0,
          .is_regular = S_ISREG(raw.stx_mode),
          .is_pipe = S_ISFIFO(raw.stx_mode)};
}

}  // namespace

FileStatus status_of(int file, std::error_code& failure) { return status_at(file, "", AT_EMPTY_PATH, failure); }

FileStatus status_of(const std::string& path, std::error_code& failure) {
  return status_at(AT_FDCWD, path.c_str(), 0, failure);
}

}  // namespace triaged::sources
