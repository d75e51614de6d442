// The rule files under some paths, and their texts. Used inside knowledge/ only.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/problem.hpp"

namespace triaged {

/// Files as they are named; of folders, every *.yaml, *.yml and *.json in them that is not hidden, sorted. Each file
/// once.
[[nodiscard]] std::vector<std::filesystem::path> find_rule_files(const std::vector<std::filesystem::path>& paths,
                                                                 Problems& problems);

[[nodiscard]] std::optional<std::string> text_of_rule_file(const std::filesystem::path& path, Problems& problems);

}  // namespace triaged
