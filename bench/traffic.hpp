// Logs for benchmarks: recorded lines of samples/, repeated with other numbers in the places where real traffic has
// other numbers (addresses, ids, sizes, seconds), so that no engine profits from identical lines. The same bytes every
// time.
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <string_view>
#include <vector>

namespace triaged::bench {

using LineFilter = std::function<bool(std::string_view)>;

/// Writes at least `bytes` of lines made from those lines of `samples` that `wanted` accepts. Throws when there are
/// none or the disk is full.
void write_traffic(const std::filesystem::path& into, const std::vector<std::filesystem::path>& samples,
                   const LineFilter& wanted, std::size_t bytes);

}  // namespace triaged::bench
