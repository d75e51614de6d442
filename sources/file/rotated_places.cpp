#include "sources/file/rotated_places.hpp"

#include <algorithm>
#include <array>

#include "sources/file/glob.hpp"
#include "sources/file/rotated_name.hpp"
#include "sources/path_parts.hpp"

namespace triaged::sources {

namespace {

// Of folders beside the followed file that are searched for one whose inode is known.
constexpr std::size_t most_folders_beside = 64;

// What svlogd and multilog call their current file; the others are named by a label of the time.
constexpr std::string_view current_of_svlogd = "current";
constexpr std::array names_by_svlogd{"@400000006928b0c50fd5b4d4.s", "@400000006928b0c50fd5b4d4.u"};

bool has_wildcard(std::string_view text) { return text.find_first_of("*?[\\") != std::string_view::npos; }

void sort_and_keep_each_once(std::vector<std::string>& texts) {
  std::sort(texts.begin(), texts.end());
  texts.erase(std::unique(texts.begin(), texts.end()), texts.end());
}

std::vector<std::string> folders_of_glob(const std::string& glob, FolderListings& listings) {
  std::string folder = folder_of_path(glob);
  if (!has_wildcard(folder)) return {std::move(folder)};
  return listings.matches_of(folder);
}

// All names that rotation gives begin with this.
std::string_view stem_of(std::string_view base) {
  const std::size_t dot = base.rfind('.');
  return dot == std::string_view::npos || dot == 0 ? base : base.substr(0, dot);
}

// Of a name that is a rotated one itself: what all its possible bases begin with.
std::string_view shortest_stem_of(std::string_view base) {
  return base.substr(0, std::min(base.find_first_of(".-_", 1), base.size()));
}

void add_like(const std::string& example, FolderListings& listings, std::vector<std::string>& paths) {
  const std::string glob = glob_of_names_like(example);
  const std::string name(name_of_path(glob));
  const std::string start = name.substr(0, std::min(name.find_first_of("*?["), name.size()));
  for (const std::string& folder : folders_of_glob(glob, listings)) {
    for (std::string& path : listings.of(folder).files_that_begin_with(start)) {
      if (is_named_like(path, example)) paths.push_back(std::move(path));
    }
  }
}

std::vector<std::string> examples_of(const RotatedPlaces& places) {
  std::vector<std::string> examples = places.like;
  if (name_of_path(places.base) == current_of_svlogd) {
    for (const char* name : names_by_svlogd) examples.push_back(folder_of_path(places.base) + "/" + name);
  }
  return examples;
}

using IsWanted = bool (*)(std::string_view name, std::string_view base);

std::vector<std::string> paths_named(const RotatedPlaces& places, std::string_view stem, IsWanted is_wanted,
                                     FolderListings& listings) {
  const std::string_view base = name_of_path(places.base);
  std::vector<std::string> paths;
  for (std::string& path : listings.of(folder_of_path(places.base)).files_that_begin_with(stem)) {
    if (is_wanted(name_of_path(path), base)) paths.push_back(std::move(path));
  }
  for (const std::string& glob : places.globs) {
    for (const std::string& folder : folders_of_glob(glob, listings)) {
      for (std::string& path : listings.of(folder).files_that_begin_with(stem)) {
        const std::string_view name = name_of_path(path);
        const bool is_name = name == base || plain_name_of(name) == base || is_wanted(name, base);
        if (is_name && matches_glob(path, glob)) paths.push_back(std::move(path));
      }
    }
  }
  for (const std::string& example : examples_of(places)) add_like(example, listings, paths);
  std::erase(paths, places.base);
  sort_and_keep_each_once(paths);
  return paths;
}

}  // namespace

std::vector<std::string> RotatedPlaces::paths_of_rotated(FolderListings& listings) const {
  return paths_named(*this, stem_of(name_of_path(base)), is_rotated_name, listings);
}

std::vector<std::string> RotatedPlaces::paths_of_later(FolderListings& listings) const {
  return paths_named(*this, shortest_stem_of(name_of_path(base)), is_later_name, listings);
}

std::vector<std::string> RotatedPlaces::folders(FolderListings& listings) const {
  std::vector<std::string> all{folder_of_path(base)};
  for (const std::string& glob : globs) {
    for (std::string& folder : folders_of_glob(glob, listings)) all.push_back(std::move(folder));
  }
  for (const std::string& example : like) {
    for (std::string& folder : folders_of_glob(glob_of_names_like(example), listings)) all.push_back(std::move(folder));
  }
  sort_and_keep_each_once(all);
  return all;
}

std::vector<std::string> RotatedPlaces::paths_of_inode(std::uint64_t inode, const std::string& last,
                                                       FolderListings& listings) const {
  std::vector<std::string> folders_to_search = folders(listings);
  folders_to_search.push_back(folder_of_path(last));
  sort_and_keep_each_once(folders_to_search);
  std::vector<std::string> paths;
  const auto search = [&](const std::string& folder) {
    for (std::string& path : listings.of(folder).files_with(inode)) paths.push_back(std::move(path));
  };
  for (const std::string& folder : folders_to_search) search(folder);
  if (!paths.empty()) return paths;
  std::size_t beside = 0;
  const std::string own = folder_of_path(base);
  std::vector<std::string> names;
  for (const FolderEntry& entry : listings.of(own).entries) {
    if (entry.is_folder && beside++ < most_folders_beside) names.push_back(own + "/" + entry.name);
  }
  for (const std::string& folder : names) search(folder);
  return paths;
}

bool RotatedPlaces::are_complete(FolderListings& listings) const {
  const auto all = folders(listings);
  return std::all_of(all.begin(), all.end(), [&](const auto& folder) { return listings.of(folder).is_complete; });
}

bool RotatedPlaces::are_current(FolderListings& listings) const {
  const auto all = folders(listings);
  return std::count_if(all.begin(), all.end(), [&](const auto& folder) { return !listings.is_current(folder); }) == 0;
}

void RotatedPlaces::refresh(FolderListings& listings) const {
  for (const std::string& folder : folders(listings)) listings.refresh(folder);
}

bool RotatedPlaces::is_news(const std::string& path) const {
  if (folder_of_path(path) == folder_of_path(base) && is_rotated_name(name_of_path(path), name_of_path(base))) {
    return false;
  }
  const auto examples = examples_of(*this);
  return std::none_of(examples.begin(), examples.end(),
                      [&](const std::string& example) { return is_named_like(path, example); });
}

}  // namespace triaged::sources
