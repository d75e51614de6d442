// Listings of folders, each read once for all searches in it.
//
// Rotated files are searched for every path that was rotated; with thousands of paths in one folder, reading the
// folder for each of them would cost the square of their number. A listing is kept until forget(), which the follower
// calls between two passes, or until a caller finds that it is out of date and refreshes it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace triaged::sources {

struct FolderEntry {
  std::string name;
  std::uint64_t inode = 0;
  bool is_folder = false;

  friend bool operator==(const FolderEntry&, const FolderEntry&) = default;
};

struct FolderListing {
  std::string folder;
  /// When the folder last changed, asked before it was read: what came later may be missing here. 0: not known.
  std::int64_t changed = 0;
  /// False: it may not be listed, or changed all the while, so that a file may be missing. True when there is none.
  bool is_complete = false;
  int failure = 0;                                               // why it may not be listed (errno)
  std::vector<FolderEntry> entries;                              // regular files (perhaps) and folders, sorted by name
  std::unordered_multimap<std::uint64_t, std::size_t> by_inode;  // indexes of entries

  /// Paths of the files whose names begin with `start`.
  [[nodiscard]] std::vector<std::string> files_that_begin_with(std::string_view start) const;
  /// Paths of the files with this inode number.
  [[nodiscard]] std::vector<std::string> files_with(std::uint64_t inode) const;
};

class FolderListings {
 public:
  /// As it was at some time since forget(). Valid until forget(), refresh() or is_current().
  [[nodiscard]] const FolderListing& of(const std::string& folder);
  /// Whether of() still tells what stands there; if not, it does from now on. True when nobody asked of() yet.
  [[nodiscard]] bool is_current(const std::string& folder);
  /// When a folder last changed, 0 when that is not known; asked once in a pass.
  [[nodiscard]] std::int64_t change_of(const std::string& folder);
  /// What a glob leads to, asked once in a pass.
  [[nodiscard]] const std::vector<std::string>& matches_of(const std::string& glob);
  void refresh(const std::string& folder);
  void forget();

 private:
  std::map<std::string, FolderListing> listings_;
  std::map<std::string, std::int64_t> changes_;
  std::map<std::string, std::vector<std::string>> matches_;
};

}  // namespace triaged::sources
