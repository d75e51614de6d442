#include "daemon/safe_place.hpp"

#include <algorithm>
#include <utility>

namespace triaged::daemon {

namespace {

using ByStream = std::map<std::string, std::string>;

void put(ByStream& into, const std::string& stream, const std::string& state) {
  if (state.empty()) {
    into.erase(stream);
  } else {
    into[stream] = state;
  }
}

/// Streams of which `now` differs from `before`, with what they have now; empty: nothing.
ByStream difference(const ByStream& now, const ByStream& before) {
  ByStream changed;
  for (const auto& [stream, state] : now) {
    if (const auto known = before.find(stream); known == before.end() || known->second != state) {
      changed.emplace(stream, state);
    }
  }
  for (const auto& [stream, state] : before) {
    if (!now.contains(stream)) changed.emplace(stream, "");
  }
  return changed;
}

std::vector<Cursor> cursors_in(const ByStream& streams) {
  std::vector<Cursor> cursors;
  for (const auto& [stream, state] : streams) cursors.push_back({stream, state});
  return cursors;
}

std::vector<SavedState> readers_in(const ByStream& streams) {
  std::vector<SavedState> rows;
  for (const auto& [stream, state] : streams) rows.push_back({StateKind::reader, stream, state});
  return rows;
}

}  // namespace

void Place::go_to(const std::vector<Cursor>& cursors, const std::vector<SavedState>& state) {
  for (const auto& cursor : cursors) put(cursors_, cursor.stream, cursor.state);
  for (const auto& row : state) {
    if (row.kind == StateKind::reader) put(readers_, row.id, row.value);
  }
}

std::vector<Cursor> Place::cursor_rows() const { return cursors_in(cursors_); }

std::vector<SavedState> Place::reader_rows() const { return readers_in(readers_); }

Place::Changes Place::since(const Place& before) const {
  return {cursors_in(difference(cursors_, before.cursors_)), readers_in(difference(readers_, before.readers_))};
}

SafePlace::SafePlace(Place safe, const std::vector<SavedState>& state) : safe_(std::move(safe)) {
  on_commit({.state = state});
}

// An incident that ends without its own last notification has become part of another one, which goes on with its lines.
bool SafePlace::is_over(const std::string& id, const store::Commit& commit) {
  return std::any_of(commit.reported.begin(), commit.reported.end(), [&](const Incident& each) {
    return each.id == id && each.change == Change::resolved && each.merged_into.empty();
  });
}

void SafePlace::on_commit(const store::Commit& commit) {
  bool has_one_been_absorbed = false;
  for (const auto& [kind, id, value] : commit.state) {
    if (!holds_lines(kind)) continue;
    auto& ids = kind == StateKind::incident ? open_ : windows_;
    if (!value.empty()) {
      ids.insert(id);
      continue;
    }
    ids.erase(id);
    if (kind == StateKind::incident && candidate_ && candidate_->open.erase(id) > 0 && !is_over(id, commit)) {
      has_one_been_absorbed = true;
    }
  }
  if (!has_one_been_absorbed) return;
  // Into one of those that the same commit keeps.
  for (const auto& [kind, id, value] : commit.state) {
    if (kind == StateKind::incident && !value.empty()) candidate_->open.insert(id);
  }
}

store::Commit SafePlace::all() const {
  return {.safe_cursors = safe_.cursor_rows(), .safe_state = safe_.reader_rows()};
}

store::Commit SafePlace::advance(const Place& place, std::int64_t highest_row,
                                 const std::function<bool(std::int64_t row)>& has_pending, Clock::time_point now) {
  if (!candidate_) {
    candidate_.emplace(Candidate{.place = place, .open = open_, .taken = now, .windows_until = now, .row = {}});
    if (!windows_.empty()) candidate_->windows_until = now + longest_window;
  }
  if (!candidate_->open.empty() || now < candidate_->windows_until) return {};
  if (!candidate_->row) candidate_->row = highest_row;
  if (now < candidate_->taken + shortest_time || has_pending(*candidate_->row)) return {};
  auto changed = candidate_->place.since(safe_);
  safe_ = std::move(candidate_->place);
  candidate_.reset();
  return {.safe_cursors = std::move(changed.cursors), .safe_state = std::move(changed.readers)};
}

}  // namespace triaged::daemon
