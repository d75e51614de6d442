// The files of one path: their order, reading them in it, and closing them. followed_path_look.cpp decides what stands
// at the path now, followed_path_search.cpp finds files again that moved, and followed_path_open.cpp opens files that
// wait.
#include "sources/file/followed_path.hpp"

#include <algorithm>
#include <cstring>
#include <iterator>

#include <fmt/format.h>

#include "sources/path_parts.hpp"

namespace triaged::sources {

namespace {

// How many closed files are remembered although no followed name leads to them: their compressed copies may still
// appear.
constexpr int remembered_files = 4;
// While files may have been missed, the search for them must know those that were read.
constexpr int remembered_while_unsure = 64;

template <typename Map>
void erase_entry(Map& map, const typename Map::key_type& key, typename Map::mapped_type value) {
  const auto [begin, end] = map.equal_range(key);
  const auto entry = std::find_if(begin, end, [&](const auto& at) { return at.second == value; });
  if (entry != end) map.erase(entry);
}

}  // namespace

FollowedPath::FollowedPath(std::string path, std::size_t source, KnownFiles& known)
    : path_(std::move(path)),
      source_(source),
      known_(known),
      places_{.base = path_, .globs = known.options.sources[source].rotated, .like = {}} {
  known_.by_name.emplace(path_, this);
  ++known_.paths_in[folder_of_path(path_)];
}

FollowedPath::~FollowedPath() {
  while (!generations_.empty()) erase(generations_.begin());
  set_base(path_);
  erase_entry(known_.by_name, path_, this);
  if (const auto in = known_.paths_in.find(folder_of_path(path_)); --in->second == 0) known_.paths_in.erase(in);
}

void FollowedPath::set_base(std::string base) {
  if (base == places_.base) return;
  if (places_.base != path_) erase_entry(known_.by_name, places_.base, this);
  places_.base = std::move(base);
  if (places_.base != path_) known_.by_name.emplace(places_.base, this);
}

Generation& FollowedPath::insert(Place before, FilePlace place) {
  Generation& generation = *generations_.emplace(before);
  generation.owner = this;
  generation.place = std::move(place);
  generation.is_blank = generation.place.is_hardly_known();
  generation.away_since = generation.read_at = known_.elapsed;
  known_.by_inode.emplace(generation.place.file.inode, &generation);
  return generation;
}

void FollowedPath::open(Generation& generation, std::unique_ptr<FollowedFile> file) {
  if (!generation.file) known_.note_opened(generation);
  generation.file = std::move(file);
  generation.was_never_opened = generation.is_parked = false;
}

FollowedPath::Place FollowedPath::place_of(Generation& generation) {
  return std::find_if(generations_.begin(), generations_.end(),
                      [&](const Generation& other) { return &other == &generation; });
}

void FollowedPath::erase(Place generation) {
  if (generation->file) known_.note_closed(*generation);
  erase_entry(known_.by_inode, generation->place.file.inode, &*generation);
  generations_.erase(generation);
}

void FollowedPath::close(Generation& generation) {
  generation.place = generation.file->place();
  generation.place.done = true;
  if (std::string path = generation.file->path_now(); !path.empty()) {
    generation.place.path = std::move(path);
    learn_place(generation.place.path);
  }
  known_.note_closed(generation);
  generation.file.reset();
}

FollowedFile::Outcome FollowedPath::read(LineBatch& batch, TimePoint now) {
  using Outcome = FollowedFile::Outcome;
  if (!last_words_.empty()) {
    batch = std::move(last_words_.front());
    last_words_.erase(last_words_.begin());
    complete(batch, now);
    return Outcome::lines;
  }
  if (std::exchange(is_place_news_, false) && !generations_.empty()) {
    batch = {};
    complete(batch, now);
    return Outcome::lines;
  }
  for (auto at = generations_.begin(); at != generations_.end(); ++at) {
    const bool is_new_at_path = at->was_never_opened && at->is_at_path;  // then it is for look() to judge
    if (at->is_waiting() && !is_new_at_path && is_worth_opening(*at)) (void)open_waiting(at);
    if (!at->file) continue;
    if (at->is_blank && at->is_at_path && search_beside_blank(at)) return Outcome::progress;
    const std::uint64_t seen_before = std::exchange(at->seen_size, 0);
    const Outcome outcome = at->file->read(batch, known_.counts);
    if (outcome == Outcome::failed || (outcome == Outcome::rewritten && at->file->descriptor() < 0)) {
      give_up_reading(*at);
      continue;
    }
    if (at->is_at_path && std::exchange(reading_fails_, false)) set_trouble("", false);
    if (at->is_at_path && outcome != Outcome::rewritten) account_until(known_when_read_);
    if (outcome == Outcome::caught_up) {
      if (at->file->descriptor() < 0 && !at->file->has_tail()) close(*at);  // a compressed file does not grow
      continue;
    }
    known_.note_read(*at);
    if (at->is_blank) {
      at->is_blank = at->file->place().is_hardly_known();
      if (at->is_at_path) blank_since_ = 0;
    }
    // An unterminated line that was there before the file was parked does not wait again.
    if (outcome != Outcome::progress || at->file->size_seen() > seen_before) at->read_at = known_.elapsed;
    if (outcome == Outcome::lines) {
      batch.followed_from = at->file->followed_from();
      complete(batch, now);
    }
    if (outcome == Outcome::rewritten) start_anew(at);
    return outcome == Outcome::rewritten ? Outcome::progress : outcome;
  }
  return begin_without_lines(batch, now) ? Outcome::lines : Outcome::caught_up;
}

// The file at the path has no line yet. That it is followed must be known after a restart: what is written until then
// is not its past.
bool FollowedPath::begin_without_lines(LineBatch& batch, TimePoint now) {
  const bool is_followed = std::ranges::any_of(
      generations_, [](const Generation& generation) { return generation.file && generation.is_at_path; });
  if (has_cursor_ || !is_followed) return false;
  batch = {};
  complete(batch, now);
  return true;
}

// A plain file may be readable again in a while (a network file system); a damaged compressed one stays what it is.
void FollowedPath::give_up_reading(Generation& generation) {
  if (generation.file->descriptor() >= 0) {
    reading_fails_ = generation.is_at_path;
    return set_trouble(generation.file->failure(), true);
  }
  const std::string& why = generation.file->failure();
  known_.say(why.empty()
                 ? fmt::format("{} is skipped: it does not contain what was read from {}", generation.place.path, path_)
                 : why);
  close(generation);
}

bool FollowedPath::is_due_to_close(const Generation& generation) const {
  const Microseconds since = std::max(generation.away_since, generation.read_at);
  return !generation.is_at_path && known_.elapsed - since >= known_.options.rotated_wait;
}

bool FollowedPath::is_tail_due(const Generation& generation) const {
  return generation.file->has_tail() && known_.elapsed - generation.read_at >= known_.options.partial_line_wait;
}

bool FollowedPath::settle(LineBatch& batch, TimePoint now) {
  for (auto at = generations_.begin(); at != generations_.end(); ++at) {
    if (at->is_waiting() && !at->is_at_path && is_due_to_close(*at)) settle_waiting(*at);
    const std::uint64_t followed_from = at->file ? at->file->followed_from() : 0;  // settling may close it
    if (!at->file || !settle(at, batch)) continue;
    batch.followed_from = followed_from;
    complete(batch, now);
    return true;
  }
  return false;
}

// A file that is due is read once more first: the rest of the line, or more lines, may have come meanwhile.
bool FollowedPath::settle(Place at, LineBatch& batch) {
  using Outcome = FollowedFile::Outcome;
  const bool is_closing = is_due_to_close(*at);
  if (!is_closing && !is_tail_due(*at)) return false;
  const Outcome outcome = at->file->read(batch, known_.counts);
  if (outcome == Outcome::rewritten && at->file->descriptor() >= 0) start_anew(at);
  if (outcome == Outcome::lines || outcome == Outcome::progress) at->read_at = known_.elapsed;
  const bool has_tail = outcome == Outcome::caught_up && at->file->emit_tail(batch, known_.counts);
  if (is_closing && at->file && at->read_at != known_.elapsed) close(*at);
  return outcome == Outcome::lines || has_tail;
}

// It was rotated away while it was parked. When it has nothing new, it is done.
void FollowedPath::settle_waiting(Generation& generation) {
  generation.read_at = known_.elapsed;  // else look again after as long
  if (!generation.is_parked || has_news(generation)) return;
  std::error_code failure;
  const FileStatus status = status_of(generation.place.path, failure);
  generation.place.done = !failure && is_same_inode(generation.place.file, status);
  if (generation.place.done) generation.is_parked = false;
}

Microseconds FollowedPath::settle_at() const {
  Microseconds due = Microseconds::max();
  for (const Generation& generation : generations_) {
    if (!generation.file && !generation.is_waiting()) continue;
    if (generation.file && generation.file->has_tail()) {
      due = std::min(due, generation.read_at + known_.options.partial_line_wait);
    }
    if (!generation.is_at_path) {
      due = std::min(due, std::max(generation.away_since, generation.read_at) + known_.options.rotated_wait);
    }
  }
  return due;
}

void FollowedPath::look_closely() {
  for (Generation& generation : generations_) {
    if (generation.file) generation.file->look_closely();
    if (generation.is_waiting()) generation.checked = {};
  }
}

bool FollowedPath::is_named(const Generation& generation) const { return generation.seen_in_round == known_.round; }

// A path that cannot be read may become readable, and a path without a file after a rotation may get one; files that
// came and went before that are found by what is remembered here.
bool FollowedPath::may_go_on() const {
  const bool has_live_files =
      !trouble_.empty() || std::any_of(generations_.begin(), generations_.end(), [this](const Generation& generation) {
        return generation.file || !generation.place.done || is_named(generation);
      });
  return has_live_files || (!generations_.empty() && !places_.paths_of_rotated(known_.listings).empty());
}

void FollowedPath::prune() {
  if (unsure_.is_open() && generations_.size() > remembered_while_unsure) {
    unsure_ = {};
    ++known_.counts.unknown_losses;
    known_.say(path_ + ": rotated files may have been missed while a folder could not be listed completely");
  }
  int remembered = unsure_.is_open() ? remembered_while_unsure : may_go_on() ? remembered_files : 0;
  for (auto at = generations_.end(); at != generations_.begin();) {
    const auto generation = --at;
    if (generation->file || !generation->place.done || is_named(*generation)) continue;
    if (remembered-- > 0) continue;
    at = std::next(generation);
    erase(generation);
  }
}

bool FollowedPath::has_rotated_files_open() const {
  return std::any_of(generations_.begin(), generations_.end(), [](const Generation& generation) {
    return (generation.file || generation.is_waiting()) && !generation.is_at_path;
  });
}

void FollowedPath::add_to(FollowCounts& counts) const {
  counts.unreadable_files += trouble_.empty() ? 0 : 1;
  for (const Generation& generation : generations_) {
    if (!generation.file && !generation.is_parked) continue;
    ++counts.files;
    counts.rotated_files += generation.is_at_path ? 0 : 1;
    counts.waiting_files += generation.is_parked ? 1 : 0;
    if (generation.file) counts.unread_bytes += generation.file->unread_bytes();
  }
}

void FollowedPath::complete(LineBatch& batch, TimePoint now) {
  for (Generation& generation : generations_) {
    if (generation.file) generation.file->note_head();
  }
  batch.source = source_;
  batch.source_name = path_;
  batch.cursor = cursor();
  batch.observed_at = now;
  has_cursor_ = true;
}

Cursor FollowedPath::cursor() const {
  FileCursor state{.files = {},
                   .base = base(),
                   .known_until = known_until_,
                   .blank_since = blank_since_,
                   .unsure = unsure_,
                   .displaced = displaced_,
                   .rotated_like = places_.like};
  for (const Generation& generation : generations_) state.files.push_back(generation.place_now());
  return {.stream = stream_of(path_), .state = to_state(state)};
}

}  // namespace triaged::sources
