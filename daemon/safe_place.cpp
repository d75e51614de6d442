#include "daemon/safe_place.hpp"

#include <algorithm>
#include <utility>

#include "diagnosis/process_addresses.hpp"
#include "diagnosis/timed_matches.hpp"
#include "diagnosis/usual_shares.hpp"

namespace triaged::daemon {

SafePlace::SafePlace(const std::vector<Cursor>& safe, const std::vector<store::StoredIncident>& open) {
  for (const auto& cursor : safe) safe_[cursor.stream] = cursor.state;
  for (const auto& incident : open) open_.insert(incident.id);
}

bool SafePlace::holds_lines(const std::string& id) {
  return !diagnosis::UsualShares::is_saved_id(id) && id != diagnosis::ProcessAddresses::saved_id;
}

// An incident that ends without its own last notification has become part of another one, which goes on with its lines.
bool SafePlace::is_over(const std::string& id, const store::Commit& commit) {
  return std::any_of(commit.told.begin(), commit.told.end(), [&](const Incident& told) {
    return told.id == id && told.change == Change::resolved && told.merged_into.empty();
  });
}

void SafePlace::on_commit(const store::Commit& commit) {
  for (const auto& incident : commit.open_incidents) open_.insert(incident.id);
  bool has_one_been_absorbed = false;
  for (const auto& id : commit.closed_incidents) {
    open_.erase(id);
    if (candidate_ && candidate_->open.erase(id) > 0 && !is_over(id, commit)) has_one_been_absorbed = true;
  }
  if (!has_one_been_absorbed) return;
  // Into one of those that the same commit keeps.
  for (const auto& incident : commit.open_incidents) {
    if (holds_lines(incident.id) && !diagnosis::TimedMatches::is_window_id(incident.id))
      candidate_->open.insert(incident.id);
  }
}

std::vector<Cursor> SafePlace::all() const {
  std::vector<Cursor> cursors;
  for (const auto& [stream, state] : safe_) cursors.push_back({stream, state});
  return cursors;
}

std::vector<Cursor> SafePlace::advance(const Cursors& cursors, std::int64_t highest_row,
                                       const std::function<bool(std::int64_t row)>& has_pending,
                                       Clock::time_point now) {
  if (!candidate_) {
    candidate_.emplace();
    candidate_->taken = candidate_->windows_until = now;
    for (const auto& [stream, state] : cursors) {
      if (!stream.starts_with(store::told_prefix)) candidate_->cursors.emplace(stream, state);
    }
    for (const auto& id : open_) {
      if (diagnosis::TimedMatches::is_window_id(id)) {
        candidate_->windows_until = now + longest_window;
      } else if (holds_lines(id)) {
        candidate_->open.insert(id);
      }
    }
  }
  if (!candidate_->open.empty() || now < candidate_->windows_until) return {};
  if (!candidate_->row) candidate_->row = highest_row;
  if (now < candidate_->taken + shortest_time || has_pending(*candidate_->row)) return {};
  std::vector<Cursor> changed;
  for (const auto& [stream, state] : candidate_->cursors) {
    if (const auto known = safe_.find(stream); known == safe_.end() || known->second != state) {
      changed.push_back({stream, state});
    }
  }
  for (const auto& [stream, state] : safe_) {
    if (!candidate_->cursors.contains(stream)) changed.push_back({stream, ""});
  }
  safe_ = std::move(candidate_->cursors);
  candidate_.reset();
  return changed;
}

}  // namespace triaged::daemon
