// One path that is being followed, through all the files that stand at it one after the other. At any time that is the
// file at the path now and, in front of it, rotated ones that still have something to give: a road of files, oldest
// first, read in that order. Marks stay of files that were read to their end, so that they are not taken for new ones
// when they turn up under another name.
//
// The cursor of a path tells where each of its files stands, so it is whole at every moment: whichever batch was the
// last one to be committed, reading goes on exactly behind it.
#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sources/file_cursor.hpp"
#include "sources/generation.hpp"
#include "sources/rotated_files.hpp"

namespace triaged {

class FollowedPath {
 public:
  /// `shared` must outlive it.
  FollowedPath(std::string path, SharedByPaths& shared);
  ~FollowedPath();
  FollowedPath(const FollowedPath&) = delete;
  FollowedPath& operator=(const FollowedPath&) = delete;

  /// Takes up where an earlier run stopped: finds the files again that are what they were, under whatever name.
  void restore(const FileCursor& cursor);
  /// After all paths were restored: adds the files that were not found.
  void add_missing(std::vector<Generation*>& missing);
  /// Searches for a copy of one of them, or says that it is gone.
  void search_for(Generation& missing);
  /// After that: searches for files that were empty when they were last seen, and so have no marks, among those that
  /// are nobody's.
  void search_for_lost();

  /// Looks at what stands at the path now.
  void look();

  /// Something was written to one of its files.
  void look_closely();

  /// The next lines of the oldest file that has some. When the outcome is `lines`, the batch is complete.
  [[nodiscard]] FollowedFile::Outcome read(LineBatch& batch, TimePoint now);

  /// Does what waiting is over for: gives out an unterminated line (true: it is in `batch`, complete) or closes rotated
  /// files that were given their time.
  [[nodiscard]] bool settle(LineBatch& batch, TimePoint now);
  /// When, in elapsed time, settle() has something to do; Microseconds::max(): nothing in sight.
  [[nodiscard]] Microseconds settle_at() const;

  /// Forgets files that are closed and not needed any more. REQUIRES: every path was looked at in this round.
  void prune();
  /// Nothing is left: no file at the path, none open, none remembered.
  [[nodiscard]] bool is_empty() const { return generations_.empty() && last_words_.empty(); }

  /// Whether `file` at `path` is a copy of one of this path's files, or is becoming one, and so nothing new. What a
  /// copy has beyond the place at which a closed file was left is read from it.
  [[nodiscard]] bool takes_as_copy(const std::string& path, int file, const FileStatus& status);

  [[nodiscard]] const std::string& path() const { return path_; }
  /// What rotation starts from: path(), or what it points at when it is a symbolic link.
  [[nodiscard]] const std::string& base() const { return base_; }
  [[nodiscard]] bool has_rotated_files_open() const;
  /// Whether a cursor of this path was given out or came from an earlier run: one day it must be forgotten.
  [[nodiscard]] bool has_cursor() const { return has_cursor_; }
  /// Adds what stands now: open files, unread bytes, unreadable.
  void add_to(FileTailerCounts& counts) const;

 private:
  using Place = std::list<Generation>::iterator;

  Generation& insert(Place before, FilePlace place, std::unique_ptr<FollowedFile> file);
  Generation& insert_open(Place before, std::unique_ptr<FollowedFile> file);
  Generation& insert_found(Place before, FoundFile found);
  void erase(Place generation);
  void close(Generation& generation);
  int reopen(Generation& generation, const std::string& path);
  void reopen_grown(std::int64_t folder_changed);

  void take_found(Place generation, FoundFile found);
  void give_up_missing(Generation& generation);
  bool finds_own_file(const FileStatus& status, std::int64_t folder_changed);
  void leave_path();
  void take_up(const FileStatus& status);
  bool is_copy(int file, const FileStatus& status) const;
  void set_base(std::string base);
  void begin_new_file(FileDescriptor file, const FileStatus& status);
  FilePlace place_to_begin(int file, const FileStatus& status);
  void insert_unseen(Place before, const std::string& last_path, const FileStatus& newest, const std::string& next);
  void add_to(LastSeen& last) const;
  void start_anew(Place truncated);
  void give_up_rest(FollowedFile& file, const FilePlace& place);
  void cannot_open(int why, const FileStatus& status);
  void set_trouble(std::string trouble, bool is_said);

  void give_up_reading(Generation& generation);
  bool is_named(const Generation& generation) const;
  void note_seen(Generation& seen) const;
  bool is_due_to_close(const Generation& generation) const;
  bool is_tail_due(const Generation& generation) const;
  void complete(LineBatch& batch, TimePoint now);
  Cursor cursor() const;

  const std::string path_;
  SharedByPaths& shared_;
  std::string base_;
  std::int64_t folder_changed_ = 0;    // when the folder of base_ had last changed as a file was seen at the path
  std::int64_t searched_at_ = 0;       // likewise, when closed files were last searched under new names
  std::list<Generation> generations_;  // oldest first
  std::vector<Place> lost_;            // to be searched for
  std::vector<LineBatch> last_words_;  // unterminated lines of files that were truncated
  std::optional<std::uint64_t> end_when_begun_;  // size of a file that could not be opened when following began
  std::string trouble_;  // why what is at the path cannot be read; empty: it can, or nothing is there
  bool said_trouble_ = false;
  bool reading_fails_ = false;  // that is the trouble: a look at the path does not end it
  bool has_cursor_ = false;
};

}  // namespace triaged
