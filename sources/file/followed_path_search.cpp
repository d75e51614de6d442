// Files of a path that are not where they were left: at a restart, between two looks, and after a truncation.
#include <algorithm>
#include <ctime>
#include <iterator>
#include <utility>

#include <fmt/format.h>

#include "sources/file/followed_path.hpp"
#include "sources/file/rotated_name.hpp"
#include "sources/path_parts.hpp"

namespace triaged::sources {

namespace {

// Places of rotated files that are remembered, the last ones.
constexpr std::size_t most_places = 4;
constexpr std::size_t most_displaced = 100;
// Of a search in folders that change meanwhile.
constexpr int tries = 3;

std::int64_t time_of_host() {
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  return now.tv_sec * 1'000'000'000 + now.tv_nsec;
}

}  // namespace

// Somebody may have set a file's time to what he liked: nothing is accounted for that is yet to come.
void FollowedPath::account_until(std::int64_t time) {
  if (time > known_until_ && time <= time_of_host()) known_until_ = time;
}

RotatedSearch FollowedPath::search(IsFollowed is_followed) const {
  return {.listings = known_.listings, .places = places_, .is_followed = std::move(is_followed)};
}

RotatedSearch FollowedPath::search_for_nobodys() const {
  return search(
      [this](const std::string& path, const FileStatus& status) { return known_.owner_of(path, status) != nullptr; });
}

void FollowedPath::restore(const FileCursor& cursor) {
  has_cursor_ = true;
  may_have_rotated_ = true;
  if (!cursor.base.empty()) set_base(cursor.base);
  places_.like = cursor.rotated_like;
  known_until_ = cursor.known_until;
  blank_since_ = cursor.blank_since;
  unsure_ = cursor.unsure;
  displaced_ = cursor.displaced;
  const auto is_open = [this](const std::string&, const FileStatus& status) { return known_.is_open(status); };
  std::error_code failure;
  const FileStatus at_path = status_of(path_, failure);
  for (const FilePlace& place : cursor.files) {
    // Of the last one nothing was read, perhaps because nobody could: where it still stands it is as new as any other,
    // and files that came before it are searched for.
    const bool is_last = &place == &cursor.files.back();
    if (is_last && !place.has_marks() && !failure && is_same_inode(place.file, at_path)) continue;
    auto found = find_file(place, search(is_open));
    if (found) {
      insert_found(generations_.end(), std::move(*found), !place.has_marks());
      generations_.back().is_blank = place.is_hardly_known();
    } else {
      insert(generations_.end(), place).is_unchecked = !place.has_marks();
    }
  }
}

void FollowedPath::take_found(Place generation, FoundFile found) {
  if (!is_same_inode(generation->place.file, found.status)) displace(*generation);
  insert_found(generation, std::move(found));
  erase(generation);
}

// Its text is elsewhere now. What its inode holds, should that still be somewhere, is another one.
void FollowedPath::displace(const Generation& generation) {
  if (displaced_.size() < most_displaced) displaced_.push_back(generation.place.file);
}

void FollowedPath::add_missing(std::vector<Generation*>& missing) {
  for (Generation& generation : generations_) {
    if (!generation.is_found) missing.push_back(&generation);
  }
}

void FollowedPath::search_for(Generation& missing) {
  const auto at = place_of(missing);
  const bool was_done = missing.place.done;
  const bool was_seen = was_done || missing.place.has_marks();
  for (int i = 0; i < tries; ++i) {
    auto found = was_seen ? find_text(missing.place, search_for_nobodys())
                          : find_compressed(missing.place, with_all_seen({}), search_for_nobodys());
    if (found) return take_found(at, std::move(*found));
    if (was_done) return;
    if (give_up_missing(missing)) break;
  }
  if (!missing.place.done) missing.searched_at = 0;  // at the next look again
  if (missing.place.done && missing.place.file.head_length == 0) lost_.push_back(at);
}

// A file that is there but may not be read waits; one with another text was truncated. Where a folder may not be
// listed, nothing is known to be gone. False when it was renamed or compressed, perhaps, while it was searched for.
bool FollowedPath::give_up_missing(Generation& generation) {
  FilePlace& place = generation.place;
  const RotatedSearch everywhere = search_for_nobodys();
  if (const std::string path = path_of_inode(place, everywhere); !path.empty()) {
    place.path = path;
    if (!open_to_read(path).is_open()) return true;
    if (!places_.are_current(everywhere.listings)) return false;
    place.done = true;
    displace(generation);
    if (place.reach() == 0) return true;
    ++known_.counts.unknown_losses;
    if (std::exchange(said_gone_in_round_, known_.round) == known_.round) return true;
    known_.say(
        fmt::format("{}: truncated while it was not followed, and no copy was found; whatever followed the {} bytes "
                    "that were read is lost",
                    path, place.reach()));
    return true;
  }
  if (!places_.are_complete(everywhere.listings) || may_be_in_unreadable_file(place, everywhere)) return true;
  if (!places_.are_current(everywhere.listings)) return false;
  place.done = true;
  ++known_.counts.unknown_losses;
  if (std::exchange(said_gone_in_round_, known_.round) == known_.round) return true;
  known_.say(
      fmt::format("{}: the file that was read up to byte {} is gone; whatever followed is lost (if rotation moves "
                  "files to another folder, name it in 'rotated' of the source)",
                  path_, place.reach()));
  return true;
}

void FollowedPath::search_for_lost() {
  for (const Place lost : std::exchange(lost_, {})) {
    if (lost == generations_.begin()) continue;
    may_have_rotated_ = !insert_unseen(lost, {.path = std::prev(lost)->path_now()}) || may_have_rotated_;
  }
}

// False when some may have been missed.
bool FollowedPath::insert_unseen(Place before, LastSeen last) {
  (void)places_.are_current(known_.listings);  // what stands at the path was asked before this
  last = with_all_seen(std::move(last));
  const Descriptor at_path = last.at_path < 0 ? open_to_read(path_) : Descriptor();
  std::error_code failure;
  if (at_path.is_open()) {
    last.at_path = at_path.get();
    last.status_at_path = status_of(at_path.get(), failure);
  } else if (last.at_path < 0) {
    last.status_at_path = status_of(path_, failure);
  }
  last.displaced = displaced_;
  UnseenFiles unseen = find_unseen(last, search_for_nobodys());
  for (FoundFile& found : unseen.files) {
    ++known_.counts.rotations;
    insert_found(before, std::move(found));
  }
  known_.say_unlisted(places_);
  if (!unseen.is_complete) {
    if (!unsure_.is_open()) unsure_.since = known_until_;
    if (unsure_.since != 0) unsure_.until = time_of_host();
    return false;
  }
  unsure_ = {};
  displaced_.clear();
  // Where a link went on to is not known to every search.
  if (base() == path_ || !last.next.empty()) account_until(known_.listings.of(folder_of_path(base())).changed);
  return true;
}

// Rotated files of this path may be followed under names of their own.
LastSeen FollowedPath::with_all_seen(LastSeen last) const {
  last.known_until = known_until_;
  last.unsure = unsure_;
  last.blank_since = blank_since_;
  const std::string stem = base().substr(0, base().find_first_of(".-_", folder_of_path(base()).size() + 2));
  for (auto at = known_.by_name.lower_bound(stem); at != known_.by_name.end() && at->first.starts_with(stem); ++at) {
    const auto& [name, path] = *at;
    const bool is_in_folder = folder_of_path(std::string(name)) == folder_of_path(base());
    if (path != this && is_in_folder && is_rotated_name(name_of_path(name), name_of_path(base()))) path->add_to(last);
  }
  add_to(last);
  return last;
}

void FollowedPath::add_to(LastSeen& last) const {
  for (const Generation& generation : generations_) last.files.push_back(generation.as_seen());
}

// The text of an open file is not the one that was being read.
void FollowedPath::start_anew(Place truncated) {
  const FilePlace old = truncated->file->place();
  start_anew(truncated, truncated->file->release(), old);
}

// A copy may be renamed or compressed while it is searched for.
std::optional<FoundFile> FollowedPath::find_copy_now(const FilePlace& place) {
  (void)places_.are_current(known_.listings);
  for (int i = 0; i < tries; ++i) {
    auto copy = find_copy(place, search_for_nobodys());
    if (copy || places_.are_current(known_.listings)) return copy;
  }
  return std::nullopt;
}

// If somebody made a copy before truncating it, as logrotate does with copytruncate, what was unread is there.
void FollowedPath::start_anew(Place truncated, Descriptor file, const FilePlace& old) {
  auto copy = find_copy_now(old);
  if (!copy) give_up_rest(*truncated, old);
  ++known_.counts.truncations;
  std::error_code failure;
  const FileStatus status = status_of(file.get(), failure);
  truncated->place = beginning_of(status);
  truncated->place.path = old.path;
  const int descriptor = file.get();
  open(*truncated, follow_plain(std::move(file), truncated->place, known_.options));
  truncated->is_blank = truncated->place.is_hardly_known();
  truncated->read_at = known_.elapsed;
  truncated->searched_when = status.modified;
  std::string last_path;
  if (copy) {
    last_path = copy->place.path;
    insert_found(truncated, std::move(*copy));
  } else {
    insert(truncated, old).place.done = true;
  }
  const bool is_complete =
      insert_unseen(truncated, {.path = last_path, .at_path = descriptor, .status_at_path = status});
  may_have_rotated_ = may_have_rotated_ || !is_complete;
  note_blank(status);
}

void FollowedPath::give_up_rest(Generation& generation, const FilePlace& place) {
  LineBatch tail;
  bool has_tail = false;
  std::uint64_t unread = generation.seen_size - std::min(generation.seen_size, place.reach());
  if (generation.file) {
    unread = generation.file->unread_bytes();
    has_tail = generation.file->emit_tail(tail, known_.counts);
  }
  const std::uint64_t lost =
      unread - std::min<std::uint64_t>(unread, has_tail ? tail.bytes.size() - tail.already_emitted : 0);
  tail.followed_from = place.followed_from;
  if (has_tail) last_words_.push_back(std::move(tail));
  if (lost == 0) return;
  known_.counts.lost_bytes += lost;
  known_.say(fmt::format("{}: truncated before its last {} bytes were read; they are lost, no copy was found",
                         place.path, lost));
}

// Only one that says where others will be: beside a path that is not alone in its folder, it must be named after it.
void FollowedPath::learn_place(const std::string& path) {
  if (base() != path_) return;  // a link leads to files whose names say enough
  if (path.empty() || path == base() || path == path_ || !places_.is_news(path)) return;
  const std::string_view name = name_of_path(path), own = name_of_path(base());
  const bool is_named_after_it = name.starts_with(own.substr(0, own.find_first_of(".-_", 1)));
  const bool is_alone = folder_of_path(path) == folder_of_path(base()) && known_.paths_in[folder_of_path(path_)] <= 1;
  if (!is_named_after_it && !is_alone) return;
  if (places_.like.size() >= most_places) places_.like.erase(places_.like.begin());
  places_.like.push_back(path);
}

}  // namespace triaged::sources
