#include "daemon/safe_place.hpp"

#include <algorithm>
#include <utility>

namespace triaged::daemon {

const StreamRow* Place::find(std::string_view stream) const {
  const auto at = std::ranges::lower_bound(*rows_, stream, {}, &StreamRow::stream);
  return at != rows_->end() && at->stream() == stream ? &*at : nullptr;
}

void Place::put(std::map<std::string_view, StreamRow::Parts> changed) {
  if (rows_.use_count() > 1) rows_ = std::make_shared<Rows>(*rows_);
  std::size_t first_new = rows_->size();
  bool has_gone = false;
  for (const auto& [stream, parts] : changed) {
    const auto end = rows_->begin() + static_cast<std::ptrdiff_t>(first_new);
    const auto at = std::ranges::lower_bound(rows_->begin(), end, stream, {}, &StreamRow::stream);
    const bool is_there = at != end && at->stream() == stream;
    const StreamRow row(stream, parts);
    has_gone = has_gone || row.is_empty();
    if (!is_there)
      rows_->push_back(row);
    else if (*at != row)
      *at = row;
  }
  std::ranges::inplace_merge(*rows_, rows_->begin() + static_cast<std::ptrdiff_t>(first_new), {}, &StreamRow::stream);
  if (has_gone) std::erase_if(*rows_, [](const StreamRow& row) { return row.is_empty(); });
}

void Place::go_to(const std::vector<Cursor>& cursors, const std::vector<SavedState>& state) {
  std::map<std::string_view, StreamRow::Parts> changed;
  const auto parts_of = [&](std::string_view stream) -> StreamRow::Parts& {
    const auto [at, is_first] = changed.try_emplace(stream);
    if (const auto* known = is_first ? find(stream) : nullptr) at->second = known->parts();
    return at->second;
  };
  for (const auto& cursor : cursors) parts_of(cursor.stream).cursor = cursor.state;
  for (const auto& row : state) {
    if (row.kind == StateKind::reader) parts_of(row.id).reader = row.value;
  }
  if (!changed.empty()) put(std::move(changed));
}

std::vector<Cursor> Place::cursor_rows() const { return since({}).cursors; }

std::vector<SavedState> Place::reader_rows() const { return since({}).readers; }

std::vector<std::pair<std::string, std::string>> Place::difference(const Place& before, Part part) const {
  std::vector<std::pair<std::string, std::string>> changed;
  if (rows_ == before.rows_) return changed;
  for (const auto& row : *rows_) {
    const auto* known = before.find(row.stream());
    if (known != nullptr && known->is_copy_of(row)) continue;
    auto now = row.parts().*part;
    if (now != (known == nullptr ? "" : known->parts().*part)) changed.emplace_back(row.stream(), std::move(now));
  }
  for (const auto& row : *before.rows_) {
    if (find(row.stream()) == nullptr && !(row.parts().*part).empty()) changed.emplace_back(row.stream(), "");
  }
  return changed;
}

Place::Changes Place::since(const Place& before) const {
  Changes changes;
  for (auto& [stream, state] : difference(before, &StreamRow::Parts::cursor)) {
    changes.cursors.push_back({std::move(stream), std::move(state)});
  }
  for (auto& [stream, state] : difference(before, &StreamRow::Parts::reader)) {
    changes.readers.push_back({StateKind::reader, std::move(stream), std::move(state)});
  }
  return changes;
}

void Place::share_with(const Place& other) {
  auto rows = std::make_shared<Rows>();
  rows->reserve(rows_->size());
  for (const auto& row : *rows_) {
    const auto* known = other.find(row.stream());
    rows->push_back(known != nullptr && *known == row ? *known : row);
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
