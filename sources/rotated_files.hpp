// Finds the files that rotation made of a followed one: where a file is now that was read up to some place (renamed,
// copied, compressed, all while nobody looked), and which files came and went between two looks at a path.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sources/followed_file.hpp"

namespace triaged {

struct FoundFile {
  std::string path;
  FileStatus status;
  std::unique_ptr<FollowedFile> file;  // stands where it is to be read from
  bool has_more = true;                // than what was read; true when that cannot be told without unpacking it
};

/// Whether the file at a path (and what the system says of it) is followed already and must not be found.
using IsFollowed = std::function<bool(const std::string& path, const FileStatus&)>;

// `base` is in all of these the name that rotation starts from: the path that is followed, or, when that is a symbolic
// link, what it points at.

/// The file that was read up to `place`: first by its inode, wherever in the folder it is, then by its text, at `base`
/// itself or in a rotated (perhaps compressed) copy. nullopt when it is gone.
[[nodiscard]] std::optional<FoundFile> find_file(const FilePlace& place, const std::string& base,
                                                 const IsFollowed& is_followed, const FileTailerOptions& options);

/// Where the file of `place` itself is now; empty when it is gone.
[[nodiscard]] std::string where_now(const FilePlace& place, const std::string& base);

/// Only a copy of the text: for a file that was truncated where it stands.
[[nodiscard]] std::optional<FoundFile> find_copy(const FilePlace& place, const std::string& base,
                                                 const IsFollowed& is_followed, const FileTailerOptions& options);

/// What is known about the youngest file of a path that was seen there.
struct LastSeen {
  std::string path;                 // where that file is now, under which name rotation may have put it; empty: gone
  std::string next;                 // what a symbolic link points at instead; empty: not known
  std::int64_t folder_changed = 0;  // when its folder had last changed as it was seen at the path
  // Files of this path of which copies are not unseen:
  std::vector<FilePlace> places;  // all, as far as they were read
  std::vector<int> open_files;    // those that are open
};

/// Files of `base` that are younger than the last one seen there and were never seen themselves, oldest first. They are
/// read from their beginning.
[[nodiscard]] std::vector<FoundFile> find_unseen(const std::string& base, const LastSeen& last,
                                                 const IsFollowed& is_followed, const FileTailerOptions& options);

}  // namespace triaged
