// What stands at the path now, and what that means: the file that was there, one that took its place, one of this or
// another path under a new name, a copy, or nothing that can be read.
#include <algorithm>
#include <cerrno>
#include <cstring>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "sources/followed_path.hpp"
#include "sources/path_parts.hpp"
#include "sources/rotated_name.hpp"

namespace triaged {

namespace {

bool is_missing(const std::error_code& failure) {
  return failure == std::errc::no_such_file_or_directory || failure == std::errc::not_a_directory;
}

}  // namespace

void FollowedPath::look() {
  const std::int64_t folder_changed = change_of_folder(base_);
  reopen_grown(folder_changed);
  std::error_code failure;
  const FileStatus status = status_of(path_, failure);
  if (failure && !is_missing(failure)) return set_trouble(failure.message(), true);
  if (failure || !status.is_regular) {
    set_trouble("", false);
    return leave_path();
  }
  if (finds_own_file(status, folder_changed)) return reading_fails_ ? void() : set_trouble("", false);
  Generation* owner = shared_.owner_of(path_, status);
  if (owner == nullptr) return take_up(status);
  note_seen(*owner);
  const bool is_own = owner->owner == this;
  if (!owner->file && (is_own || status.size > owner->place.reach())) {
    if (const int why = owner->owner->reopen(*owner, path_); why != 0) return cannot_open(why, status);
  }
  set_trouble("", false);
  if (!is_own || !finds_own_file(status, folder_changed)) leave_path();
}

/// A followed name leads to a file that is known: one of this source, or of another.
void FollowedPath::note_seen(Generation& seen) const {
  const FollowedPath& reader = *seen.owner;
  if (&reader.shared_ == &shared_) {
    seen.seen_in_round = shared_.round;
    return;
  }
  seen.seen_by_others_at = shared_.elapsed;
  if (!shared_.said_shared_with.insert(&reader.shared_).second) return;
  shared_.say(fmt::format(
      "two sources reach one file: {} is {}, which the source of '{}' reads; the source of '{}' leaves it "
      "and others like it out: name each file in one source only",
      path_, reader.path_, fmt::join(reader.shared_.options.globs, "', '"), fmt::join(shared_.options.globs, "', '")));
}

bool FollowedPath::finds_own_file(const FileStatus& status, std::int64_t folder_changed) {
  for (auto at = generations_.begin(); at != generations_.end(); ++at) {
    if (!at->file || at->file->descriptor() < 0 || !is_same_inode(at->place.file, status)) continue;
    if (!at->is_at_path) leave_path();
    at->is_at_path = true;
    at->seen_in_round = shared_.round;
    folder_changed_ = folder_changed;
    if (status.size < at->file->place().reach()) start_anew(at);
    return true;
  }
  return false;
}

void FollowedPath::leave_path() {
  for (Generation& generation : generations_) {
    if (!generation.is_at_path) continue;
    generation.is_at_path = false;
    generation.away_since = shared_.elapsed;
  }
}

void FollowedPath::take_up(const FileStatus& status) {
  FileDescriptor file = open_to_read(path_);
  if (!file.is_open()) return cannot_open(errno, status);
  set_trouble("", false);
  std::error_code failure;
  const FileStatus opened = status_of(file.number(), failure);
  if (failure || !opened.is_regular) return leave_path();
  if (compression_of(bytes_at(file.number(), 0, 4)) != Compression::none) {
    leave_path();
    if (std::exchange(shared_.said_compressed, true)) return;
    return shared_.say(path_ + " is compressed: it is not followed, nor are others like it (triaged scan reads them)");
  }
  if (is_copy(file.number(), opened)) return leave_path();
  begin_new_file(std::move(file), opened);
}

bool FollowedPath::is_copy(int file, const FileStatus& status) const {
  for (const std::string& base : possible_bases(name_of_path(path_))) {
    const auto [begin, end] = shared_.by_name.equal_range(folder_of_path(path_) + "/" + base);
    for (auto at = begin; at != end; ++at) {
      if (at->second != this && at->second->takes_as_copy(path_, file, status)) return true;
    }
  }
  return false;
}

void FollowedPath::cannot_open(int why, const FileStatus& status) {
  leave_path();
  const bool at_beginning = shared_.is_beginning && shared_.options.start == StartAt::end && !has_cursor_;
  if (at_beginning) end_when_begun_ = status.size;
  if (why != EMFILE && why != ENFILE) return set_trouble(std::strerror(why), true);
  shared_.descriptors_ended_in_round = shared_.round;
  set_trouble("too many open files; raise the limit (LimitNOFILE in systemd)",
              !std::exchange(shared_.said_descriptors_ended, true));
}

void FollowedPath::begin_new_file(FileDescriptor file, const FileStatus& status) {
  leave_path();
  FilePlace place = place_to_begin(file.number(), status);
  std::error_code failure;
  const auto real_path = std::filesystem::canonical(path_, failure);
  const std::string next = failure ? path_ : real_path.string();
  const std::int64_t folder_changed = change_of_folder(next);  // what comes after this is not among the unseen
  if (!generations_.empty()) {
    ++shared_.counts.rotations;
    insert_unseen(generations_.end(), generations_.back().path_now(), status, next);
  }
  set_base(next);
  place.path = base_;
  folder_changed_ = folder_changed;
  Generation& generation =
      insert_open(generations_.end(), follow_plain(std::move(file), std::move(place), shared_.options));
  generation.is_at_path = true;
  generation.seen_in_round = shared_.round;
}

FilePlace FollowedPath::place_to_begin(int file, const FileStatus& status) {
  const bool at_end = shared_.options.start == StartAt::end && !has_cursor_ && generations_.empty() &&
                      (shared_.is_beginning || end_when_begun_);
  const std::uint64_t size = end_when_begun_.value_or(status.size);
  end_when_begun_.reset();
  if (at_end) return place_at_end(file, status, size, shared_.options.longest_line);
  return beginning_of(status);
}

// A program that was not told of the rotation goes on writing to the old file, sometimes for hours, while further
// rotations give it further names.
void FollowedPath::reopen_grown(std::int64_t folder_changed) {
  const bool may_have_moved = folder_changed != searched_at_;
  searched_at_ = folder_changed;
  for (auto at = generations_.begin(); at != generations_.end();) {
    Generation& generation = *at++;
    if (generation.file || generation.place.path.empty()) continue;
    if (may_have_moved && generation.place.done) generation.place.path = where_now(generation.place, base_);
    const std::string path = generation.place.path;
    std::error_code failure;
    const FileStatus status = status_of(path, failure);
    const bool has_grown = !failure && status.size > generation.place.reach() && !shared_.is_open(status);
    if (has_grown && shared_.owner_of(path, status) == &generation) reopen(generation, path);
  }
}

bool FollowedPath::takes_as_copy(const std::string& path, int file, const FileStatus& status) {
  if (generations_.empty()) return false;
  if (status.size == 0) return true;  // a copy begins as an empty file; an empty file has no lines
  for (Generation& generation : generations_) {
    const SeenFile seen = generation.as_seen();
    if (seen.place.file.head_length == 0 || !is_copy_of(seen, path, file, status)) continue;
    generation.seen_in_round = shared_.round;
    if (!generation.file && status.size > seen.place.reach()) reopen(generation, path);
    return true;
  }
  return false;
}

}  // namespace triaged
