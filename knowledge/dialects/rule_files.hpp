// The rule files under some paths, and their texts. Used inside knowledge/ only.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/problem.hpp"

namespace triaged::knowledge {

/// What tells whether a file has changed.
struct FileStamp {
  std::uint64_t size = 0;
  std::int64_t written_at = 0;  // nanoseconds; whoever copies a file may set it back
  std::int64_t changed_at = 0;  // nanoseconds; nobody can set it
  std::uint64_t device = 0, inode = 0;

  friend bool operator==(const FileStamp&, const FileStamp&) = default;
};

/// nullopt: there is no such file.
[[nodiscard]] std::optional<FileStamp> stamp_of(const std::filesystem::path& path);

struct FoundRuleFile {
  std::filesystem::path path;
  FileStamp stamp;
};

/// Files as they are named; of folders, every *.yaml, *.yml and *.json in them that is not hidden, sorted. Each file
/// once.
[[nodiscard]] std::vector<FoundRuleFile> find_rule_files(const std::vector<std::filesystem::path>& paths,
                                                         Problems& problems);

[[nodiscard]] std::optional<std::string> text_of_rule_file(const std::filesystem::path& path, Problems& problems);

}  // namespace triaged::knowledge
