#include "sources/followed_path.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <iterator>

#include <fcntl.h>
#include <fmt/format.h>

#include "sources/rotated_name.hpp"

namespace triaged {

namespace {

// Closed files that are remembered although no followed name leads to them: their compressed copies may appear yet.
constexpr int remembered_files = 4;

FileDescriptor open_to_read(const std::string& path) {
  return FileDescriptor(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
}

std::string folder_of(const std::string& path) { return path.substr(0, path.rfind('/')); }
std::string_view name_of_path(std::string_view path) { return path.substr(path.rfind('/') + 1); }

// Where the file of a generation is now; empty when it is gone.
std::string path_of(const Generation& generation) {
  if (generation.file) return generation.file->path_now();
  std::error_code failure;
  const FileStatus status = status_of(generation.place.path, failure);
  return !failure && is_same_inode(generation.place.file, status) ? generation.place.path : std::string();
}

std::int64_t change_of_folder(const std::string& path) {
  std::error_code failure;
  const std::string folder = folder_of(path);
  return status_of(folder.empty() ? "/" : folder, failure).modified;
}

bool is_missing(const std::error_code& failure) {
  return failure == std::errc::no_such_file_or_directory || failure == std::errc::not_a_directory;
}

// Whether two files have the same first `size` bytes, as far as their beginning and the end of that stretch show.
bool have_same_start(int a, int b, std::uint64_t size) {
  const auto head = static_cast<std::size_t>(std::min<std::uint64_t>(size, longest_head));
  const auto last = static_cast<std::size_t>(std::min<std::uint64_t>(size, LineSplitter::longest_before));
  return bytes_at(a, 0, head) == bytes_at(b, 0, head) &&
         bytes_at(a, size - last, last) == bytes_at(b, size - last, last);
}

template <typename Map>
void erase_entry(Map& map, const typename Map::key_type& key, typename Map::mapped_type value) {
  const auto [begin, end] = map.equal_range(key);
  const auto entry = std::find_if(begin, end, [&](const auto& at) { return at.second == value; });
  if (entry != end) map.erase(entry);
}

}  // namespace

FollowedPath::FollowedPath(std::string path, SharedByPaths& shared)
    : path_(std::move(path)), shared_(shared), base_(path_) {
  shared_.by_name.emplace(path_, this);
}

FollowedPath::~FollowedPath() {
  while (!generations_.empty()) erase(generations_.begin());
  set_base(path_);
  erase_entry(shared_.by_name, path_, this);
}

void FollowedPath::set_base(std::string base) {
  if (base == base_) return;
  if (base_ != path_) erase_entry(shared_.by_name, base_, this);
  base_ = std::move(base);
  if (base_ != path_) shared_.by_name.emplace(base_, this);
}

Generation& FollowedPath::insert(Place before, FilePlace place, std::unique_ptr<FollowedFile> file) {
  Generation& generation = *generations_.emplace(before);
  generation.owner = this;
  generation.place = std::move(place);
  generation.file = std::move(file);
  generation.away_since = generation.read_at = shared_.elapsed;
  shared_.by_inode.emplace(generation.place.file.inode, &generation);
  return generation;
}

Generation& FollowedPath::insert_open(Place before, std::unique_ptr<FollowedFile> file) {
  FilePlace place = file->place();
  return insert(before, std::move(place), std::move(file));
}

void FollowedPath::erase(Place generation) {
  erase_entry(shared_.by_inode, generation->place.file.inode, &*generation);
  generations_.erase(generation);
}

void FollowedPath::close(Generation& generation) {
  generation.place = generation.file->place();
  generation.place.done = true;
  if (std::string path = generation.file->path_now(); !path.empty()) generation.place.path = std::move(path);
  generation.file.reset();
}

// 0, or why it cannot be opened. A compressed file does not grow.
int FollowedPath::reopen(Generation& generation, const std::string& path) {
  FileDescriptor file = open_to_read(path);
  if (!file.is_open()) return errno;
  std::error_code failure;
  const FileStatus status = status_of(file.number(), failure);
  if (failure) return failure.value();
  if (compression_of(bytes_at(file.number(), 0, 4)) != Compression::none) return 0;
  FilePlace place = generation.place;
  place.file.device = status.device;
  place.file.inode = status.inode;
  place.file.born = status.born;
  place.path = path;
  place.done = false;
  const auto at =
      std::find_if(generations_.begin(), generations_.end(), [&](const auto& g) { return &g == &generation; });
  insert_open(at, follow_plain(std::move(file), std::move(place), shared_.options));
  erase(at);
  return 0;
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
    const bool has_grown = !failure && status.size > generation.place.offset && !shared_.is_open(status);
    if (has_grown && shared_.owner_of(path, status) == &generation) reopen(generation, path);
  }
}

void FollowedPath::restore(const FileCursor& cursor) {
  has_cursor_ = true;
  if (!cursor.base.empty()) set_base(cursor.base);
  folder_changed_ = cursor.folder_changed;
  const auto is_open = [this](const std::string&, const FileStatus& status) { return shared_.is_open(status); };
  for (const FilePlace& place : cursor.files) {
    if (auto found = find_file(place, base_, is_open, shared_.options)) {
      Generation& generation = insert_open(generations_.end(), std::move(found->file));
      if (place.done && !found->has_more) close(generation);
    } else {
      restore_unfound(place);
      if (!place.done && place.file.head_length == 0) lost_.push_back(std::prev(generations_.end()));
    }
  }
}

void FollowedPath::search_for_lost() {
  for (const Place lost : std::exchange(lost_, {})) {
    if (lost != generations_.begin()) insert_unseen(lost, path_of(*std::prev(lost)), FileStatus{});
  }
}

// A file that is there but cannot be opened is tried again by look().
void FollowedPath::restore_unfound(const FilePlace& place) {
  std::error_code failure;
  const bool is_there = is_same_inode(place.file, status_of(place.path, failure)) && !failure;
  Generation& generation = insert(generations_.end(), place, nullptr);
  if (place.done || is_there) return;
  generation.place.done = true;
  shared_.say(fmt::format("{}: the file that was read up to byte {} is gone; what it had behind that is lost", path_,
                          place.offset));
}

void FollowedPath::leave_path() {
  for (Generation& generation : generations_) {
    if (!generation.is_at_path) continue;
    generation.is_at_path = false;
    generation.away_since = shared_.elapsed;
  }
}

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
  owner->seen_in_round = shared_.round;
  const bool is_own = owner->owner == this;
  if (!owner->file && (is_own || status.size > owner->place.offset)) {
    if (const int why = owner->owner->reopen(*owner, path_); why != 0) return cannot_open(why, status);
  }
  set_trouble("", false);
  if (!is_own || !finds_own_file(status, folder_changed)) leave_path();
}

