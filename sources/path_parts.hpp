// The parts of a path, and what the file system says at it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/descriptor.hpp"

namespace triaged::sources {

/// "/var/log" of "/var/log/error.log"; empty for the root.
[[nodiscard]] std::string folder_of_path(const std::string& path);
/// "error.log" of "/var/log/error.log".
[[nodiscard]] std::string_view name_of_path(std::string_view path);

/// Closed, and errno says why, when it cannot be opened. Never waits, not for the writer of a pipe either.
[[nodiscard]] Descriptor open_to_read(const std::string& path);

/// When the folder in which `path` stands last changed; 0 when that is not known.
[[nodiscard]] std::int64_t change_of_folder(const std::string& path);

}  // namespace triaged::sources
