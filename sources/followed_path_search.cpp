// Files of a path that are not where they were left: at a restart, between two looks, and after a truncation.
#include <algorithm>
#include <iterator>
#include <utility>

#include <fmt/format.h>

#include "sources/followed_path.hpp"
#include "sources/path_parts.hpp"
#include "sources/rotated_name.hpp"

namespace triaged {

void FollowedPath::restore(const FileCursor& cursor) {
  has_cursor_ = true;
  if (!cursor.base.empty()) set_base(cursor.base);
  folder_changed_ = cursor.folder_changed;
  const auto is_open = [this](const std::string&, const FileStatus& status) { return shared_.is_open(status); };
  for (const FilePlace& place : cursor.files) {
    auto found = find_file(place, base_, is_open, shared_.options);
    insert(generations_.end(), place, nullptr);
    if (found) take_found(std::prev(generations_.end()), std::move(*found));
  }
}

void FollowedPath::take_found(Place generation, FoundFile found) {
  const bool is_done = generation->place.done && !found.has_more;
  Generation& opened = insert_found(generation, std::move(found));
  opened.is_found = true;
  erase(generation);
  if (is_done) close(opened);
}

void FollowedPath::add_missing(std::vector<Generation*>& missing) {
  for (Generation& generation : generations_) {
    if (!generation.is_found) missing.push_back(&generation);
  }
}

void FollowedPath::search_for(Generation& missing) {
  const auto is_found = [this](const std::string& path, const FileStatus& status) {
    return shared_.owner_of(path, status) != nullptr;
  };
  const auto at =
      std::find_if(generations_.begin(), generations_.end(), [&](const auto& other) { return &other == &missing; });
  if (auto found = find_text(missing.place, base_, is_found, shared_.options)) {
    take_found(at, std::move(*found));
  } else if (!missing.place.done) {
    if (missing.place.file.head_length == 0) lost_.push_back(at);
    give_up_missing(missing);
  }
}

// A file that is there but cannot be opened is tried again by look().
void FollowedPath::give_up_missing(Generation& generation) {
  FilePlace& place = generation.place;
  std::error_code failure;
  if (is_same_inode(place.file, status_of(place.path, failure)) && !failure) {
    place.done = open_to_read(place.path).is_open();  // it has another text
    return;
  }
  place.done = true;
  shared_.say(fmt::format("{}: the file that was read up to byte {} is gone; if it had more behind that, it is lost",
                          path_, place.reach()));
}

void FollowedPath::search_for_lost() {
  for (const Place lost : std::exchange(lost_, {})) {
    if (lost != generations_.begin()) insert_unseen(lost, std::prev(lost)->path_now(), FileStatus{}, base_);
  }
}

void FollowedPath::insert_unseen(Place before, const std::string& last_path, const FileStatus& newest,
                                 const std::string& next) {
  LastSeen last{.path = last_path, .next = next, .folder_changed = folder_changed_, .files = {}};
  for (const auto& [name, path] : shared_.by_name) {
    if (path == this ||
        (folder_of_path(name) == folder_of_path(base_) && is_rotated_name(name_of_path(name), name_of_path(base_)))) {
      path->add_to(last);
    }
  }
  const auto is_followed = [&](const std::string& path, const FileStatus& status) {
    return is_same_inode(identity_of(newest), status) || shared_.owner_of(path, status) != nullptr;
  };
  for (FoundFile& found : find_unseen(base_, last, is_followed, shared_.options)) {
    ++shared_.counts.rotations;
    insert_found(before, std::move(found));
  }
}

void FollowedPath::add_to(LastSeen& last) const {
  for (const Generation& generation : generations_) last.files.push_back(generation.as_seen());
}

// The text of an open file is not the one that was being read. If somebody made a copy before truncating it, as
// logrotate does with copytruncate, what was unread is there.
void FollowedPath::start_anew(Place truncated) {
  const FilePlace old = truncated->file->place();
  const auto is_followed = [this](const std::string& path, const FileStatus& other) {
    return shared_.owner_of(path, other) != nullptr;
  };
  auto copy = find_copy(old, base_, is_followed, shared_.options);
  if (!copy) give_up_rest(*truncated->file, old);
  ++shared_.counts.truncations;
  FileDescriptor file = truncated->file->release();
  std::error_code failure;
  const FileStatus status = status_of(file.number(), failure);
  FilePlace fresh = beginning_of(status);
  fresh.path = old.path;
  truncated->file = follow_plain(std::move(file), std::move(fresh), shared_.options);
  truncated->read_at = shared_.elapsed;
  if (!copy) {
    insert(truncated, old, nullptr).place.done = true;
    return;
  }
  const std::string copy_path = copy->path;
  insert_found(truncated, std::move(*copy));
  insert_unseen(truncated, copy_path, status, base_);
}

void FollowedPath::give_up_rest(FollowedFile& file, const FilePlace& place) {
  LineBatch tail;
  const std::uint64_t unread = file.unread_bytes();
  const bool has_tail = file.give_out_tail(tail, shared_.counts);
  const std::uint64_t lost = unread - std::min<std::uint64_t>(unread, has_tail ? tail.bytes.size() - tail.told : 0);
  if (has_tail) last_words_.push_back(std::move(tail));
  if (lost == 0) return;
  shared_.counts.lost_bytes += lost;
  shared_.say(
      fmt::format("{}: truncated before its last {} bytes were read, and no copy of them was found", place.path, lost));
}

}  // namespace triaged