bool FollowedPath::finds_own_file(const FileStatus& status, std::int64_t folder_changed) {
  for (auto at = generations_.begin(); at != generations_.end(); ++at) {
    if (!at->file || at->file->descriptor() < 0 || !is_same_inode(at->place.file, status)) continue;
    if (!at->is_at_path) leave_path();
    at->is_at_path = true;
    at->seen_in_round = shared_.round;
    folder_changed_ = folder_changed;
    if (status.size < at->file->place().offset) start_anew(at);
    return true;
  }
  return false;
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
    const auto [begin, end] = shared_.by_name.equal_range(folder_of(path_) + "/" + base);
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
  if (!generations_.empty()) {
    ++shared_.counts.rotations;
    insert_unseen(generations_.end(), path_of(generations_.back()), status);
  }
  std::error_code failure;
  const auto real_path = std::filesystem::canonical(path_, failure);
  set_base(failure ? path_ : real_path.string());
  place.path = base_;
  folder_changed_ = change_of_folder(base_);
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
  FilePlace place;
  place.file = identity_of(status);
  return place;
}

void FollowedPath::insert_unseen(Place before, const std::string& last_path, const FileStatus& newest) {
  LastSeen last{.path = last_path, .folder_changed = folder_changed_, .places = {}, .open_files = {}};
  for (const auto& [name, path] : shared_.by_name) {
    if (path == this ||
        (folder_of(name) == folder_of(base_) && is_rotated_name(name_of_path(name), name_of_path(base_)))) {
      path->add_to(last);
    }
  }
  const auto is_followed = [&](const std::string& path, const FileStatus& status) {
    return is_same_inode(identity_of(newest), status) || shared_.owner_of(path, status) != nullptr;
  };
  for (FoundFile& found : find_unseen(base_, last, is_followed, shared_.options)) {
    ++shared_.counts.rotations;
    insert_open(before, std::move(found.file));
  }
}

