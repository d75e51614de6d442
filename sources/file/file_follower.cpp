// The follower itself: which paths are followed, when each is checked, and whose turn it is. What happens at one path
// is in followed_path.cpp.
//
// A path is checked (stat) when inotify names it and in every rescan; it is read when something was written to it, and
// after every check. Paths with something to read stand in a queue and give one batch each in turn. Changes that came
// together are handled together, so that a folder is listed once for all of them.
#include "sources/file/file_follower.hpp"

#include <algorithm>
#include <deque>
#include <map>
#include <set>
#include <unordered_set>

#include <fmt/format.h>

#include "sources/file/file_cursor.hpp"
#include "sources/file/folder_watch.hpp"
#include "sources/file/followed_path.hpp"
#include "sources/file/glob.hpp"
#include "sources/file/max_open_files.hpp"
#include "sources/file/own_files.hpp"
#include "sources/file/rotated_name.hpp"
#include "sources/path_parts.hpp"

namespace triaged::sources {

namespace {

constexpr Microseconds blind_poll = std::chrono::seconds(1);  // instead of rescan_every, when changes cannot be watched
// Looking at a file costs some 25 µs. Where inotify sees every change the looks only make up for what it may not say (a
// write through another name, or through memory), so many files are looked at less often: at 10,000 that is every
// minute.
constexpr Microseconds rest_for_each_file = std::chrono::milliseconds(6);
// What one call may read without completing a line, before the caller gets a chance to do something else.
constexpr std::uint64_t most_bytes_a_call = 16 * 1024 * 1024;

class GlobFollower final : public FileFollower {
 public:
  GlobFollower(FileFollowerOptions options, TimePoint now) : now_(now), own_(options.own_files) {
    known_.options = std::move(options);
  }

  void restore(const std::vector<Cursor>& checkpoint);
  void begin() {
    rescan();
    known_.is_beginning = false;
  }

  std::optional<LineBatch> next(TimePoint now) override;
  int descriptor() const override { return watch_.descriptor(); }
  TimePoint next_deadline() const override;
  std::vector<std::string> take_messages() override;
  FollowCounts counts() const override;

 private:
  struct Change {
    bool is_name = false;  // came, went, or moved
  };
  struct Move {
    std::string from;  // where it stood first
    std::uint64_t number = 0, round = 0;
  };

  void advance_to(TimePoint now);
  void listen();
  void hear(FolderWatch::Change change, const std::string& path, const std::string& moved_from);
  void look_at_moved();
  void look_at_changed(const std::string& path, Change change);
  std::vector<FollowedPath*> paths_known_as(const std::string& name) const;
  std::vector<FollowedPath*> paths_rotated_to(const std::string& path) const;
  void rescan();
  std::map<std::string, std::size_t> match_sources(std::vector<std::string>& folders);
  void look_at(const std::map<std::string, std::size_t>& paths);
  void drop_empty_paths(const std::map<std::string, std::size_t>& matched);
  void watch_folders(std::vector<std::string> folders);
  void say_new(const std::vector<std::string>& problems);
  void say_turns();
  Microseconds time_to_rescan() const;
  std::optional<LineBatch> settle();
  std::optional<LineBatch> read_in_turn();
  FollowedPath& follow(const std::string& path, std::size_t source);
  void look(FollowedPath& path);
  void enqueue(FollowedPath& path);
  void keep_within_limit();
  std::optional<std::size_t> source_of(const std::string& path) const;
  bool is_wanted(const std::string& path, std::size_t source) const;
  bool is_left_out(const std::string& path);
  bool is_rotated_in_earlier(const std::string& path, std::size_t source) const;
  bool is_on_the_way(const std::string& folder) const;

