#include "notify/notifier.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "notify/notified_json.hpp"

namespace triaged::notify {

namespace {

/// What `route` is told of a change. `has_heard`: it was told of this incident before. An incident that was too mild
/// for it until now is opened to it, and one that it never heard of is not resolved to it.
std::optional<Notification> notification_for(const Route& route, const Incident& incident, bool has_heard) {
  if (!has_heard && (incident.severity < route.min_severity || incident.change == Change::resolved))
    return std::nullopt;
  Notification notification{.sink = route.sink,
                            .idempotency_key = fmt::format("{}/{}", incident.id, incident.change_number),
                            .incident = incident};
  if (!has_heard) notification.incident.change = Change::opened;
  return notification;
}

}  // namespace

Notifier::Told Notifier::on_reports(std::vector<Incident> reports, TimePoint now) {
  Told told;
  for (auto& incident : reports) {
    if (!is_to_be_told(incident)) continue;
    const bool is_history = history_.take(incident, now);
    auto& known = note_report(incident, now);
    if (!is_history) tell(incident, known, told.notifications);
    if (incident.change == Change::resolved) end(incident.id);
    told.incidents.push_back(std::move(incident));
  }
  return told;
}

bool Notifier::is_to_be_told(const Incident& report) const {
  if (report.change != Change::updated) return true;
  const auto known = incidents_.find(report.id);
  if (known == incidents_.end() || known->second.acknowledged_at == TimePoint{}) return true;
  return report.reported_severity && report.severity > *report.reported_severity;
}

/// What is remembered of the incident, with this report.
NotifiedIncident& Notifier::note_report(Incident& incident, TimePoint now) {
  const auto [entry, is_new] = incidents_.try_emplace(incident.id);
  auto& known = entry->second;
  // Without a record (it stood in a damaged ledger) the diagnosis' own count is the best guess, and so is the severity
  // that it reported.
  known.changes = known.changes == 0 ? incident.change_number : known.changes + 1;
  if (incident.change == Change::updated) known.acknowledged_at = {};  // it got worse than what was acknowledged
  known.notified_at = now;
  incident.change_number = known.changes;
  incident.acknowledged = known.acknowledged_at;
  note_change(incident.id);
  if (!is_new || incident.is_history || !incident.reported_severity) return known;
  for (const auto& route : policy_.routes) {
    if (*incident.reported_severity >= route.min_severity) known.sinks.insert(route.sink);
  }
  return known;
}

void Notifier::tell(const Incident& incident, NotifiedIncident& known, std::vector<Notification>& notifications) const {
  for (const auto& route : policy_.routes) {
    auto notification = notification_for(route, incident, known.sinks.contains(route.sink));
    if (!notification) continue;
    known.sinks.insert(route.sink);
    notifications.push_back(std::move(*notification));
  }
}

Notifier::Told Notifier::advance_to(TimePoint now) {
  Told told;
  auto summary = history_.take_due(policy_.host, now);
  if (!summary) return told;
  for (const auto& route : policy_.routes) {
    if (auto notification = notification_for(route, *summary, false)) {
      told.notifications.push_back(std::move(*notification));
    }
  }
  told.incidents.push_back(std::move(*summary));
  return told;
}

bool Notifier::wants_update(const std::string& incident, TimePoint now) const {
  const auto known = incidents_.find(incident);
  if (known == incidents_.end() || known->second.acknowledged_at != TimePoint{}) return false;
  return known->second.notified_at + policy_.update_every <= now;
}

bool Notifier::acknowledge(const std::string& incident, TimePoint at) {
  const auto known = incidents_.find(incident);
  if (known == incidents_.end()) return false;
  known->second.acknowledged_at = at;
  note_change(incident);
  return true;
}

void Notifier::note_change(const std::string& incident) {
  ended_.erase(incident);
  changed_.insert(incident);
}

void Notifier::forget(const std::string& incident) {
  history_.forget(incident);
  end(incident);
}

void Notifier::end(const std::string& incident) {
  if (incidents_.erase(incident) == 0) return;
  changed_.erase(incident);
  ended_.insert(incident);
}

std::vector<SavedState> Notifier::take_state_changes() {
  auto taken = history_.take_state_changes();
  for (const auto& id : std::exchange(changed_, {})) {
    taken.push_back({StateKind::notified, id, to_json(incidents_.at(id))});
  }
  for (const auto& id : std::exchange(ended_, {})) taken.push_back({StateKind::notified, id, ""});
  return taken;
}

std::vector<SavedState> Notifier::saved_state() const {
  auto saved = history_.saved_state();
  for (const auto& [id, notified] : incidents_) saved.push_back({StateKind::notified, id, to_json(notified)});
  return saved;
}

std::vector<std::string> Notifier::restore(std::span<const SavedState> saved, TimePoint now) {
  std::vector<std::string> unreadable;
  history_.start_at(now);
  for (const auto& [kind, id, state] : saved) {
    if (kind == StateKind::history) history_.restore({kind, id, state});
    if (kind != StateKind::notified) continue;
    auto notified = notified_from_json(state);
    if (!notified) {
      ended_.insert(id);
      unreadable.push_back(id);
      continue;
    }
    // The clock may have been set back meanwhile: an update waits no longer than it would have from now on.
    notified->notified_at = std::min(notified->notified_at, now);
    incidents_[id] = std::move(*notified);
  }
  return unreadable;
}

}  // namespace triaged::notify
