#include "diagnosis/recovered_incidents.hpp"

#include <algorithm>

namespace triaged::diagnosis {

namespace {

bool ended_before(const auto& a, const auto& b) { return a.second.rhythm.last < b.second.rhythm.last; }

}  // namespace

void RecoveredIncidents::keep(OpenIncident incident) {
  forget_older_than(incident.rhythm.last - remembered_for_);
  const auto known = by_key_.find(incident.key);
  if (known != by_key_.end()) {
    forget(known);
  } else if (by_key_.size() >= most) {
    forget(std::ranges::min_element(by_key_, [](const auto& a, const auto& b) { return ended_before(a, b); }));
  }
  changed_.insert(incident.key);
  auto key = incident.key;
  by_key_.emplace(std::move(key), std::move(incident));
}

std::optional<OpenIncident> RecoveredIncidents::take(const std::string& key, std::string_view cause, TimePoint at) {
  const auto known = by_key_.find(key);
  if (known == by_key_.end()) return std::nullopt;
  const auto& incident = known->second;
  const auto last = incident.rhythm.last;
  if (incident.reported_cause != cause || at < last || at > last + remembered_for_) return std::nullopt;
  return forget(known);
}

OpenIncident RecoveredIncidents::forget(ByKey::iterator known) {
  // What was never saved needs not be forgotten there, and to say so does no harm.
  changed_.erase(known->first);
  ended_.push_back(known->second.id);
  return std::move(by_key_.extract(known).mapped());
}

void RecoveredIncidents::forget_older_than(TimePoint time) {
  for (auto known = by_key_.begin(); known != by_key_.end();) {
    const auto here = known++;
    if (here->second.rhythm.last < time) forget(here);
  }
}

RecoveredIncidents::Changes RecoveredIncidents::take_changes() {
  Changes changes{.changed = {}, .ended = std::exchange(ended_, {})};
  for (const auto& key : std::exchange(changed_, {})) {
    const auto& incident = by_key_.at(key);
    changes.changed.emplace_back(incident.id, to_json(incident));
    // An incident that came back and is over again: it was forgotten and is kept once more.
    std::erase(changes.ended, incident.id);
  }
  return changes;
}

void RecoveredIncidents::drop_changes() {
  changed_.clear();
  ended_.clear();
}

std::vector<std::pair<std::string, std::string>> RecoveredIncidents::saved() const {
  std::vector<std::pair<std::string, std::string>> all;
  for (const auto& [key, incident] : by_key_) all.emplace_back(incident.id, to_json(incident));
  return all;
}

bool RecoveredIncidents::restore(std::string_view json) {
  auto incident = open_incident_from_json(json);
  if (!incident) return false;
  incident->is_told = false;  // as open: it is over
  auto key = incident->key;
  by_key_.insert_or_assign(std::move(key), std::move(*incident));
  return true;
}

}  // namespace triaged::diagnosis