  TimePoint now_;
  OwnFiles own_;
  std::set<const std::string*> said_own_;  // of own_, that were said to be left out
  KnownFiles known_;
  FolderWatch watch_;
  std::map<std::string_view, std::unique_ptr<FollowedPath>> paths_;  // by path()
  std::unordered_set<FollowedPath*> rotating_;  // may have rotated files open, whose new names nobody follows
  std::deque<FollowedPath*> queue_;             // may have something to read
  std::unordered_set<FollowedPath*> queued_;
  std::map<std::string, Change> changed_;  // heard of, not looked at yet
  std::map<std::string, Move> moved_;      // likewise, files that were renamed: by the names that they have now
  std::uint64_t moves_ = 0;
  std::deque<std::string> ended_;   // streams to be forgotten
  std::set<std::string> problems_;  // of listing folders, that were said
  bool has_said_turns_ = false;
  Microseconds rescan_at_{0};
  Microseconds settle_at_{Microseconds::max()};  // not later than the first path that has something to settle
};

void GlobFollower::restore(const std::vector<Cursor>& checkpoint) {
  for (const Cursor& cursor : checkpoint) {
    const std::string path(path_of_stream(cursor.stream));
    if (path.empty() || cursor.state.empty()) continue;
    const auto source = source_of(path);
    if (!source) continue;
    if (const auto state = read_state(cursor.state)) {
      follow(path, *source).restore(*state);
      keep_within_limit();
    } else {
      known_.say(path +
                 ": its saved position cannot be understood; reading starts where it would in a new file ('start' of "
                 "the source)");
    }
  }
  std::vector<Generation*> missing;
  for (const auto& [name, path] : paths_) path->add_missing(missing);
  // When several missing files could be the origin of one copy, the one of which the most is known gets it.
  std::stable_sort(missing.begin(), missing.end(), [](const Generation* a, const Generation* b) {
    const FilePlace &one = a->place, &other = b->place;
    return one.reach() != other.reach() ? one.reach() > other.reach() : other.done && !one.done;
  });
  for (Generation* generation : missing) generation->owner->search_for(*generation);
  for (const auto& [name, path] : paths_) path->search_for_lost();
  keep_within_limit();
}

std::optional<LineBatch> GlobFollower::next(TimePoint now) {
  advance_to(now);
  known_.listings.forget();
  listen();
  if (known_.elapsed >= rescan_at_) rescan();
  if (!ended_.empty()) {
    LineBatch last;
    last.source_name = ended_.front();
    last.cursor.stream = stream_of(ended_.front());
    last.observed_at = now_;
    ended_.pop_front();
    return last;
  }
  if (known_.elapsed >= settle_at_) {
    if (auto batch = settle()) return batch;
  }
  return read_in_turn();
}

// The host's clock may be set back; the time that has passed here never goes back.
void GlobFollower::advance_to(TimePoint now) {
  known_.elapsed += std::max(now - now_, Microseconds(0));
  now_ = now;
}

void GlobFollower::listen() {
  watch_.drain([this](FolderWatch::Change change, const std::string& path, const std::string& moved_from) {
    hear(change, path, moved_from);
  });
  look_at_moved();
  for (const auto& [path, change] : std::exchange(changed_, {})) look_at_changed(path, change);
}

void GlobFollower::hear(FolderWatch::Change change, const std::string& path, const std::string& moved_from) {
  using Kind = FolderWatch::Change;
  if (change == Kind::unknown || (change == Kind::name && is_on_the_way(path))) {
    rescan_at_ = known_.elapsed;
    if (change == Kind::unknown) {
      for (const auto& [name, followed] : paths_) followed->expect_rotation();
    }
    return;
  }
  changed_[path].is_name |= change == Kind::name;
  if (moved_from.empty() || moved_from == path) return;
  Move move{.from = moved_from, .number = ++moves_, .round = known_.round};
  if (const auto before = moved_.extract(moved_from)) move.from = before.mapped().from;
  moved_[path] = std::move(move);
}

// A file that came to a followed path and was renamed again before it was checked. Names that rotation gives are
// searched anyway, and a file that is followed under its new name, too, is found there.
void GlobFollower::look_at_moved() {
  std::vector<std::pair<std::uint64_t, std::string>> in_order;
  for (const auto& [path, move] : moved_) in_order.emplace_back(move.number, path);
  std::sort(in_order.begin(), in_order.end());
  for (const auto& [number, path] : in_order) {
    const Move& move = moved_.at(path);
    const bool is_searched = is_rotated_name(name_of_path(path), name_of_path(move.from)) || source_of(path);
    const auto source = is_searched ? std::nullopt : source_of(move.from);
    const bool is_old = known_.round > move.round + 1;
    if (!source || follow(move.from, *source).take_moved(path) || is_old) moved_.erase(path);
  }
}

void GlobFollower::look_at_changed(const std::string& path, Change change) {
  const auto known = paths_known_as(path);
  for (FollowedPath* followed : known) {
    followed->look_closely();
    enqueue(*followed);
  }
  if (change.is_name) {
    for (FollowedPath* followed : paths_rotated_to(path)) {
      followed->expect_rotation();
      look(*followed);
    }
    for (FollowedPath* followed : known) look(*followed);
    if (!known.empty()) return;
    if (const auto source = source_of(path)) look(follow(path, *source));
  } else if (known.empty()) {
    for (FollowedPath* rotating : rotating_) enqueue(*rotating);
  }
}

// A copy: looking at a path may change the names under which it is known.
std::vector<FollowedPath*> GlobFollower::paths_known_as(const std::string& name) const {
  std::vector<FollowedPath*> known;
  const auto [begin, end] = known_.by_name.equal_range(name);
  for (auto at = begin; at != end; ++at) known.push_back(at->second);
  return known;
}

// A new name may be that of a rotated file; the path that it was rotated from knows whether it is.
std::vector<FollowedPath*> GlobFollower::paths_rotated_to(const std::string& path) const {
  std::vector<FollowedPath*> rotated;
  for (const std::string& base : possible_bases(name_of_path(path))) {
    const auto known = paths_known_as(folder_of_path(path) + "/" + base);
    rotated.insert(rotated.end(), known.begin(), known.end());
  }
  return rotated;
}

void GlobFollower::rescan() {
  ++known_.round;
  known_.listings.forget();
  std::vector<std::string> folders;
  const auto matched = match_sources(folders);
  look_at(matched);
  drop_empty_paths(matched);
  watch_folders(std::move(folders));
  say_turns();
  if (known_.descriptors_ended_in_round != known_.round) known_.said_descriptors_ended = false;
  rescan_at_ = known_.elapsed + time_to_rescan();
  known_.listings.forget();
}

Microseconds GlobFollower::time_to_rescan() const {
  const Microseconds every = known_.options.rescan_every;
  if (watch_.is_blind()) return std::min(blind_poll, every);
  return watch_.is_shared() ? every : std::max(every, rest_for_each_file * static_cast<int>(paths_.size()));
}

// Each path with the first source that matches it.
std::map<std::string, std::size_t> GlobFollower::match_sources(std::vector<std::string>& folders) {
  std::map<std::string, std::size_t> paths;
  std::vector<std::string> problems;
  known_.counts.own_files = 0;
  for (std::size_t source = 0; source < known_.options.sources.size(); ++source) {
    GlobMatches matches = match_globs(known_.options.sources[source].globs);
    for (std::string& path : matches.paths) {
      if (!is_wanted(path, source) || is_rotated_in_earlier(path, source) || is_left_out(path)) continue;
      const auto [at, is_first] = paths.emplace(std::move(path), source);
      if (!is_first) known_.say_sources(at->first, source, at->first, at->second);
    }
    folders.insert(folders.end(), matches.folders.begin(), matches.folders.end());
    problems.insert(problems.end(), matches.problems.begin(), matches.problems.end());
  }
  say_new(problems);
  return paths;
}

// Paths that are followed already come first: whether a file under a new name is one of theirs, renamed or copied,
// must be known before it is taken for a new file. So the shorter names, which rotation adds to, go before the longer
// ones. New paths come in the order of their sources and of their age.
void GlobFollower::look_at(const std::map<std::string, std::size_t>& paths) {
  std::vector<FollowedPath*> followed;
  for (const auto& [name, path] : paths_) followed.push_back(path.get());
  std::stable_sort(followed.begin(), followed.end(),
                   [](const auto* a, const auto* b) { return a->path().size() < b->path().size(); });
  for (FollowedPath* path : followed) {
    if (watch_.is_blind()) path->expect_rotation();
    look(*path);
  }
  std::vector<std::tuple<std::size_t, std::int64_t, std::string>> fresh;
  for (const auto& [path, source] : paths) {
    if (paths_.contains(path)) continue;
    std::error_code failure;
    fresh.emplace_back(source, status_of(path, failure).modified, path);
  }
  std::sort(fresh.begin(), fresh.end());
  for (const auto& [source, modified, path] : fresh) look(follow(path, source));
}

void GlobFollower::drop_empty_paths(const std::map<std::string, std::size_t>& matched) {
  for (auto at = paths_.begin(); at != paths_.end();) {
    FollowedPath& path = *at->second;
    path.prune();
    const bool is_over = path.is_empty();
    if (is_over && path.has_cursor()) ended_.push_back(path.path());
    if (is_over && (path.has_cursor() || !matched.contains(path.path()))) {
      rotating_.erase(&path);
      if (queued_.erase(&path) > 0) queue_.erase(std::find(queue_.begin(), queue_.end(), &path));
      at = paths_.erase(at);
    } else {
      ++at;
    }
  }
}

void GlobFollower::watch_folders(std::vector<std::string> folders) {
  for (const auto& [name, path] : paths_) {
    const std::string& base = path->base();
    if (base != name) folders.push_back(base.substr(0, std::max<std::size_t>(base.rfind('/'), 1)));
  }
  std::sort(folders.begin(), folders.end());
  folders.erase(std::unique(folders.begin(), folders.end()), folders.end());
  watch_.watch(folders);
}

void GlobFollower::say_new(const std::vector<std::string>& problems) {
  std::set<std::string> all(problems.begin(), problems.end());
  for (const std::string& problem : all) {
    if (!problems_.contains(problem)) known_.say(problem + " (will try again)");
  }
  problems_ = std::move(all);
}

void GlobFollower::say_turns() {
  const FollowCounts now = counts();
  const bool are_turns_taken = now.waiting_files > 0;
  if (are_turns_taken == std::exchange(has_said_turns_, are_turns_taken)) return;
  if (!are_turns_taken) return known_.say("all followed files can be open at a time again");
  known_.say(
      fmt::format("{} files are followed but only {} can be open at a time, so they take turns; raise the limit of "
                  "open files (LimitNOFILE in systemd)",
                  now.files, known_.options.max_open_files));
}

std::optional<LineBatch> GlobFollower::settle() {
  LineBatch batch;
  for (const auto& [name, path] : paths_) {
    if (path->settle(batch, now_)) return batch;  // settle_at_ stays: there may be more
  }
  settle_at_ = Microseconds::max();
  for (const auto& [name, path] : paths_) settle_at_ = std::min(settle_at_, path->settle_at());
  return std::nullopt;
}

std::optional<LineBatch> GlobFollower::read_in_turn() {
  using Outcome = FollowedFile::Outcome;
  LineBatch batch;
  const std::uint64_t enough = known_.counts.bytes + most_bytes_a_call;
  while (!queue_.empty() && known_.counts.bytes < enough) {
    FollowedPath& path = *queue_.front();
    queue_.pop_front();
    queued_.erase(&path);
    const Outcome outcome = path.read(batch, now_);
    keep_within_limit();
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

FollowedPath& GlobFollower::follow(const std::string& path, std::size_t source) {
  if (const auto followed = paths_.find(path); followed != paths_.end()) return *followed->second;
  auto fresh = std::make_unique<FollowedPath>(path, source, known_);
  const std::string_view name = fresh->path();
  return *paths_.emplace(name, std::move(fresh)).first->second;
}

void GlobFollower::look(FollowedPath& path) {
  if (own_.find(path.path()) != nullptr) return;  // since it was matched: a link, or a file that was made
  path.look();
  keep_within_limit();
  enqueue(path);
}

void GlobFollower::enqueue(FollowedPath& path) {
  if (queued_.insert(&path).second) queue_.push_back(&path);
}

// The files that have been quiet for longest are closed.
void GlobFollower::keep_within_limit() {
  auto at = known_.open_files.begin();
  while (known_.open_files.size() > known_.options.max_open_files && at != known_.open_files.end()) {
    Generation& generation = **at++;
    (void)generation.owner->park(generation);
  }
}

std::optional<std::size_t> GlobFollower::source_of(const std::string& path) const {
  const auto& sources = known_.options.sources;
  for (std::size_t source = 0; source < sources.size(); ++source) {
    if (!matches_any(path, sources[source].globs) || !is_wanted(path, source)) continue;
    if (is_rotated_in_earlier(path, source) || own_.find(path) != nullptr) return std::nullopt;
    return source;
  }
  return std::nullopt;
}

bool GlobFollower::is_wanted(const std::string& path, std::size_t source) const {
  const auto& wants = known_.options.sources[source].is_wanted;
  return !wants || wants(path);
}

bool GlobFollower::is_left_out(const std::string& path) {
  const auto* own = own_.find(path);
  if (own == nullptr) return false;
  ++known_.counts.own_files;
  if (said_own_.insert(own).second) known_.say(path + " is not followed, because triaged itself writes it");
  return true;
}

// A rotated file is read to its end by the source that read it before.
bool GlobFollower::is_rotated_in_earlier(const std::string& path, std::size_t source) const {
  if (source == 0) return false;
  const auto bases = possible_bases(name_of_path(path));
  return std::any_of(bases.begin(), bases.end(), [&](const std::string& base) {
    const std::string whole = folder_of_path(path) + "/" + base;
    return std::any_of(known_.options.sources.begin(),
                       known_.options.sources.begin() + static_cast<std::ptrdiff_t>(source),
                       [&](const FollowedSource& earlier) { return matches_any(whole, earlier.globs); });
  });
}

bool GlobFollower::is_on_the_way(const std::string& folder) const {
  const auto& sources = known_.options.sources;
  return std::any_of(sources.begin(), sources.end(), [&](const FollowedSource& source) {
    return std::any_of(source.globs.begin(), source.globs.end(),
                       [&](const auto& glob) { return may_lead_to_match(folder, glob); });
  });
}

TimePoint GlobFollower::next_deadline() const {
  if (!queue_.empty() || !ended_.empty()) return now_;
  const Microseconds due = std::min(rescan_at_, settle_at_);
  return now_ + std::max(due - known_.elapsed, Microseconds(0));
}

std::vector<std::string> GlobFollower::take_messages() {
  std::vector<std::string> messages = watch_.take_messages();
  messages.insert(messages.end(), std::make_move_iterator(known_.messages.begin()),
                  std::make_move_iterator(known_.messages.end()));
  known_.messages.clear();
  return messages;
}

FollowCounts GlobFollower::counts() const {
  FollowCounts counts = known_.counts;
  counts.unknown_losses += watch_.overflows();
  for (const auto& [name, path] : paths_) path->add_to(counts);
  return counts;
}

}  // namespace

Result<std::unique_ptr<FileFollower>> FileFollower::open(FileFollowerOptions options,
                                                         const std::vector<Cursor>& checkpoint, TimePoint now) {
  for (const FollowedSource& source : options.sources) {
    for (const auto* globs : {&source.globs, &source.rotated}) {
      for (const std::string& glob : *globs) {
        if (!glob.starts_with('/')) return error(fmt::format("cannot follow {}: the path is not absolute", glob));
      }
    }
  }
  if (options.max_open_files == 0) options.max_open_files = usual_max_open_files();
  auto follower = std::make_unique<GlobFollower>(std::move(options), now);
  follower->restore(checkpoint);
  follower->begin();
  return std::unique_ptr<FileFollower>(std::move(follower));
}

}  // namespace triaged::sources
