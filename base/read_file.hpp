// A whole file, read once and never more than so much of it.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>

#include "base/result.hpp"

namespace triaged::inline base {

struct FileText {
  std::string text;
  bool is_cut = false;  // there was more
};

/// At most `most` bytes of the plain file at `path`. Never waits: a pipe or a device in its place is refused. The error
/// is the reason alone, without the path.
[[nodiscard]] Result<FileText> read_plain_file(const std::filesystem::path& path, std::size_t most);

}  // namespace triaged::inline base
