#include "daemon/safe_place.hpp"

#include <algorithm>
#include <utility>

namespace triaged::daemon {

void Place::put(const std::string& stream, std::string Row::*part, const std::string& state) {
  if (find(stream, part) == state) return;
  if (rows_.use_count() > 1) rows_ = std::make_shared<Rows>(*rows_);
  Row row{.stream = stream, .cursor = {}, .reader = {}};
  if (const auto known = rows_->find(stream); known != rows_->end()) {
    row = **known;
    rows_->erase(known);
  }
  row.*part = std::string(state);  // moved: an assignment would keep room for twice as much
  if (row.cursor.empty() && row.reader.empty()) return;
  rows_->insert(std::make_shared<const Row>(std::move(row)));
}

std::string_view Place::find(const std::string& stream, std::string Row::*part) const {
  const auto known = rows_->find(stream);
  return known == rows_->end() ? std::string_view() : (**known).*part;
}

void Place::go_to(const std::vector<Cursor>& cursors, const std::vector<SavedState>& state) {
  for (const auto& cursor : cursors) put(cursor.stream, &Row::cursor, cursor.state);
  for (const auto& row : state) {
    if (row.kind == StateKind::reader) put(row.id, &Row::reader, row.value);
  }
}

std::vector<Cursor> Place::cursor_rows() const { return since({}).cursors; }

std::vector<SavedState> Place::reader_rows() const { return since({}).readers; }

std::vector<std::pair<std::string, std::string>> Place::difference(const Place& before, std::string Row::*part) const {
  std::vector<std::pair<std::string, std::string>> changed;
  if (rows_ == before.rows_) return changed;
  for (const auto& row : *rows_) {
    if (before.find(row->stream, part) != (*row).*part) changed.emplace_back(row->stream, (*row).*part);
  }
  for (const auto& row : *before.rows_) {
    if (!((*row).*part).empty() && !rows_->contains(row->stream)) changed.emplace_back(row->stream, "");
  }
  return changed;
}

Place::Changes Place::since(const Place& before) const {
  Changes changes;
  for (auto& [stream, state] : difference(before, &Row::cursor)) {
    changes.cursors.push_back({std::move(stream), std::move(state)});
  }
  for (auto& [stream, state] : difference(before, &Row::reader)) {
    changes.readers.push_back({StateKind::reader, std::move(stream), std::move(state)});
  }
  return changes;
}

void Place::share_with(const Place& other) {
  auto rows = std::make_shared<Rows>();
  for (const auto& row : *rows_) {
    const auto known = other.rows_->find(row->stream);
    const bool is_same = known != other.rows_->end() && **known == *row;
    rows->insert(rows->end(), is_same ? *known : row);
  }
  rows_ = *rows == *other.rows_ ? other.rows_ : std::move(rows);
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
