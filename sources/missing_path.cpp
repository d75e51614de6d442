#include "sources/missing_path.hpp"

#include <algorithm>
#include <filesystem>
#include <string_view>
#include <system_error>
#include <vector>

#include <fmt/format.h>
#include <fnmatch.h>

#include "base/problem.hpp"

namespace triaged::sources {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t most_names = 4096;  // of a folder, to find one that is spelled alike

std::vector<std::string> names_in(const fs::path& folder, bool only_folders) {
  std::vector<std::string> names;
  std::error_code failure;
  for (auto entry = fs::directory_iterator(folder, failure); !failure && entry != fs::directory_iterator();
       entry.increment(failure)) {
    std::error_code ignored;
    if (only_folders && !entry->is_directory(ignored)) continue;
    names.push_back(entry->path().filename());
    if (names.size() == most_names) break;
  }
  std::sort(names.begin(), names.end());
  return names;
}

bool is_pattern(const std::string& name) { return name.find_first_of("*?[") != std::string::npos; }

std::string shown(const fs::path& folder) { return folder.empty() ? "the current folder" : folder.string(); }

/// "; did you mean /var/log/nginx?"
std::string similar_in(const fs::path& folder, const std::string& name, bool only_folders) {
  const auto names = names_in(folder.empty() ? "." : folder, only_folders);
  const auto suggestion = suggestion_for(name, {names.begin(), names.end()});
  const auto begin = suggestion.find('\'');
  if (begin == std::string::npos) return {};
  const auto similar = suggestion.substr(begin + 1, suggestion.rfind('\'') - begin - 1);
  return fmt::format("; did you mean {}?", (folder / similar).string());
}

/// The folders that the first components lead to.
std::vector<fs::path> step(const std::vector<fs::path>& folders, const std::string& name, bool is_last) {
  std::vector<fs::path> next;
  for (const auto& folder : folders) {
    std::error_code ignored;
    if (!is_pattern(name)) {
      const auto path = folder / name;
      if (is_last ? fs::exists(path, ignored) : fs::is_directory(path, ignored)) next.push_back(path);
      continue;
    }
    for (const auto& found : names_in(folder.empty() ? "." : folder, !is_last)) {
      if (::fnmatch(name.c_str(), found.c_str(), FNM_PERIOD) == 0) next.push_back(folder / found);
    }
  }
  return next;
}

}  // namespace

std::string why_nothing_at(const std::string& pattern) {
  const fs::path path(pattern);
  std::vector<fs::path> folders{path.root_path()};
  std::vector<std::string> names;
  for (const auto& component : path.relative_path()) {
    if (!component.empty()) names.push_back(component);
  }
  for (std::size_t i = 0; i < names.size(); ++i) {
    const bool is_last = i + 1 == names.size();
    const auto next = step(folders, names[i], is_last);
    if (!next.empty()) {
      folders = next;
      continue;
    }
    const auto& folder = folders.front();
    std::error_code failure;
    (void)fs::directory_iterator(folder.empty() ? "." : folder, failure);
    if (failure) return fmt::format("cannot list {}: {}", shown(folder), failure.message());
    if (is_pattern(names[i])) return fmt::format("no name in {} fits the pattern", shown(folder));
    return fmt::format("there is no such {} in {}{}", is_last ? "file" : "folder", shown(folder),
                       similar_in(folder, names[i], !is_last));
  }
  return {};
}

}  // namespace triaged::sources
