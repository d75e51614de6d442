// How many files the follower may keep open, so that descriptors are left for the rest of the process: ledger, sinks,
// admin address, listings of folders, a rotated file that is compared.
#pragma once

#include <cstddef>

namespace triaged::sources {

/// Of a process that may open `limit` descriptors: all but an eighth, at least 64 and at most 512 of them; of a small
/// limit half.
[[nodiscard]] std::size_t max_open_files_within(std::size_t limit);

/// With the limit of this process as it is now (RLIMIT_NOFILE).
[[nodiscard]] std::size_t usual_max_open_files();

}  // namespace triaged::sources
