// The tailer proper: which paths are followed, when each is looked at, and whose turn it is. What happens at one path
// is in followed_path.cpp.
//
// A path is looked at (stat) when inotify names it and in every rescan; it is read when something was written to it,
// and after every look. Paths with something to read stand in a queue and give one batch each in turn.
#include "sources/file_tailer.hpp"

#include <algorithm>
#include <deque>
#include <map>
#include <set>
#include <unordered_set>

#include <fmt/format.h>

#include "sources/file_cursor.hpp"
#include "sources/folder_watch.hpp"
#include "sources/followed_path.hpp"
#include "sources/glob.hpp"
#include "sources/rotated_name.hpp"

namespace triaged {

namespace {

constexpr Microseconds blind_poll = std::chrono::seconds(1);  // instead of rescan_every, when changes cannot be watched
// What one call may read without completing a line, before the caller gets a chance to do something else.
constexpr std::uint64_t most_bytes_a_call = 16 * 1024 * 1024;

class GlobTailer final : public FileTailer {
 public:
  GlobTailer(FileTailerOptions options, const std::shared_ptr<FilesByInode>& by_inode, std::vector<GlobTailer*> earlier,
             bool has_others, TimePoint now)
      : earlier_(std::move(earlier)), now_(now) {
    shared_.has_others = has_others;
    shared_.options = std::move(options);
    shared_.by_inode = by_inode;
  }

  void restore(const std::vector<Cursor>& checkpoint);
  void begin() {
    rescan();
    shared_.is_beginning = false;
  }

  std::optional<LineBatch> next(TimePoint now) override;
  int descriptor() const override { return watch_.descriptor(); }
  TimePoint next_deadline() const override;
  std::vector<std::string> take_messages() override;
  FileTailerCounts counts() const override;

 private:
  void advance_to(TimePoint now);
  void listen();
  void hear(FolderWatch::Change change, const std::string& path);
  std::vector<FollowedPath*> paths_known_as(const std::string& name) const;
  void look_at_bases_of(const std::string& path);
  void rescan();
  void look_at(const std::vector<std::string>& paths);
  void drop_empty_paths(const std::vector<std::string>& matched);
  void watch_folders(std::vector<std::string> folders);
  void say_new(const std::vector<std::string>& problems);
  std::optional<LineBatch> settle();
  std::optional<LineBatch> read_in_turn();
  FollowedPath& follow(const std::string& path);
  void look(FollowedPath& path);
  void enqueue(FollowedPath& path);
  bool is_leaf(const std::string& path) const;
  bool is_left_to_others(const std::string& path) const;
  bool is_on_the_way(const std::string& folder) const;

