// Which files match the patterns of a source; the file system is read each time.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace triaged::sources {

struct GlobMatches {
  std::vector<std::string> paths;     // sorted, each once; one that is named without wildcards is here even if missing
  std::vector<std::string> folders;   // in which matches stand or would appear; sorted, each once
  std::vector<std::string> problems;  // folders that cannot be listed: "cannot list /var/log/x: Permission denied"
};

/// `globs` are absolute; * ? and [ ] work inside one component of the path, and * and ? do not match a leading dot.
[[nodiscard]] GlobMatches match_globs(const std::vector<std::string>& globs);

[[nodiscard]] bool matches_glob(std::string_view path, std::string_view glob);

[[nodiscard]] bool matches_any(std::string_view path, const std::vector<std::string>& globs);

/// Whether a folder of this name could hold matches, or folders with matches, of `glob`.
[[nodiscard]] bool may_lead_to_match(std::string_view folder, std::string_view glob);

}  // namespace triaged::sources
