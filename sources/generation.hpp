// The files of the paths that a tailer follows, each as one generation of its path, and what all paths share: one
// clock, one set of counts and messages, and the register by which a file is known again under whatever name it turns
// up. That register is one for the tailers of all sources, so that a file which two of them reach is read once.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "sources/file_identity.hpp"
#include "sources/file_tailer.hpp"
#include "sources/followed_file.hpp"
#include "sources/rotated_files.hpp"

namespace triaged {

class FollowedPath;

/// One file of a path.
struct Generation {
  FollowedPath* owner = nullptr;
  FilePlace place;                     // of a closed one; an open one knows its own
  std::unique_ptr<FollowedFile> file;  // null: closed
  bool is_at_path = false;
  bool is_found = false;                          // at a restart, under its old inode: not to be searched for
  Microseconds away_since{0};                     // when it was first seen not to be at the path
  Microseconds read_at{0};                        // when the last bytes came
  std::uint64_t seen_in_round = 0;                // the last rescan in which a followed name led to it
  std::optional<Microseconds> seen_by_others_at;  // when last a name led to it that another source follows
  FileStatus checked;                             // as it was when the text of a closed one was last compared

  [[nodiscard]] FilePlace place_now() const { return file ? file->place() : place; }
  [[nodiscard]] SeenFile as_seen() const { return {place_now(), file ? file->descriptor() : -1}; }
  /// Where its file is now; empty when it is gone.
  [[nodiscard]] std::string path_now() const;
};

using FilesByInode = std::unordered_multimap<std::uint64_t, Generation*>;

struct SharedByPaths {
  FileTailerOptions options;
  FileTailerCounts counts;
  std::vector<std::string> messages;
  Microseconds elapsed{0};   // since following began; never goes back
  std::uint64_t round = 0;   // of rescans
  bool has_others = false;   // there are other sources
  bool is_beginning = true;  // the first round: a file that is there now was there when following began
  std::uint64_t descriptors_ended_in_round = 0;  // the last round in which the system had no descriptor left
  bool said_descriptors_ended = false;
  bool said_compressed = false;
  std::shared_ptr<FilesByInode> by_inode;  // all generations of all paths, also those of other sources
  std::unordered_multimap<std::string, FollowedPath*> by_name;  // each under its path, and under what that points at
  std::set<const SharedByPaths*> said_shared_with;              // other sources that have read a file of ours

  void say(std::string message);

  /// The generation whose file is at `path` now, open or closed. Of a closed one the text is compared: its inode may
  /// have been given to another file. nullptr: nobody's.
  [[nodiscard]] Generation* owner_of(const std::string& path, const FileStatus& status);
  [[nodiscard]] bool is_open(const FileStatus& status) const;
};

}  // namespace triaged
