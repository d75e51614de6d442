// A whole file, written so that whoever reads it finds the old bytes or the new ones and nothing between.
#pragma once

#include <filesystem>
#include <string_view>

#include "base/result.hpp"

namespace triaged::inline base {

/// The file is written beside `path`, under a name of its own that ends in this, and renamed.
inline constexpr std::string_view unfinished_file = ".new";

/// Writes `bytes` to the file at `path`; makes its folder when there is none. Any number of threads and processes may
/// do so at the same time: one of them is the last. What fails leaves the old file, and nothing beside it; a process
/// that is killed in the middle leaves an unfinished file. The error is the reason alone, without the path.
[[nodiscard]] Result<void> replace_file(const std::filesystem::path& path, std::string_view bytes);

}  // namespace triaged::inline base
