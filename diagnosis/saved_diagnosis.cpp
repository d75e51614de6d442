// How the diagnosis survives a restart: rows for the ledger, by kind, and back.
#include <algorithm>

#include "diagnosis/diagnoser_state.hpp"

namespace triaged::diagnosis {

namespace {

// After a start, what was written while nobody read is read first.
constexpr Microseconds catching_up = std::chrono::minutes(1);

using Rows = std::vector<std::pair<std::string, std::string>>;  // ids and values

void add_rows(std::vector<SavedState>& to, StateKind kind, Rows rows) {
  for (auto& [id, value] : rows) to.push_back({kind, std::move(id), std::move(value)});
}

void add_ended(std::vector<SavedState>& to, StateKind kind, std::vector<std::string> ended) {
  for (auto& id : ended) to.push_back({kind, std::move(id), ""});
}

SavedState saved(const OpenIncident& incident) { return {StateKind::incident, incident.id, to_json(incident)}; }

SavedState saved(const LogCoverage& coverage) {
  return {StateKind::log_coverage, std::string(LogCoverage::saved_id), coverage.to_json()};
}

SavedState saved(const ProcessAddresses& processes) {
  return {StateKind::process_addresses, std::string(ProcessAddresses::saved_id), processes.to_json()};
}

}  // namespace

std::vector<SavedState> Diagnoser::take_state_changes() {
  std::vector<SavedState> taken;
  for (const auto* incident : std::as_const(state_->open).all()) {
    if (state_->changed_ids.count(incident->id) != 0) taken.push_back(saved(*incident));
  }
  state_->changed_ids.clear();
  add_ended(taken, StateKind::incident, std::exchange(state_->ended_ids, {}));
  auto recovered = state_->recovered.take_changes();
  add_rows(taken, StateKind::recovered, std::move(recovered.changed));
  add_ended(taken, StateKind::recovered, std::move(recovered.ended));
  auto windows = state_->timed.take_changes();
  add_rows(taken, StateKind::window, std::move(windows.changed));
  add_ended(taken, StateKind::window, std::move(windows.ended));
  auto usual = state_->usual.take_changes(state_->now);
  add_rows(taken, StateKind::usual_share, std::move(usual.changed));
  add_ended(taken, StateKind::usual_share, std::move(usual.ended));
  if (auto& processes = state_->open.processes(); processes.take_changed()) taken.push_back(saved(processes));
  if (state_->coverage.take_changed()) taken.push_back(saved(state_->coverage));
  return taken;
}

std::vector<SavedState> Diagnoser::saved_state() const {
  std::vector<SavedState> all;
  for (const auto* incident : std::as_const(state_->open).all()) all.push_back(saved(*incident));
  add_rows(all, StateKind::recovered, state_->recovered.saved());
  add_rows(all, StateKind::window, state_->timed.saved());
  add_rows(all, StateKind::usual_share, state_->usual.saved());
  all.push_back(saved(state_->open.processes()));
  all.push_back(saved(state_->coverage));
  return all;
}

void Diagnoser::drop_state_changes() {
  state_->changed_ids.clear();
  state_->ended_ids.clear();
  state_->recovered.drop_changes();
  state_->timed.drop_changes();
  state_->usual.drop_changes();
  (void)state_->open.processes().take_changed();
  (void)state_->coverage.take_changed();
}

bool Diagnoser::State::restore_incident(std::string_view json, TimePoint at) {
  auto incident = open_incident_from_json(json);
  if (!incident) return false;
  // The clock may have been set back meanwhile: nothing waits longer than it would have from now on.
  if (incident->due != TimePoint::max()) incident->due = std::min(incident->due, at + options.settle);
  incident->active_until =
      std::clamp(incident->active_until, at + catching_up, at + std::max(catching_up, options.resolve_after));
  if (incident->is_told) reported_by_key.insert_or_assign(incident->key, incident->id);
  open.insert(std::move(*incident));
  return true;
}

/// False: the row cannot be read.
bool Diagnoser::State::restore(const SavedState& row, TimePoint at) {
  switch (row.kind) {
    case StateKind::incident:
      return restore_incident(row.value, at);
    case StateKind::recovered:
      return recovered.restore(row.value);
    case StateKind::window:
      return timed.restore(row.id, row.value);
    case StateKind::usual_share:
      return usual.restore(row.value);
    case StateKind::process_addresses:
      return open.processes().restore(row.value);
    case StateKind::log_coverage:
      return coverage.restore(row.value);
    case StateKind::notified:
    case StateKind::history:
    case StateKind::reader:
      return true;  // of other stages
  }
  return true;
}

std::vector<StateKey> Diagnoser::restore(std::span<const SavedState> saved, TimePoint now) {
  state_->now = std::max(state_->now, now);
  state_->timed.start_at(now);
  for (const auto& format : state_->options.followed_formats) state_->coverage.follow(format, now);
  std::vector<StateKey> unreadable;
  for (const auto& row : saved) {
    if (!state_->restore(row, now)) unreadable.push_back({row.kind, row.id});
  }
  return unreadable;
}

}  // namespace triaged::diagnosis
