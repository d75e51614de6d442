// One path that is being followed, through all the files that stand at it one after the other. At any time that is the
// file at the path now and, in front of it, rotated ones that still have something to give: a road of files, oldest
// first, read in that order. Marks stay of files that were read to their end, so that they are not taken for new ones
// when they turn up under another name.
//
// The cursor of a path has the place of each of its files, so it is complete at every moment: whichever batch was
// committed last, reading continues exactly behind it.
//
// A file may be closed although it is not done, because it may not be read or because too many others are open (it is
// parked). It waits: its place is kept, it is searched for when it was rotated away, and it is opened when that is
// possible.
#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sources/file/file_cursor.hpp"
#include "sources/file/known_files.hpp"
#include "sources/file/rotated_files.hpp"
#include "sources/file/rotated_places.hpp"

namespace triaged::sources {

class FollowedPath {
 public:
  /// `source` is its index. `known` must outlive it.
  FollowedPath(std::string path, std::size_t source, KnownFiles& known);
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
  /// A name that a rotated file may have has come or gone: the next look() searches for files that were not seen.
  void expect_rotation() { may_have_rotated_ = true; }

  /// A file that stood at the path is at `moved_to` now. When it was never seen it goes on the road. False when no file
  /// is there.
  bool take_moved(const std::string& moved_to);

  /// Something was written to one of its files.
  void look_closely();

  /// The next lines of the oldest file that has some. When the outcome is `lines`, the batch is complete.
  [[nodiscard]] FollowedFile::Outcome read(LineBatch& batch, TimePoint now);

  /// Does what is due: emits an unterminated line that has waited long enough (true: it is in `batch`, complete), or
  /// closes rotated files that were silent long enough.
  [[nodiscard]] bool settle(LineBatch& batch, TimePoint now);
  /// When, in elapsed time, settle() has something to do; Microseconds::max(): nothing in sight.
  [[nodiscard]] Microseconds settle_at() const;

  /// Closes one of its files for others, which keeps its place. False when it has to stay open.
  bool park(Generation& generation);

  /// Forgets files that are closed and not needed any more. REQUIRES: every path was looked at in this round.
  void prune();
  /// Nothing is left: no file at the path, none open, none remembered.
  [[nodiscard]] bool is_empty() const { return generations_.empty() && last_words_.empty(); }

  /// Whether `file` at `path` is a copy of one of this path's files, or is becoming one, and so nothing new. What a
  /// copy has beyond the place at which a closed file was left is read from it.
  [[nodiscard]] bool takes_as_copy(const std::string& path, int file, const FileStatus& status);

  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] std::size_t source() const { return source_; }
  /// What rotation starts from: path(), or what it points at when it is a symbolic link.
  [[nodiscard]] const std::string& base() const { return places_.base; }
  [[nodiscard]] bool has_rotated_files_open() const;
  /// Whether a cursor of this path was emitted or came from an earlier run, so that it must be forgotten at the end.
  [[nodiscard]] bool has_cursor() const { return has_cursor_; }
  /// Adds what stands now: open files, unread bytes, unreadable.
  void add_to(FollowCounts& counts) const;

 private:
  using Place = std::list<Generation>::iterator;

  Generation& insert(Place before, FilePlace place);
  Place place_of(Generation& generation);
  void open(Generation& generation, std::unique_ptr<FollowedFile> file);
  void erase(Place generation);
  void close(Generation& generation);

  // Waiting files and copies (followed_path_open.cpp).
  void insert_found(Place before, FoundFile found, bool is_unchecked = false);
  void recognize(Place at, int file, const FileStatus& status);
  int open_waiting(Place generation);
  int continue_in(Generation& generation, const std::string& path);
  bool is_worth_opening(const Generation& generation) const;
  bool has_news(const Generation& generation) const;
  void revisit_closed(std::int64_t changed);
  void revisit_waiting(Generation& generation, std::int64_t changed);
  void revisit_done(Generation& generation, bool may_have_moved);
  void note_marks(Generation& generation);
  void say_unreadable(Generation& generation, int why);

