// The one table of known files: every file of every followed path, each as one generation of its path, by which a file
// is known again under whatever name it turns up; and what all paths share besides: one clock, one set of counts and
// messages, the listings of folders, and the order in which open files give up their descriptor when there are more
// files than may be open.
#pragma once

#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "sources/file/candidate.hpp"
#include "sources/file/file_follower.hpp"
#include "sources/file/file_identity.hpp"
#include "sources/file/folder_listing.hpp"
#include "sources/file/followed_file.hpp"
#include "sources/file/rotated_places.hpp"

namespace triaged::sources {

class FollowedPath;

/// By what a file shows that it was written to.
struct SizeAndTime {
  std::uint64_t size = 0;
  std::int64_t modified = 0;

  friend bool operator==(const SizeAndTime&, const SizeAndTime&) = default;
};
[[nodiscard]] inline SizeAndTime size_and_time_of(const FileStatus& status) { return {status.size, status.modified}; }

/// One file of a path. It is open, or closed: done, or waiting to be opened (again), because it may not be read or
/// because too many others are open.
struct Generation {
  FollowedPath* owner = nullptr;
  FilePlace place;                     // of a closed one; the place of an open one is in its file
  std::unique_ptr<FollowedFile> file;  // null: closed
  bool is_at_path = false;
  bool is_found = false;            // at a restart, under its old inode: not to be searched for
  bool was_never_opened = false;    // it stood at the path and could not be opened: only its inode is known
  bool is_blank = false;            // hardly anything of its text is known: what is read next may be another one's
  bool is_unchecked = false;        // nobody could look into it yet: it may hold the text of another one
  bool is_parked = false;           // it waits because too many others are open
  bool is_trouble_said = false;     // that it cannot be read, when it is not at the path
  Microseconds away_since{0};       // when it was first seen not to be at the path
  Microseconds read_at{0};          // when the last bytes came
  std::uint64_t seen_in_round = 0;  // the last rescan in which a followed name led to it
  std::int64_t searched_at = 0;     // of a waiting one: change of the folder when it was last searched and not found
  std::int64_t searched_when = 0;   // of a blank one: when it was last written, as files beside it were searched
  std::uint64_t seen_size = 0;      // of a parked one: bytes that were there when it was closed
  std::optional<std::uint64_t> end_when_begun;  // its size when following began, if it was there and never read
  SizeAndTime checked;                          // as it was when the text of a closed one was last compared
  std::list<Generation*>::iterator turn;        // in KnownFiles::open_files, when it is open

  [[nodiscard]] bool is_waiting() const { return !file && !place.done; }
  [[nodiscard]] FilePlace place_now() const { return file ? file->place() : place; }
  [[nodiscard]] SeenFile as_seen() const { return {place_now(), file ? file->descriptor() : -1}; }
  /// Where its file is now; empty when it is gone.
  [[nodiscard]] std::string path_now() const;
};

struct KnownFiles {
  FileFollowerOptions options;
  FollowCounts counts;
  std::vector<std::string> messages;
  FolderListings listings;
  Microseconds elapsed{0};   // since following began; never goes back
  std::uint64_t round = 0;   // of rescans
  bool is_beginning = true;  // the first round: a file that is there now was there when following began
  std::uint64_t descriptors_ended_in_round = 0;  // the last round in which the system had no descriptor left
  bool said_descriptors_ended = false;
  bool said_compressed = false;
  std::unordered_multimap<std::uint64_t, Generation*> by_inode;  // all generations of all paths
  std::multimap<std::string_view, FollowedPath*> by_name;        // each under its path, and under what that points at
  std::unordered_map<std::string, std::size_t> paths_in;         // how many are followed in a folder
  std::list<Generation*> open_files;                             // the one that gave nothing for longest comes first
  std::set<std::pair<std::size_t, std::size_t>> said_sources;    // pairs of them that match one file
  std::set<std::string> said_unlisted;                           // folders

  void say(std::string message);
  /// Says, once for each pair of sources, that both lead to one file.
  void say_sources(const std::string& path, std::size_t source, const std::string& read_as, std::size_t reader);

  /// Says, once for each folder, that rotated files are searched there and it may not be listed.
  void say_unlisted(const RotatedPlaces& places);

  void note_opened(Generation& generation);
  void note_closed(Generation& generation);
  /// It gave something: others give up their descriptor before it.
  void note_read(Generation& generation);

  /// The generation whose file is at `path` now, open or closed. Of a closed one the text is compared: its inode may
  /// have been given to another file. nullptr: nobody's.
  [[nodiscard]] Generation* owner_of(const std::string& path, const FileStatus& status);
  [[nodiscard]] bool is_open(const FileStatus& status) const;
};

}  // namespace triaged::sources
