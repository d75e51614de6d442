#include "sources/file/folder_listing.hpp"

#include <algorithm>
#include <cerrno>
#include <ctime>
#include <memory>

#include <dirent.h>

#include "sources/file/file_identity.hpp"
#include "sources/file/glob.hpp"

namespace triaged::sources {

namespace {

struct CloseFolder {
  void operator()(DIR* folder) const noexcept { ::closedir(folder); }
};

bool is_before(const FolderEntry& entry, std::string_view name) { return entry.name < name; }

std::int64_t ask_change_of(const std::string& folder) {
  std::error_code failure;
  return status_of(folder.empty() ? "/" : folder, failure).modified;
}

FolderListing read_once(const std::string& folder) {
  FolderListing listing{.folder = folder,
                        .changed = ask_change_of(folder),
                        .is_complete = true,
                        .failure = 0,
                        .entries = {},
                        .by_inode = {}};
  const std::unique_ptr<DIR, CloseFolder> open(::opendir(folder.empty() ? "/" : folder.c_str()));
  if (!open) {
    listing.is_complete = errno == ENOENT || errno == ENOTDIR;
    listing.failure = listing.is_complete ? 0 : errno;
    return listing;
  }
  while (const dirent* entry = ::readdir(open.get())) {
    const std::string_view name = entry->d_name;
    const bool is_folder = entry->d_type == DT_DIR;
    if (name == "." || name == ".." || !(is_folder || entry->d_type == DT_REG || entry->d_type == DT_UNKNOWN)) continue;
    listing.entries.push_back({std::string(name), entry->d_ino, is_folder});
  }
  return listing;
}

// A file that is renamed while its folder is read may be missed under both names.
FolderListing read_folder(const std::string& folder) {
  FolderListing listing = read_once(folder);
  constexpr int tries = 3;
  for (int i = 1; i < tries && listing.is_complete && ask_change_of(folder) != listing.changed; ++i) {
    listing = read_once(folder);
  }
  listing.is_complete = listing.is_complete && ask_change_of(folder) == listing.changed;
  std::sort(listing.entries.begin(), listing.entries.end(),
            [](const FolderEntry& a, const FolderEntry& b) { return a.name < b.name; });
  for (std::size_t i = 0; i < listing.entries.size(); ++i) {
    if (!listing.entries[i].is_folder) listing.by_inode.emplace(listing.entries[i].inode, i);
  }
  return listing;
}

bool has_just_changed(const FolderListing& listing) {
  constexpr std::int64_t tick = 20'000'000;  // of the clock that file systems use, generously
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  return listing.changed + tick >= now.tv_sec * 1'000'000'000 + now.tv_nsec;
}

}  // namespace

std::vector<std::string> FolderListing::files_that_begin_with(std::string_view start) const {
  std::vector<std::string> paths;
  auto at = std::lower_bound(entries.begin(), entries.end(), start, is_before);
  for (; at != entries.end() && at->name.starts_with(start); ++at) {
    if (!at->is_folder) paths.push_back(folder + "/" + at->name);
  }
  return paths;
}

std::vector<std::string> FolderListing::files_with(std::uint64_t inode) const {
  std::vector<std::string> paths;
  const auto [begin, end] = by_inode.equal_range(inode);
  for (auto at = begin; at != end; ++at) paths.push_back(folder + "/" + entries[at->second].name);
  std::sort(paths.begin(), paths.end());
  return paths;
}

const FolderListing& FolderListings::of(const std::string& folder) {
  const auto found = listings_.find(folder);
  if (found != listings_.end()) return found->second;
  return listings_.emplace(folder, read_folder(folder)).first->second;
}

// Two changes within one tick of the file system's clock look like one.
bool FolderListings::is_current(const std::string& folder) {
  const auto found = listings_.find(folder);
  if (found == listings_.end()) return true;
  FolderListing& listing = found->second;
  if (!has_just_changed(listing) && ask_change_of(folder) == listing.changed) return true;
  FolderListing now = read_folder(folder);
  const bool is_same = now.is_complete == listing.is_complete && now.entries == listing.entries;
  listing = std::move(now);
  return is_same;
}

std::int64_t FolderListings::change_of(const std::string& folder) {
  const auto [at, is_new] = changes_.try_emplace(folder);
  if (is_new) at->second = ask_change_of(folder);
  return at->second;
}

const std::vector<std::string>& FolderListings::matches_of(const std::string& glob) {
  const auto found = matches_.find(glob);
  if (found != matches_.end()) return found->second;
  return matches_.emplace(glob, match_globs({glob}).paths).first->second;
}

void FolderListings::refresh(const std::string& folder) {
  listings_.erase(folder);
  changes_.erase(folder);
}

void FolderListings::forget() {
  listings_.clear();
  changes_.clear();
  matches_.clear();
}

}  // namespace triaged::sources
