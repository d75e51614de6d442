// What stands at the path now, and what that means: the file that was there, one that took its place, one of this or
// another path under a new name, a copy, or nothing that can be read.
#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include <fmt/format.h>

#include "sources/file/followed_path.hpp"
#include "sources/file/rotated_name.hpp"
#include "sources/path_parts.hpp"

namespace triaged::sources {

namespace {

bool is_missing(const std::error_code& failure) {
  return failure == std::errc::no_such_file_or_directory || failure == std::errc::not_a_directory;
}

}  // namespace

// The folder is checked before the path: a file that comes in between is younger than that.
void FollowedPath::look() {
  const std::int64_t changed = known_.listings.change_of(folder_of_path(base()));
  revisit_closed(changed);
  look_at_path(changed);
  if (std::exchange(has_just_left_, false)) revisit_closed(changed);
}

void FollowedPath::look_at_path(std::int64_t changed) {
  std::error_code failure;
  const FileStatus status = status_of(path_, failure);
  if (failure && !is_missing(failure)) return set_trouble(failure.message(), true);
  if (failure || !status.is_regular) return look_at_nothing();
  if (finds_own_file(status, changed)) return;
  Generation* owner = known_.owner_of(path_, status);
  if (owner == nullptr) return take_up(status, changed);
  note_seen(*owner);
  const bool is_own = owner->owner == this;
  if (!owner->file && owner->place.done && (is_own || status.size > owner->place.reach())) {
    if (const int why = owner->owner->continue_in(*owner, path_); why != 0) return cannot_open(why, status);
  }
  set_trouble("", false);
  if (!is_own || !finds_own_file(status, changed)) leave_path();
}

/// A followed name leads to a file that is known: one of this source, or of another.
void FollowedPath::note_seen(Generation& seen) const {
  seen.seen_in_round = known_.round;
  const FollowedPath& reader = *seen.owner;
  if (reader.source_ != source_) known_.say_sources(path_, source_, reader.path_, reader.source_);
}

bool FollowedPath::finds_own_file(const FileStatus& status, std::int64_t changed) {
  const auto at = std::find_if(generations_.begin(), generations_.end(), [&](const Generation& generation) {
    const bool is_followed = generation.file ? generation.file->descriptor() >= 0 : generation.is_waiting();
    return is_followed && is_same_inode(generation.place.file, status);
  });
  if (at == generations_.end()) return false;
  if (!at->is_at_path) leave_path();
  at->is_at_path = true;
  at->seen_in_round = known_.round;
  // Only reading shows whether its text is still the one that was read; until then, files may have come unseen.
  known_when_read_ = std::max(changed, status.modified);
  if (!at->file) at->place.path = path_;
  if (at->was_never_opened) {
    look_at_unopened(at, status, changed);
  } else {
    look_at_own(at, status);
  }
  return true;
}

void FollowedPath::look_at_own(Place at, const FileStatus& status) {
  if (at->is_waiting()) note_marks(*at);
  if (at->is_waiting() && is_worth_opening(*at)) {
    if (const int why = open_waiting(at); why != 0) return set_trouble(why);
  }
  if (!reading_fails_) set_trouble("", false);
  if (at->file && status.size < at->file->place().reach()) start_anew(at);
  if (!at->file) return;
  if (at->is_blank) {
    (void)search_beside_blank(at);
  } else if (std::exchange(may_have_rotated_, false) && unsure_.is_open()) {
    search_again(at);
  }
}

// A file of which hardly any text is known may have been filled, copied, truncated and filled with what begins like it
// meanwhile: only the copies show that. An unfinished copy is found later, when the file is truncated, which changes
// its time. True when files were found.
bool FollowedPath::search_beside_blank(Place at) {
  std::error_code failure;
  const FileStatus status = status_of(at->file->descriptor(), failure);
  if (failure || (!may_have_rotated_ && status.modified == at->searched_when)) return false;
  at->file->note_head();  // should it be truncated before it is read, a copy is known by that
  at->searched_when = status.modified;
  const std::size_t before = generations_.size();
  search_beside(at, status);
  note_blank(status);
  return generations_.size() != before;
}

// When this one was found, a folder could not be listed completely.
void FollowedPath::search_again(Place at) {
  if (places_.are_complete(known_.listings)) {
    std::error_code failure;
    return search_beside(at, status_of(at->file->descriptor(), failure));
  }
  known_.say_unlisted(places_);
  may_have_rotated_ = true;
}

void FollowedPath::search_beside(Place at, const FileStatus& status) {
  const std::string last_path = at == generations_.begin() ? std::string() : std::prev(at)->path_now();
  may_have_rotated_ =
      !insert_unseen(at, {.path = last_path, .at_path = at->file->descriptor(), .status_at_path = status});
}

// If it can be opened now, it is treated as any new file.
void FollowedPath::look_at_unopened(Place at, const FileStatus& status, std::int64_t changed) {
  if (!open_to_read(path_).is_open()) {
    set_trouble(errno);
    return note_marks(*at);
  }
  const auto end_when_begun = at->end_when_begun;
  erase(at);
  take_up(status, changed, end_when_begun);
}

void FollowedPath::leave_path() {
  for (Generation& generation : generations_) {
    if (!generation.is_at_path) continue;
    generation.is_at_path = false;
    generation.away_since = known_.elapsed;
    may_have_rotated_ = has_just_left_ = true;
  }
}

// No file is at the path: rotation does not always create the next one, and files that came since may have been moved
// away again.
void FollowedPath::look_at_nothing() {
  set_trouble("", false);
  leave_path();
  if (!may_have_rotated_ || generations_.empty()) return;
  learn_place(generations_.back().path_now());
  may_have_rotated_ = !insert_unseen(generations_.end(), {.path = generations_.back().path_now()});
}

void FollowedPath::take_up(const FileStatus& status, std::int64_t changed,
                           std::optional<std::uint64_t> end_when_begun) {
  Descriptor file = open_to_read(path_);
  if (!file.is_open()) return cannot_open(errno, status);
  set_trouble("", false);
  std::error_code failure;
  const FileStatus opened = status_of(file.get(), failure);
  if (failure || !opened.is_regular) return leave_path();
  if (compression_of(bytes_at(file.get(), 0, recognised_bytes)) != Compression::none) {
    leave_path();
    if (std::exchange(known_.said_compressed, true)) return;
    return known_.say(path_ + " is compressed; compressed files are not followed (triaged scan reads them)");
  }
  if (is_copy(file.get(), opened)) return leave_path();
  begin_new_file(std::move(file), opened, changed, end_when_begun);
}

bool FollowedPath::take_moved(const std::string& moved_to) {
  const auto candidate = open_candidate(moved_to);
  if (!candidate) return false;
  if (known_.owner_of(moved_to, candidate->status) != nullptr) return true;
  if (candidate->compression != Compression::none) return true;
  if (candidate->file.is_open() && is_copy(candidate->file.get(), candidate->status)) return true;
  ++known_.counts.rotations;
  leave_path();
  insert_found(generations_.end(), found_in(*candidate, beginning_of(candidate->status)));
  return true;
}

bool FollowedPath::is_copy(int file, const FileStatus& status) const {
  for (const std::string& base : possible_bases(name_of_path(path_))) {
    const auto [begin, end] = known_.by_name.equal_range(folder_of_path(path_) + "/" + base);
    for (auto at = begin; at != end; ++at) {
      if (at->second != this && at->second->takes_as_copy(path_, file, status)) return true;
    }
  }
  return false;
}

// Its inode is remembered, so that it is found once it can be read, perhaps under another name. A compressed file is
// not followed: it belongs to the path that it was rotated from.
void FollowedPath::cannot_open(int why, const FileStatus& status) {
  leave_path();
  set_trouble(why);
  if (plain_name_of(name_of_path(path_))) return;
  if (known_.owner_of(path_, status) != nullptr) return;
  const bool was_there = is_first_look();
  FilePlace place = beginning_of(status);
  place.path = path_;
  place.unread = status.size;
  Generation& generation = insert(generations_.end(), std::move(place));
  generation.was_never_opened = true;
  generation.is_at_path = true;
  generation.seen_in_round = known_.round;
  if (was_there) generation.end_when_begun = status.size;
}

void FollowedPath::begin_new_file(Descriptor file, const FileStatus& status, std::int64_t changed,
                                  std::optional<std::uint64_t> end_when_begun) {
  leave_path();
  FilePlace place = place_to_begin(file.get(), status, end_when_begun);
  grow_head(place.file, file.get(), status.size);  // should it be truncated from now on, a copy is known by that
  std::error_code failure;
  const auto real_path = std::filesystem::canonical(path_, failure);
  const std::string next = failure ? path_ : real_path.string();
  if (generations_.empty() && !has_cursor_) {
    may_have_rotated_ = false;
  } else {
    std::string last_path;  // empty: an earlier run saw nothing but this file, without a line
    if (!generations_.empty()) {
      ++known_.counts.rotations;
      last_path = generations_.back().path_now();
      learn_place(last_path);
    }
    may_have_rotated_ = !insert_unseen(
        generations_.end(), {.path = last_path, .next = next, .at_path = file.get(), .status_at_path = status});
  }
  if (next != base()) changed = known_.listings.change_of(folder_of_path(next));
  set_base(next);
  if (!may_have_rotated_) account_until(std::max(changed, status.modified));
  known_when_read_ = 0;
  place.path = base();
  Generation& generation = insert(generations_.end(), std::move(place));
  open(generation, follow_plain(std::move(file), generation.place, known_.options));
  generation.is_at_path = true;
  generation.seen_in_round = known_.round;
  generation.searched_when = status.modified;
  note_blank(status);
}

// After the search for files that came before it.
void FollowedPath::note_blank(const FileStatus& status) {
  if (!may_have_rotated_) blank_since_ = status.size == 0 ? status.modified : 0;
}

FilePlace FollowedPath::place_to_begin(int file, const FileStatus& status,
                                       std::optional<std::uint64_t> end_when_begun) {
  if (!end_when_begun && is_first_look()) end_when_begun = status.size;
  if (end_when_begun && known_.options.sources[source_].start == StartAt::end) {
    is_place_news_ = true;
    return place_at_end(file, status, *end_when_begun, known_.options.longest_line);
  }
  FilePlace place = beginning_of(status);
  if (!known_.options.has_lost_cursors) place.followed_from = end_when_begun.value_or(0);
  return place;
}

// What stands at the path was there when following began, and nothing of the path was read before.
bool FollowedPath::is_first_look() const { return known_.is_beginning && !has_cursor_ && generations_.empty(); }

bool FollowedPath::takes_as_copy(const std::string& path, int file, const FileStatus& status) {
  if (generations_.empty()) return false;
  if (status.size == 0) return true;  // a copy begins as an empty file; an empty file has no lines
  for (Generation& generation : generations_) {
    const SeenFile seen = generation.as_seen();
    if (seen.place.file.head_length == 0 || !is_copy_of(seen, path, file, status)) continue;
    generation.seen_in_round = known_.round;
    if (!generation.file && generation.place.done && status.size > seen.place.reach()) {
      (void)continue_in(generation, path);
    }
    return true;
  }
  return false;
}

void FollowedPath::set_trouble(int why) {
  if (why == ENOENT) return;
  if (why != EMFILE && why != ENFILE) return set_trouble(std::strerror(why), true);
  known_.descriptors_ended_in_round = known_.round;
  set_trouble("too many open files; raise the limit (LimitNOFILE in systemd)",
              !std::exchange(known_.said_descriptors_ended, true));
}

void FollowedPath::set_trouble(std::string trouble, bool is_said) {
  if (trouble == trouble_) return;
  if (trouble.empty() && said_trouble_) known_.say(path_ + " can be read now");
  said_trouble_ = !trouble.empty() && is_said;
  if (said_trouble_) known_.say(fmt::format("cannot read {}: {} (will try again)", path_, trouble));
  trouble_ = std::move(trouble);
}

}  // namespace triaged::sources
