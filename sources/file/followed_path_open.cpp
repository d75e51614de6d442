// Closed files of a path that are not done, because they may not be read or because too many others are open; and done
// ones that a program goes on writing to.
#include <algorithm>
#include <cerrno>
#include <cstring>

#include <fmt/format.h>
#include <unistd.h>

#include "sources/file/followed_path.hpp"
#include "sources/path_parts.hpp"

namespace triaged::sources {

namespace {

// Files with an unterminated line stay open until it was emitted. This many may be open beyond the limit because of
// that.
constexpr std::size_t most_open_beyond = 16;

}  // namespace

void FollowedPath::insert_found(Place before, FoundFile found, bool is_unchecked) {
  found.place.done = found.place.done && !found.has_more;
  learn_place(found.place.path);
  Generation& generation = insert(before, std::move(found.place));
  generation.is_found = true;
  generation.checked =
      size_and_time_of(found.status);  // its text was compared: until that changes it is known by its inode
  generation.is_unchecked = is_unchecked || !generation.place.has_marks();
  if (generation.place.done) return;
  if (const int why = open_waiting(place_of(generation)); why != 0) say_unreadable(generation, why);
}

// A file that could not be read when it was found: it may be the one that is searched for elsewhere, or a copy.
void FollowedPath::recognize(Place at, int file, const FileStatus& status) {
  Candidate candidate{.path = at->place.path,
                      .status = status,
                      .file = Descriptor(::dup(file)),
                      .compression = compression_of(bytes_at(file, 0, recognised_bytes))};
  Place known = generations_.end();
  for (auto other = generations_.begin(); other != generations_.end(); ++other) {
    const FilePlace& place = other->place;
    if (other == at || other->file || !place.has_marks() || !other->path_now().empty()) continue;
    if (!has_text_up_to(candidate, place)) continue;
    if (known == generations_.end() || place.reach() > known->place.reach()) known = other;
  }
  if (known == generations_.end()) return;
  FoundFile found = found_in(candidate, known->place);
  found.place.done = found.place.done && !found.has_more;
  at->place = std::move(found.place);
  known->place.done = true;
}

// 0, or why it cannot be opened.
int FollowedPath::open_waiting(Place at) {
  Generation& generation = *at;
  Descriptor file = open_to_read(generation.place.path);
  if (!file.is_open()) return errno;
  std::error_code failure;
  const FileStatus status = status_of(file.get(), failure);
  if (failure) return failure.value();
  if (!is_same_inode(generation.place.file, status)) return ENOENT;
  generation.is_parked = false;
  const bool is_elsewhere = generation.place.path != path_ && generation.place.path != base();
  if (std::exchange(generation.is_unchecked, false) && is_elsewhere && status.size > 0) {
    recognize(at, file.get(), status);
    if (generation.place.done) return 0;
  }
  if (compression_of(bytes_at(file.get(), 0, recognised_bytes)) != Compression::none) {
    generation.place.done = generation.was_never_opened;  // what stands at a path is not followed when compressed
    if (generation.place.done) return 0;
    auto text = open_byte_stream(std::move(file), generation.place.path);
    if (!text) return EIO;
    open(generation, follow_compressed(std::move(*text), generation.place, known_.options));
    return 0;
  }
  if (generation.was_never_opened) {
    const std::string path = generation.place.path;
    generation.place = place_to_begin(file.get(), status, generation.end_when_begun);
    generation.place.path = path;
  } else if (!has_text_of(generation.place, file.get(), status)) {
    start_anew(at, std::move(file), FilePlace(generation.place));
    return 0;
  }
  open(generation, follow_plain(std::move(file), generation.place, known_.options));
  if (std::exchange(generation.is_trouble_said, false)) known_.say(generation.place.path + " can be read now");
  return 0;
}

bool FollowedPath::park(Generation& generation) {
  FollowedFile& file = *generation.file;
  if (file.descriptor() < 0 || file.ends_with_tail()) return false;
  std::string path = file.path_now();
  if (path.empty()) return false;  // it was deleted: once closed it is gone
  generation.place = file.place();
  generation.place.path = std::move(path);
  generation.seen_size = file.size_seen();
  generation.checked = {.size = generation.seen_size, .modified = generation.place.modified};
  generation.is_parked = true;
  known_.note_closed(generation);
  generation.file.reset();
  return true;
}

bool FollowedPath::is_worth_opening(const Generation& generation) const {
  const std::size_t most = known_.options.max_open_files;
  if (known_.open_files.size() >= most + most_open_beyond) return false;
  return !generation.is_parked || known_.open_files.size() < most || has_news(generation);
}

// Whether a parked file was written to since it was parked.
bool FollowedPath::has_news(const Generation& generation) const {
  std::error_code failure;
  const FileStatus status = status_of(generation.place.path, failure);
  if (failure || !is_same_inode(generation.place.file, status)) return false;
  return status.size != generation.place.reach() || status.modified != generation.checked.modified;
}

// Continues a closed file in the file at `path`: the same one, which has grown, or a copy of it. Returns 0, or the
// errno of opening it. A compressed file does not grow.
int FollowedPath::continue_in(Generation& generation, const std::string& path) {
  Descriptor file = open_to_read(path);
  if (!file.is_open()) return errno;
  std::error_code failure;
  const FileStatus status = status_of(file.get(), failure);
  if (failure) return failure.value();
  if (compression_of(bytes_at(file.get(), 0, recognised_bytes)) != Compression::none) return 0;
  FilePlace place = generation.place;
  place.file.device = status.device;
  place.file.inode = status.inode;
  place.file.born = status.born;
  place.path = path;
  place.done = false;
  const auto at = place_of(generation);
  Generation& next = insert(at, std::move(place));
  open(next, follow_plain(std::move(file), next.place, known_.options));
  erase(at);
  return 0;
}

void FollowedPath::revisit_closed(std::int64_t changed) {
  const bool may_have_moved = changed != searched_at_;
  searched_at_ = changed;
  for (auto at = generations_.begin(); at != generations_.end();) {
    Generation& generation = *at++;
    if (generation.file) continue;
    if (generation.place.done) {
      revisit_done(generation, may_have_moved);
    } else if (!generation.is_at_path) {
      revisit_waiting(generation, changed);
    }
  }
}

// A program that was not told to reopen its log goes on writing to the old file, sometimes for hours, while further
// rotations rename it.
void FollowedPath::revisit_done(Generation& generation, bool may_have_moved) {
  if (generation.place.path.empty()) return;
  if (may_have_moved) {
    std::string now = path_of_inode(generation.place, search_for_nobodys());
    if (!now.empty()) generation.place.path = std::move(now);
  }
  const std::string path = generation.place.path;
  std::error_code failure;
  const FileStatus status = status_of(path, failure);
  const bool has_grown = !failure && status.size > generation.place.reach() && !known_.is_open(status);
  if (has_grown && known_.owner_of(path, status) == &generation) (void)continue_in(generation, path);
}

void FollowedPath::revisit_waiting(Generation& generation, std::int64_t changed) {
  std::error_code failure;
  const FileStatus status = status_of(generation.place.path, failure);
  if (failure || !is_same_inode(generation.place.file, status)) {
    if (std::exchange(generation.searched_at, changed) == changed && !may_have_rotated_) return;
    const RotatedSearch nobodys = search_for_nobodys();
    const std::string path = path_of_inode(generation.place, nobodys);
    if (path.empty()) {
      if (!places_.are_complete(nobodys.listings)) return;
      search_for(generation);
      return search_for_lost();
    }
    generation.place.path = path;
    generation.is_trouble_said = false;
    learn_place(path);
  }
  note_marks(generation);
  if (generation.is_parked || generation.place.path == path_ || generation.place.path == base()) return;
  if (const int why = open_waiting(place_of(generation)); why != 0) say_unreadable(generation, why);
}

// If it is compressed before it is opened, it is recognised by its head, or, when it may not be read, by its time.
void FollowedPath::note_marks(Generation& generation) {
  if (generation.place.has_marks()) return;
  std::error_code failure;
  const FileStatus status = status_of(generation.place.path, failure);
  if (failure || !is_same_inode(generation.place.file, status)) return;
  generation.place.modified = status.modified;
  generation.place.unread = status.size;
  const Descriptor file = open_to_read(generation.place.path);
  if (!file.is_open() || compression_of(bytes_at(file.get(), 0, recognised_bytes)) != Compression::none) return;
  grow_head(generation.place.file, file.get(), status.size);
}

void FollowedPath::say_unreadable(Generation& generation, int why) {
  if (why == ENOENT || std::exchange(generation.is_trouble_said, true)) return;
  known_.say(fmt::format("cannot read {}: {} (will try again)", generation.place.path, std::strerror(why)));
}

}  // namespace triaged::sources
