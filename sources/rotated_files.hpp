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

/// The file that was read up to `place`, by its inode, wherever in the folder it is.
[[nodiscard]] std::optional<FoundFile> find_file(const FilePlace& place, const std::string& base,
                                                 const IsFollowed& is_followed, const FileTailerOptions& options);

/// When it is not to be found: one with its text, in a rotated (perhaps compressed) copy or, when it was not done, at
/// `base` itself.
[[nodiscard]] std::optional<FoundFile> find_text(const FilePlace& place, const std::string& base,
                                                 const IsFollowed& is_followed, const FileTailerOptions& options);

/// Where the file of `place` itself is now; empty when it is gone.
[[nodiscard]] std::string where_now(const FilePlace& place, const std::string& base);

/// Only a copy of the text: for a file that was truncated where it stands.
[[nodiscard]] std::optional<FoundFile> find_copy(const FilePlace& place, const std::string& base,
                                                 const IsFollowed& is_followed, const FileTailerOptions& options);

struct SeenFile {
  FilePlace place;
  int descriptor = -1;  // when it is open
};

/// Whether `file` is a copy of `seen`, or is becoming one. As long as `seen` itself stands there with the text that was
/// read, a copy has no more than that: another file with the same header is told by having more.
[[nodiscard]] bool is_copy_of(const SeenFile& seen, const std::string& path, int file, const FileStatus& status);

/// What is known about the youngest file of a path that was seen there.
struct LastSeen {
  std::string path;                 // where that file is now, under which name rotation may have put it; empty: gone
  std::string next;                 // what a symbolic link points at instead; empty: not known
  std::int64_t folder_changed = 0;  // when its folder had last changed as it was seen at the path
  std::vector<SeenFile> files;      // of this path: copies of them are not unseen
};

/// Files of `base` that are younger than the last one seen there and were never seen themselves, oldest first. They are
/// read from their beginning.
[[nodiscard]] std::vector<FoundFile> find_unseen(const std::string& base, const LastSeen& last,
                                                 const IsFollowed& is_followed, const FileTailerOptions& options);

}  // namespace triaged
