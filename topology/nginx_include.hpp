// Which files nginx's "include PATTERN;" names.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace triaged::topology {

/// A relative pattern starts at the folder of the main file, wherever the directive stands.
[[nodiscard]] std::filesystem::path include_pattern(const std::string& pattern, const std::filesystem::path& main_file);

/// "left out include /*/*/*/*.conf: …", of a pattern for which all of the host, or what is no folder of files, would be
/// searched; empty: it is searched.
[[nodiscard]] std::string why_not_searched(const std::filesystem::path& pattern);

/// Those that are there, sorted, as the host whose root is `root` names them. A pattern without wildcards names its
/// file only when it is there; nginx itself refuses it then.
[[nodiscard]] std::vector<std::string> included_files(const std::filesystem::path& pattern,
                                                      const std::filesystem::path& root = {});

}  // namespace triaged::topology
