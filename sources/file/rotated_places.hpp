// Where the rotated files of a followed one are searched, and by which names.
//
// The folder of the file itself, for names that rotating tools make of its name (rotated_name.hpp) and for those that
// its earlier generations have; folders that the source names in `rotated`; and places like the one in which a rotated
// file of it was seen before, so that one sight of "/var/log/old/app.log.1" or "@400000006928b0c50fd5b4d4.s" teaches
// where the next ones go. A file whose inode is known is searched in all these folders under any name, and in the
// folders that stand beside the followed file.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sources/file/folder_listing.hpp"

namespace triaged::sources {

struct RotatedPlaces {
  std::string base;                // the name that rotation starts from: the followed path, or what a link points at
  std::vector<std::string> globs;  // of the source's `rotated`
  std::vector<std::string> like;   // paths of rotated files that were seen

  /// What rotation may have made of `base`, by its names: candidates, of whatever file. Sorted.
  [[nodiscard]] std::vector<std::string> paths_of_rotated(FolderListings& listings) const;
  /// Likewise, and what `base` may be called after further rotations when it is a rotated name itself.
  [[nodiscard]] std::vector<std::string> paths_of_later(FolderListings& listings) const;
  /// Paths of the files with this inode number, wherever they may be. `last` is where the file was seen.
  [[nodiscard]] std::vector<std::string> paths_of_inode(std::uint64_t inode, const std::string& last,
                                                        FolderListings& listings) const;
  /// Where files are searched by name.
  [[nodiscard]] std::vector<std::string> folders(FolderListings& listings) const;
  /// Whether all folders could be read as a whole: if not, a file may have been missed.
  [[nodiscard]] bool are_complete(FolderListings& listings) const;
  /// Whether what was found, or not found, is what stands there now; if not, the next question looks anew.
  [[nodiscard]] bool are_current(FolderListings& listings) const;
  /// Lets the next question look anew.
  void refresh(FolderListings& listings) const;

  /// Whether this is a place that the others do not cover: worth remembering.
  [[nodiscard]] bool is_news(const std::string& path) const;
};

}  // namespace triaged::sources
