// What the system says about a file, open or at a path.
#pragma once

#include <cstdint>
#include <string>
#include <system_error>

namespace triaged::sources {

/// What the system says about a file. Times are nanoseconds since 1970, in the file system's own clock.
struct FileStatus {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::uint64_t size = 0;
  std::uint64_t allocated = 0;  // bytes on disk: less than size when the file has holes
  std::int64_t modified = 0;
  std::int64_t born = 0;  // 0: the file system does not say
  bool is_regular = false;
  bool is_pipe = false;  // a FIFO, with a name or without
};

[[nodiscard]] FileStatus status_of(int file, std::error_code& failure);
/// Of what a symbolic link points at.
[[nodiscard]] FileStatus status_of(const std::string& path, std::error_code& failure);

}  // namespace triaged::sources