void FollowedPath::add_to(LastSeen& last) const {
  for (const Generation& generation : generations_) {
    last.places.push_back(generation.place_now());
    if (generation.file && generation.file->descriptor() >= 0) last.open_files.push_back(generation.file->descriptor());
  }
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
  FilePlace fresh;
  fresh.file = identity_of(status);
  fresh.path = old.path;
  truncated->file = follow_plain(std::move(file), std::move(fresh), shared_.options);
  truncated->read_at = shared_.elapsed;
  if (!copy) {
    insert(truncated, old, nullptr).place.done = true;
    return;
  }
  const std::string copy_path = copy->path;
  insert_open(truncated, std::move(copy->file));
  insert_unseen(truncated, copy_path, status);
}

void FollowedPath::give_up_rest(FollowedFile& file, const FilePlace& place) {
  LineBatch tail;
  const std::uint64_t unread = file.unread_bytes();
  const bool has_tail = file.give_out_tail(tail, shared_.counts);
  const std::uint64_t lost = unread - std::min<std::uint64_t>(unread, tail.bytes.size());
  if (has_tail) last_words_.push_back(std::move(tail));
  if (lost == 0) return;
  shared_.counts.lost_bytes += lost;
  shared_.say(
      fmt::format("{}: truncated before its last {} bytes were read, and no copy of them was found", place.path, lost));
}

bool FollowedPath::takes_as_copy(const std::string& path, int file, const FileStatus& status) {
  if (generations_.empty()) return false;
  if (status.size == 0) return true;  // a copy begins as an empty file; an empty file has no lines
  for (Generation& generation : generations_) {
    const FilePlace place = generation.place_now();
    if (place.file.head_length == 0) continue;
    if (has_text_of(place, file, status)) {
      generation.seen_in_round = shared_.round;
      if (!generation.file && status.size > place.offset) reopen(generation, path);
      return true;
    }
    const bool is_shorter = generation.file && generation.file->descriptor() >= 0 && status.size < place.offset;
    if (is_shorter && have_same_start(file, generation.file->descriptor(), status.size)) return true;
  }
  return false;
}

void FollowedPath::look_closely() {
  for (Generation& generation : generations_) {
    if (generation.file) generation.file->look_closely();
  }
}

FollowedFile::Outcome FollowedPath::read(LineBatch& batch, TimePoint now) {
  using Outcome = FollowedFile::Outcome;
  if (!last_words_.empty()) {
    batch = std::move(last_words_.front());
    last_words_.erase(last_words_.begin());
    complete(batch, now);
    return Outcome::lines;
  }
  for (auto at = generations_.begin(); at != generations_.end(); ++at) {
    if (!at->file) continue;
    const Outcome outcome = at->file->read(batch, shared_.counts);
    if (outcome == Outcome::failed || (outcome == Outcome::rewritten && at->file->descriptor() < 0)) {
      give_up_reading(*at);
      continue;
    }
    if (at->is_at_path && std::exchange(reading_fails_, false)) set_trouble("", false);
    if (outcome == Outcome::caught_up) continue;
    at->read_at = shared_.elapsed;
    if (outcome == Outcome::lines) complete(batch, now);
    if (outcome == Outcome::rewritten) start_anew(at);
    return outcome == Outcome::rewritten ? Outcome::progress : outcome;
  }
  return Outcome::caught_up;
}

// A plain file may be readable again in a while (a network file system); a damaged compressed one stays what it is.
void FollowedPath::give_up_reading(Generation& generation) {
  if (generation.file->descriptor() >= 0) {
    reading_fails_ = generation.is_at_path;
    return set_trouble(generation.file->failure(), true);
  }
  const std::string& why = generation.file->failure();
  shared_.say(why.empty() ? fmt::format("{} does not hold what was read from {}", generation.place.path, path_) : why);
  close(generation);
}

