#include "topology/nginx_include.hpp"

#include <algorithm>

#include <glob.h>

namespace triaged::topology {

std::filesystem::path include_pattern(const std::string& pattern, const std::filesystem::path& main_file) {
  return main_file.parent_path() / pattern;  // an absolute pattern stays what it is
}

namespace {

// nginx's own packages need one. Anybody's configuration may be read here, and each more multiplies the search.
constexpr std::ptrdiff_t most_folders_with_wildcards = 3;

bool is_wide(const std::filesystem::path& pattern) {
  const auto wildcards = std::count_if(pattern.begin(), pattern.end(), [](const std::filesystem::path& name) {
    return name.native().find_first_of("*?[") != std::string::npos;
  });
  const auto text = pattern.lexically_normal().native();
  return wildcards > most_folders_with_wildcards || text.starts_with("/proc/") || text.starts_with("/sys/");
}

}  // namespace

std::vector<std::string> included_files(const std::filesystem::path& pattern, const std::filesystem::path& root) {
  if (is_wide(pattern)) return {};
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
