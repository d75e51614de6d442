#include "sources/file/glob.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <span>

#include <dirent.h>
#include <fmt/format.h>
#include <fnmatch.h>

namespace triaged::sources {

namespace {

struct CloseFolder {
  void operator()(DIR* folder) const noexcept { ::closedir(folder); }
};

bool has_wildcard(std::string_view component) { return component.find_first_of("*?[\\") != std::string_view::npos; }

bool matches_component(const char* name, const std::string& pattern) {
  return ::fnmatch(pattern.c_str(), name, FNM_PERIOD) == 0;
}

std::vector<std::string> components_of(std::string_view path) {
  std::vector<std::string> components;
  while (!path.empty()) {
    const std::size_t slash = std::min(path.find('/'), path.size());
    if (slash > 0 && path.substr(0, slash) != ".") components.emplace_back(path.substr(0, slash));
    path.remove_prefix(std::min(slash + 1, path.size()));
  }
  return components;
}

std::vector<std::string> names_in(const std::string& folder, const std::string& pattern, GlobMatches& matches) {
  std::vector<std::string> names;
  const std::unique_ptr<DIR, CloseFolder> open(::opendir(folder.empty() ? "/" : folder.c_str()));
  if (!open) {
    if (errno != ENOENT && errno != ENOTDIR) {
      matches.problems.push_back(fmt::format("cannot list {}: {}", folder, std::strerror(errno)));
    }
    return names;
  }
  while (const dirent* entry = ::readdir(open.get())) {
    const std::string_view name = entry->d_name;
    if (name != "." && name != ".." && matches_component(entry->d_name, pattern)) names.emplace_back(name);
  }
  return names;
}

void match_from(const std::string& folder, std::span<const std::string> components, GlobMatches& matches) {
  const std::string& first = components.front();
  const bool is_last = components.size() == 1;
  if (is_last || has_wildcard(first)) matches.folders.push_back(folder.empty() ? "/" : folder);
  const auto names = has_wildcard(first) ? names_in(folder, first, matches) : std::vector<std::string>{first};
  for (const std::string& name : names) {
    std::string path = folder + "/" + name;
    if (is_last) {
      matches.paths.push_back(std::move(path));
    } else {
      match_from(path, components.subspan(1), matches);
    }
  }
}

void sort_and_keep_each_once(std::vector<std::string>& texts) {
  std::sort(texts.begin(), texts.end());
  texts.erase(std::unique(texts.begin(), texts.end()), texts.end());
}

// How many of the leading components of `path` match those of `glob`, or nullopt when one does not.
bool leading_components_match(std::span<const std::string> path, std::span<const std::string> glob) {
  return std::equal(path.begin(), path.end(), glob.begin(), [](const std::string& name, const std::string& pattern) {
    return has_wildcard(pattern) ? matches_component(name.c_str(), pattern) : name == pattern;
  });
}

}  // namespace

GlobMatches match_globs(const std::vector<std::string>& globs) {
  GlobMatches matches;
  for (const std::string& glob : globs) {
    const auto components = components_of(glob);
    if (!components.empty()) match_from("", components, matches);
  }
  sort_and_keep_each_once(matches.paths);
  sort_and_keep_each_once(matches.folders);
  sort_and_keep_each_once(matches.problems);
  return matches;
}

bool matches_glob(std::string_view path, std::string_view glob) {
  const auto names = components_of(path), patterns = components_of(glob);
  return names.size() == patterns.size() && leading_components_match(names, patterns);
}

bool matches_any(std::string_view path, const std::vector<std::string>& globs) {
  return std::any_of(globs.begin(), globs.end(), [&](const auto& glob) { return matches_glob(path, glob); });
}

bool may_lead_to_match(std::string_view folder, std::string_view glob) {
  const auto names = components_of(folder), patterns = components_of(glob);
  return names.size() < patterns.size() && leading_components_match(names, patterns);
}

}  // namespace triaged::sources
