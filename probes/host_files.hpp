// Files of a host, read only and never more than so much of them. All probes go through here, with a root folder, so
// that a test gives them a recorded tree instead of `/`.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/read_file.hpp"

namespace triaged::probes {

/// At most `most` bytes of the regular file at `path`; nullopt when it cannot be read. Never waits: a pipe or a device
/// in its place is not opened for reading.
[[nodiscard]] std::optional<FileText> read_host_file(const std::filesystem::path& path, std::size_t most = 64 * 1024);

/// The path `absolute` of the host whose root is `root`. REQUIRES: is_plain_path(absolute).
[[nodiscard]] std::filesystem::path below(const std::filesystem::path& root, std::string_view absolute);

/// An absolute path of at most 1,024 bytes without "..", control characters and NUL.
[[nodiscard]] bool is_plain_path(std::string_view path);

/// Names in the folder that are numbers, ascending; at most `most`.
[[nodiscard]] std::vector<std::uint32_t> numbered_entries(const std::filesystem::path& folder, std::size_t most);

/// A whole number and nothing else.
[[nodiscard]] std::optional<std::uint64_t> whole_number(std::string_view text);

/// The words of a line, split at spaces and tabs.
[[nodiscard]] std::vector<std::string_view> words_of(std::string_view line);

/// The text with the first line taken off; the line, without its end.
[[nodiscard]] std::string_view take_line(std::string_view& text);

}  // namespace triaged::probes
