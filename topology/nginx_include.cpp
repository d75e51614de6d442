#include "topology/nginx_include.hpp"

#include <glob.h>

namespace triaged::topology {

std::filesystem::path include_pattern(const std::string& pattern, const std::filesystem::path& main_file) {
  return main_file.parent_path() / pattern;  // an absolute pattern stays what it is
}

std::vector<std::string> included_files(const std::filesystem::path& pattern, const std::filesystem::path& root) {
  const auto full = (root.empty() ? pattern : root / pattern.relative_path()).string();
  const auto prefix = full.size() - pattern.native().size();
  glob_t found{};
  std::vector<std::string> files;
  if (::glob(full.c_str(), 0, nullptr, &found) == 0) {
    for (std::size_t i = 0; i < found.gl_pathc; ++i) files.push_back(std::string(found.gl_pathv[i]).substr(prefix));
  }
  ::globfree(&found);
  return files;
}

}  // namespace triaged::topology
