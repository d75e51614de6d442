// When a file system counts as full.
#pragma once

#include <cstdint>
#include <string>

namespace triaged::probes {

/// What statvfs says of a file system, for those without special rights.
struct FileSystemRoom {
  std::uint64_t size = 0, free = 0;         // bytes
  std::uint64_t files = 0, free_files = 0;  // inodes; 0 files: it does not count them
};

/// "4 MiB of 20 GiB are left", "no more files fit"; empty: it has room.
[[nodiscard]] std::string why_full(const FileSystemRoom& room);

}  // namespace triaged::probes