bool FollowedPath::is_due_to_close(const Generation& generation) const {
  const Microseconds since = std::max(generation.away_since, generation.read_at);
  return !generation.is_at_path && shared_.elapsed - since >= shared_.options.rotated_wait;
}

bool FollowedPath::is_tail_due(const Generation& generation) const {
  return generation.file->has_tail() && shared_.elapsed - generation.read_at >= shared_.options.partial_line_wait;
}

// What is due is looked at a last time first: the rest of the line, or more lines, may have come meanwhile.
bool FollowedPath::settle(LineBatch& batch, TimePoint now) {
  using Outcome = FollowedFile::Outcome;
  for (auto at = generations_.begin(); at != generations_.end(); ++at) {
    const bool is_closing = at->file && is_due_to_close(*at);
    if (!is_closing && !(at->file && is_tail_due(*at))) continue;
    const Outcome outcome = at->file->read(batch, shared_.counts);
    if (outcome == Outcome::rewritten && at->file->descriptor() >= 0) start_anew(at);
    if (outcome == Outcome::lines || outcome == Outcome::progress) at->read_at = shared_.elapsed;
    const bool has_tail = outcome == Outcome::caught_up && at->file->give_out_tail(batch, shared_.counts);
    if (is_closing && at->read_at != shared_.elapsed) close(*at);
    if (outcome != Outcome::lines && !has_tail) continue;
    complete(batch, now);
    return true;
  }
  return false;
}

Microseconds FollowedPath::settle_at() const {
  Microseconds due = Microseconds::max();
  for (const Generation& generation : generations_) {
    if (!generation.file) continue;
    if (generation.file->has_tail()) due = std::min(due, generation.read_at + shared_.options.partial_line_wait);
    if (!generation.is_at_path) {
      due = std::min(due, std::max(generation.away_since, generation.read_at) + shared_.options.rotated_wait);
    }
  }
  return due;
}

void FollowedPath::prune() {
  const bool is_alive = std::any_of(generations_.begin(), generations_.end(), [this](const Generation& generation) {
    return generation.file || !generation.place.done || generation.seen_in_round == shared_.round;
  });
  int remembered = is_alive ? remembered_files : 0;
  for (auto at = generations_.end(); at != generations_.begin();) {
    const auto generation = --at;
    if (generation->file || !generation->place.done || generation->seen_in_round == shared_.round) continue;
    if (remembered-- > 0) continue;
    at = std::next(generation);
    erase(generation);
  }
}

bool FollowedPath::has_rotated_files_open() const {
  return std::any_of(generations_.begin(), generations_.end(),
                     [](const Generation& generation) { return generation.file && !generation.is_at_path; });
}

void FollowedPath::add_to(FileTailerCounts& counts) const {
  counts.unreadable_files += trouble_.empty() ? 0 : 1;
  for (const Generation& generation : generations_) {
    if (!generation.file) continue;
    ++counts.files;
    counts.rotated_files += generation.is_at_path ? 0 : 1;
    counts.unread_bytes += generation.file->unread_bytes();
  }
}

void FollowedPath::set_trouble(std::string trouble, bool is_said) {
  if (trouble == trouble_) return;
  if (trouble.empty() && said_trouble_) shared_.say(path_ + " can be read now");
  said_trouble_ = !trouble.empty() && is_said;
  if (said_trouble_) shared_.say(fmt::format("cannot read {}: {} (will try again)", path_, trouble));
  trouble_ = std::move(trouble);
}

void FollowedPath::complete(LineBatch& batch, TimePoint now) {
  for (Generation& generation : generations_) {
    if (generation.file) generation.file->note_head();
  }
  batch.source_name = path_;
  batch.cursor = cursor();
  batch.observed_at = now;
  has_cursor_ = true;
}

Cursor FollowedPath::cursor() const {
  FileCursor state{.files = {}, .base = base_, .folder_changed = folder_changed_};
  for (const Generation& generation : generations_) state.files.push_back(generation.place_now());
  return {.stream = stream_of(path_), .state = to_state(state)};
}

}  // namespace triaged
