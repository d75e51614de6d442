// The road of files itself: how they stand one behind the other, are read in that order, and are closed. What comes to
// stand at the path is in followed_path_look.cpp, what is found again elsewhere in followed_path_search.cpp.
#include "sources/followed_path.hpp"

#include <algorithm>
#include <cerrno>
#include <iterator>

#include <fmt/format.h>

#include "sources/path_parts.hpp"

namespace triaged {

namespace {

// Closed files that are remembered although no followed name leads to them: their compressed copies may appear yet.
constexpr int remembered_files = 4;
// Another source looks at its names once a rescan; one that it has not named for so many has lost its name there.
constexpr int rescans_of_others = 10;

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
  if (shared_.is_beginning && shared_.has_others) generation.seen_by_others_at = shared_.elapsed;  // they look later
  shared_.by_inode->emplace(generation.place.file.inode, &generation);
  return generation;
}

Generation& FollowedPath::insert_open(Place before, std::unique_ptr<FollowedFile> file) {
  FilePlace place = file->place();
  return insert(before, std::move(place), std::move(file));
}

// Its text was compared: until its status changes it is known by that, also when it is closed. (The bytes of a
// compressed file cannot be compared with the marks of a place.)
Generation& FollowedPath::insert_found(Place before, FoundFile found) {
  Generation& generation = insert_open(before, std::move(found.file));
  generation.checked = found.status;
  return generation;
}

void FollowedPath::erase(Place generation) {
  erase_entry(*shared_.by_inode, generation->place.file.inode, &*generation);
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

void FollowedPath::look_closely() {
  for (Generation& generation : generations_) {
    if (generation.file) generation.file->look_closely();
  }
}

bool FollowedPath::is_named(const Generation& generation) const {
  if (generation.seen_in_round == shared_.round) return true;
  return generation.seen_by_others_at &&
         shared_.elapsed - *generation.seen_by_others_at <= rescans_of_others * shared_.options.rescan_every;
}

void FollowedPath::prune() {
  // A path that cannot be read goes on one day, and what came and went before that is found by what is remembered here.
  const bool is_alive =
      !trouble_.empty() || std::any_of(generations_.begin(), generations_.end(), [this](const Generation& generation) {
        return generation.file || !generation.place.done || is_named(generation);
      });
  int remembered = is_alive ? remembered_files : 0;
  for (auto at = generations_.end(); at != generations_.begin();) {
    const auto generation = --at;
    if (generation->file || !generation->place.done || is_named(*generation)) continue;
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