  const std::vector<GlobTailer*> earlier_;  // those of the sources before this one: a file that is new is theirs first
  TimePoint now_;
  SharedByPaths shared_;
  FolderWatch watch_;
  std::map<std::string, std::unique_ptr<FollowedPath>> paths_;
  std::unordered_set<FollowedPath*> rotating_;  // may have rotated files open, whose new names nobody follows
  std::deque<FollowedPath*> queue_;             // may have something to read
  std::unordered_set<FollowedPath*> queued_;
  std::deque<std::string> ended_;   // streams to be forgotten
  std::set<std::string> problems_;  // of listing folders, that were said
  Microseconds rescan_at_{0};
  Microseconds settle_at_{Microseconds::max()};  // not later than the first path that has something to settle
};

void GlobTailer::restore(const std::vector<Cursor>& checkpoint) {
  for (const Cursor& cursor : checkpoint) {
    const std::string path(path_of_stream(cursor.stream));
    if (path.empty() || cursor.state.empty() || !is_leaf(path)) continue;
    if (const auto state = read_state(cursor.state)) {
      follow(path).restore(*state);
    } else {
      shared_.say(path + ": its checkpoint cannot be understood; it is read from where a new file would be");
    }
  }
  std::vector<Generation*> missing;
  for (const auto& [name, path] : paths_) path->add_missing(missing);
  // Of copies that several files could have, each gets the one of which the most is known.
  std::stable_sort(missing.begin(), missing.end(), [](const Generation* a, const Generation* b) {
    const FilePlace &one = a->place, &other = b->place;
    return one.reach() != other.reach() ? one.reach() > other.reach() : other.done && !one.done;
  });
  for (Generation* generation : missing) generation->owner->search_for(*generation);
  for (const auto& [name, path] : paths_) path->search_for_lost();
}

std::optional<LineBatch> GlobTailer::next(TimePoint now) {
  for (GlobTailer* tailer : earlier_) {
    tailer->advance_to(now);
    tailer->listen();
  }
  advance_to(now);
  listen();
  if (shared_.elapsed >= rescan_at_) {
    for (GlobTailer* tailer : earlier_) {
      if (tailer->shared_.elapsed >= tailer->rescan_at_) tailer->rescan();
    }
    rescan();
  }
  if (!ended_.empty()) {
    LineBatch last;
    last.source_name = ended_.front();
    last.cursor.stream = stream_of(ended_.front());
    last.observed_at = now_;
    ended_.pop_front();
    return last;
  }
  if (shared_.elapsed >= settle_at_) {
    if (auto batch = settle()) return batch;
  }
  return read_in_turn();
}

void GlobTailer::listen() {
  watch_.drain([this](FolderWatch::Change change, const std::string& path) { hear(change, path); });
}

// The clock of the host may be set back; time that has passed for us does not.
void GlobTailer::advance_to(TimePoint now) {
  shared_.elapsed += std::max(now - now_, Microseconds(0));
  now_ = now;
}

void GlobTailer::hear(FolderWatch::Change change, const std::string& path) {
  using Change = FolderWatch::Change;
  if (change == Change::unknown || (change == Change::name && is_on_the_way(path))) {
    rescan_at_ = shared_.elapsed;
    return;
  }
  const auto known = paths_known_as(path);
  for (FollowedPath* followed : known) {
    followed->look_closely();
    enqueue(*followed);
  }
  if (change == Change::name) {
    look_at_bases_of(path);
    for (FollowedPath* followed : known) look(*followed);
    if (known.empty() && is_leaf(path)) look(follow(path));
  } else if (known.empty()) {
    for (FollowedPath* rotating : rotating_) enqueue(*rotating);
  }
}

// A copy: looking at a path may change the names under which it is known.
std::vector<FollowedPath*> GlobTailer::paths_known_as(const std::string& name) const {
  std::vector<FollowedPath*> known;
  const auto [begin, end] = shared_.by_name.equal_range(name);
  for (auto at = begin; at != end; ++at) known.push_back(at->second);
  return known;
}

// A new name may be that of a rotated file; whose, the path knows from which it was rotated away.
void GlobTailer::look_at_bases_of(const std::string& path) {
  const std::size_t name = path.rfind('/') + 1;
  for (const std::string& base : possible_bases(std::string_view(path).substr(name))) {
    for (FollowedPath* followed : paths_known_as(path.substr(0, name) + base)) look(*followed);
  }
}

void GlobTailer::rescan() {
  ++shared_.round;
  GlobMatches matches = match_globs(shared_.options.globs);
  std::erase_if(matches.paths, [&](const auto& path) { return is_left_to_others(path); });
  say_new(matches.problems);
  look_at(matches.paths);
  drop_empty_paths(matches.paths);
  watch_folders(matches.folders);
  if (shared_.descriptors_ended_in_round != shared_.round) shared_.said_descriptors_ended = false;
  const Microseconds every = shared_.options.rescan_every;
  rescan_at_ = shared_.elapsed + (watch_.is_blind() ? std::min(blind_poll, every) : every);
}

// Paths that are followed already come first: what they have to say about a file under a new name (it is mine, renamed;
// it is my copy) must be known before that name is taken for a new file's. So the shorter names, which rotation adds
// to, go before the longer ones. New paths come in the order of their age.
void GlobTailer::look_at(const std::vector<std::string>& paths) {
  std::vector<FollowedPath*> followed;
  for (const auto& [name, path] : paths_) followed.push_back(path.get());
  std::stable_sort(followed.begin(), followed.end(),
                   [](const auto* a, const auto* b) { return a->path().size() < b->path().size(); });
  for (FollowedPath* path : followed) look(*path);
  std::vector<std::pair<std::int64_t, std::string>> fresh;
  for (const std::string& path : paths) {
    if (paths_.contains(path)) continue;
    std::error_code failure;
    fresh.emplace_back(status_of(path, failure).modified, path);
  }
  std::sort(fresh.begin(), fresh.end());
  for (const auto& [modified, path] : fresh) look(follow(path));
}

void GlobTailer::drop_empty_paths(const std::vector<std::string>& matched) {
  for (auto at = paths_.begin(); at != paths_.end();) {
    FollowedPath& path = *at->second;
    path.prune();
    const bool is_over = path.is_empty();
    if (is_over && path.has_cursor()) ended_.push_back(path.path());
    if (is_over && (path.has_cursor() || !std::binary_search(matched.begin(), matched.end(), path.path()))) {
      rotating_.erase(&path);
      if (queued_.erase(&path) > 0) queue_.erase(std::find(queue_.begin(), queue_.end(), &path));
      at = paths_.erase(at);
    } else {
      ++at;
    }
  }
}

void GlobTailer::watch_folders(std::vector<std::string> folders) {
  for (const auto& [name, path] : paths_) {
    const std::string& base = path->base();
    if (base != name) folders.push_back(base.substr(0, std::max<std::size_t>(base.rfind('/'), 1)));
  }
  std::sort(folders.begin(), folders.end());
  folders.erase(std::unique(folders.begin(), folders.end()), folders.end());
  watch_.watch(folders);
}

void GlobTailer::say_new(const std::vector<std::string>& problems) {
  for (const std::string& problem : problems) {
    if (!problems_.contains(problem)) shared_.say(problem + " (will try again)");
  }
  problems_ = std::set(problems.begin(), problems.end());
}

std::optional<LineBatch> GlobTailer::settle() {
  LineBatch batch;
  for (const auto& [name, path] : paths_) {
    if (path->settle(batch, now_)) return batch;  // settle_at_ stays: there may be more
  }
  settle_at_ = Microseconds::max();
  for (const auto& [name, path] : paths_) settle_at_ = std::min(settle_at_, path->settle_at());
  return std::nullopt;
}

std::optional<LineBatch> GlobTailer::read_in_turn() {
  using Outcome = FollowedFile::Outcome;
  LineBatch batch;
  const std::uint64_t enough = shared_.counts.bytes + most_bytes_a_call;
  while (!queue_.empty() && shared_.counts.bytes < enough) {
    FollowedPath& path = *queue_.front();
    queue_.pop_front();
    queued_.erase(&path);
    const Outcome outcome = path.read(batch, now_);
    settle_at_ = std::min(settle_at_, path.settle_at());
    if (path.has_rotated_files_open())
      rotating_.insert(&path);
    else
      rotating_.erase(&path);
    if (outcome == Outcome::lines || outcome == Outcome::progress) enqueue(path);
    if (outcome == Outcome::lines) return batch;
  }
  return std::nullopt;
}

FollowedPath& GlobTailer::follow(const std::string& path) {
  auto& followed = paths_[path];
  if (!followed) followed = std::make_unique<FollowedPath>(path, shared_);
  return *followed;
}

void GlobTailer::look(FollowedPath& path) {
  path.look();
  enqueue(path);
}

void GlobTailer::enqueue(FollowedPath& path) {
  if (queued_.insert(&path).second) queue_.push_back(&path);
}

bool GlobTailer::is_leaf(const std::string& path) const {
  return matches_any(path, shared_.options.globs) && !is_left_to_others(path);
}

// A rotated file is read to its end by who read it before.
bool GlobTailer::is_left_to_others(const std::string& path) const {
  const auto& globs = shared_.options.left_to_others;
  if (globs.empty()) return false;
  if (matches_any(path, globs)) return true;
  const std::size_t name = path.rfind('/') + 1;
  const auto bases = possible_bases(std::string_view(path).substr(name));
  return std::any_of(bases.begin(), bases.end(),
                     [&](const auto& base) { return matches_any(path.substr(0, name) + std::string(base), globs); });
}

bool GlobTailer::is_on_the_way(const std::string& folder) const {
  const auto& globs = shared_.options.globs;
  return std::any_of(globs.begin(), globs.end(), [&](const auto& glob) { return may_lead_to_match(folder, glob); });
}

TimePoint GlobTailer::next_deadline() const {
  if (!queue_.empty() || !ended_.empty()) return now_;
  const Microseconds due = std::min(rescan_at_, settle_at_);
  return now_ + std::max(due - shared_.elapsed, Microseconds(0));
}

std::vector<std::string> GlobTailer::take_messages() {
  std::vector<std::string> messages = watch_.take_messages();
  messages.insert(messages.end(), std::make_move_iterator(shared_.messages.begin()),
                  std::make_move_iterator(shared_.messages.end()));
  shared_.messages.clear();
  return messages;
}

FileTailerCounts GlobTailer::counts() const {
  FileTailerCounts counts = shared_.counts;
  for (const auto& [name, path] : paths_) path->add_to(counts);
  return counts;
}

}  // namespace

Result<std::unique_ptr<FileTailer>> FileTailer::open(FileTailerOptions options, const std::vector<Cursor>& checkpoint,
                                                     TimePoint now) {
  std::vector<FileTailerOptions> sources;
  sources.push_back(std::move(options));
  auto tailers = open_all(std::move(sources), checkpoint, now);
  if (!tailers) return tailers.error();
  return std::move(tailers->front());
}

Result<std::vector<std::unique_ptr<FileTailer>>> FileTailer::open_all(std::vector<FileTailerOptions> sources,
                                                                      const std::vector<Cursor>& checkpoint,
                                                                      TimePoint now) {
  const auto by_inode = std::make_shared<FilesByInode>();
  std::vector<std::unique_ptr<GlobTailer>> tailers;
  std::vector<GlobTailer*> earlier;
  for (auto& options : sources) {
    for (const std::string& glob : options.globs) {
      if (!glob.starts_with('/')) return error(fmt::format("cannot follow {}: the path is not absolute", glob));
    }
    tailers.push_back(std::make_unique<GlobTailer>(std::move(options), by_inode, earlier, sources.size() > 1, now));
    earlier.push_back(tailers.back().get());
  }
  // What any of them has read before is not new to another.
  for (const auto& tailer : tailers) tailer->restore(checkpoint);
  for (const auto& tailer : tailers) tailer->begin();
  return std::vector<std::unique_ptr<FileTailer>>(std::make_move_iterator(tailers.begin()),
                                                  std::make_move_iterator(tailers.end()));
}

}  // namespace triaged
