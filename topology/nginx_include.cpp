#include "topology/nginx_include.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <glob.h>

namespace triaged::topology {

std::filesystem::path include_pattern(const std::string& pattern, const std::filesystem::path& main_file) {
  return main_file.parent_path() / pattern;  // an absolute pattern stays what it is
}

namespace {

// nginx's own packages need one. Anybody's configuration may be read here, and each more multiplies the search.
constexpr std::ptrdiff_t most_folders_with_wildcards = 3;

}  // namespace

std::string why_not_searched(const std::filesystem::path& pattern) {
  const auto wildcards = std::count_if(pattern.begin(), pattern.end(), [](const std::filesystem::path& name) {
    return name.native().find_first_of("*?[") != std::string::npos;
  });
  const auto text = pattern.lexically_normal().native();
  std::string why;
  if (wildcards > most_folders_with_wildcards)
    why = fmt::format("it has wildcards in more than {} folders", most_folders_with_wildcards);
  if (text.starts_with("/proc/") || text.starts_with("/sys/")) why = "no configuration lies there";
  if (why.empty()) return why;
  return fmt::format("left out include {}: {}; name the logs of what it includes in a source", pattern.string(), why);
}

std::vector<std::string> included_files(const std::filesystem::path& pattern, const std::filesystem::path& root) {
  if (!why_not_searched(pattern).empty()) return {};
  const bool has_root = !root.empty() && root != "/";
  const auto full = (root.empty() ? pattern : root / pattern.relative_path()).string();
  const auto prefix = has_root ? (root / "").native().size() - 1 : 0;
  glob_t found{};
  std::vector<std::string> files;
  if (::glob(full.c_str(), 0, nullptr, &found) == 0) {
    for (std::size_t i = 0; i < found.gl_pathc; ++i) files.push_back(std::string(found.gl_pathv[i]).substr(prefix));
  }
  ::globfree(&found);
  return files;
}

}  // namespace triaged::topology