  // What stands at the path (followed_path_look.cpp).
  void look_at_path(std::int64_t changed);
  bool finds_own_file(const FileStatus& status, std::int64_t changed);
  void look_at_own(Place generation, const FileStatus& status);
  bool search_beside_blank(Place generation);
  void search_again(Place generation);
  void search_beside(Place generation, const FileStatus& status);
  void look_at_unopened(Place generation, const FileStatus& status, std::int64_t changed);
  void leave_path();
  void look_at_nothing();
  void take_up(const FileStatus& status, std::int64_t changed, std::optional<std::uint64_t> end_when_begun = {});
  void note_blank(const FileStatus& status);
  bool is_copy(int file, const FileStatus& status) const;
  void cannot_open(int why, const FileStatus& status);
  void begin_new_file(Descriptor file, const FileStatus& status, std::int64_t changed,
                      std::optional<std::uint64_t> end_when_begun);
  FilePlace place_to_begin(int file, const FileStatus& status, std::optional<std::uint64_t> end_when_begun);
  [[nodiscard]] bool is_first_look() const;
  void note_seen(Generation& seen) const;
  void set_trouble(int why);
  void set_trouble(std::string trouble, bool is_said);

  // Files that are not where they were left (followed_path_search.cpp).
  RotatedSearch search(IsFollowed is_followed) const;
  RotatedSearch search_for_nobodys() const;
  void take_found(Place generation, FoundFile found);
  void displace(const Generation& generation);
  bool give_up_missing(Generation& generation);
  bool insert_unseen(Place before, LastSeen last);
  LastSeen with_all_seen(LastSeen last) const;
  void add_to(LastSeen& last) const;
  std::optional<FoundFile> find_copy_now(const FilePlace& place);
  void start_anew(Place truncated, Descriptor file, const FilePlace& old);
  void start_anew(Place truncated);
  void give_up_rest(Generation& generation, const FilePlace& place);
  void set_base(std::string base);
  void learn_place(const std::string& path);
  void account_until(std::int64_t time);

  void give_up_reading(Generation& generation);
  bool is_named(const Generation& generation) const;
  bool may_go_on() const;
  bool is_due_to_close(const Generation& generation) const;
  bool is_tail_due(const Generation& generation) const;
  bool settle(Place generation, LineBatch& batch);
  void settle_waiting(Generation& generation);
  [[nodiscard]] bool begin_without_lines(LineBatch& batch, TimePoint now);
  void complete(LineBatch& batch, TimePoint now);
  Cursor cursor() const;

  const std::string path_;
  const std::size_t source_;
  KnownFiles& known_;
  RotatedPlaces places_;
  std::int64_t known_until_ = 0;       // as in FileCursor
  Unsure unsure_;                      // likewise
  std::int64_t blank_since_ = 0;       // likewise
  std::int64_t known_when_read_ = 0;   // what it becomes when the file at the path turns out to have its old text
  std::int64_t searched_at_ = 0;       // change of the folder when closed files were last searched under new names
  std::list<Generation> generations_;  // oldest first
  std::vector<Place> lost_;            // to be searched for
  std::vector<FileIdentity>
      displaced_;  // of files whose text was found elsewhere, since the last search for unseen ones
  std::optional<std::uint64_t> said_gone_in_round_;  // that a file is gone, in this rescan
  std::vector<LineBatch> last_words_;                // unterminated lines of files that were truncated
  std::string trouble_;  // why what is at the path cannot be read; empty: it can, or nothing is there
  bool said_trouble_ = false;
  bool reading_fails_ = false;     // that is the trouble: a look at the path does not end it
  bool may_have_rotated_ = false;  // since the last search for unseen files, or that one was not complete
  bool has_just_left_ = false;     // the file that stood at the path, in this look
  bool has_cursor_ = false;
  bool is_place_news_ = false;  // it began at the end of a file: a restart before the first line must know where
};

}  // namespace triaged::sources
