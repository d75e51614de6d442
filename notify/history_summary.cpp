#include "notify/history_summary.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "notify/past_incident_json.hpp"
#include "values/identity.hpp"

namespace triaged::notify {

namespace {

constexpr const char* rule = "triaged/history";
constexpr const char* cause = "before-following";

/// Nothing of the past came for so long, beyond the time in which incidents settle: there is no more of it. Sources
/// take turns, and the one that reads slowest must have had its turn.
constexpr Microseconds past_is_read_after = std::chrono::seconds(8);

/// What the message counts.
struct Counted {
  std::size_t incidents = 0;
  std::array<std::size_t, 4> by_severity{};
  TimePoint first_seen = TimePoint::max(), last_seen = TimePoint::min();

  void add(const PastIncident& incident) {
    ++incidents;
    ++by_severity.at(static_cast<std::size_t>(incident.severity));
    first_seen = std::min(first_seen, incident.first_seen);
    last_seen = std::max(last_seen, incident.last_seen);
  }
};

/// It is to be read, and by day: whoever hears of warnings hears of it, and a pager, which asks for errors, does not.
Severity severity_of(const Counted& counted) {
  const auto of_information = counted.by_severity.at(static_cast<std::size_t>(Severity::info));
  return counted.incidents == of_information ? Severity::info : Severity::warning;
}

/// "3 critical, 20 error, 1 warning"
std::string severities(const Counted& counted) {
  std::string text;
  for (const auto severity : {Severity::critical, Severity::error, Severity::warning, Severity::info}) {
    const auto count = counted.by_severity.at(static_cast<std::size_t>(severity));
    if (count == 0) continue;
    if (!text.empty()) text += ", ";
    text += fmt::format("{} {}", count, name_of(severity));
  }
  return text;
}

/// "9 days", or "5 hours" of less than two days.
std::string span_until(TimePoint now, TimePoint first) {
  const auto hours = std::chrono::ceil<std::chrono::hours>(std::max(now - first, Microseconds(1))).count();
  if (hours < 48) return fmt::format("{} hour{}", hours, hours == 1 ? "" : "s");
  return fmt::format("{} days", (hours + 12) / 24);
}

std::string plural(std::size_t count, bool is_all) {
  return fmt::format("{}{} incident{}", is_all ? "" : "more than ", count, count == 1 ? "" : "s");
}

}  // namespace

bool HistorySummary::take(const Incident& report, TimePoint now) {
  const bool is_known = incidents_.contains(report.id);
  const bool is_part_of_another = !report.merged_into.empty();
  if (is_known && (!report.is_history || is_part_of_another)) forget(report.id);
  if (!report.is_history) return false;
  last_activity_ = now;
  if (!is_part_of_another) note(report);
  return true;
}

void HistorySummary::note(const Incident& report) {
  const auto known = incidents_.find(report.id);
  const bool is_over = report.change == Change::resolved;
  if (known != incidents_.end() && known->second.is_summarised) {
    if (is_over) forget(report.id);
    return;
  }
  if (known == incidents_.end() && incidents_.size() >= most_incidents) return;
  incidents_[report.id] = {report.severity, report.first_seen, report.last_seen, is_over, false};
  ended_.erase(report.id);
  changed_.insert(report.id);
}

void HistorySummary::forget(const std::string& incident) {
  if (incidents_.erase(incident) == 0) return;
  changed_.erase(incident);
  ended_.insert(incident);
}

std::optional<Incident> HistorySummary::take_due(const std::string& host, TimePoint now) {
  if (now < last_activity_ + settle_ + past_is_read_after) return std::nullopt;
  const auto is_to_be_counted = [](const auto& entry) { return !entry.second.is_summarised; };
  if (std::ranges::none_of(incidents_, is_to_be_counted)) return std::nullopt;
  auto due = message(host, now);
  for (auto at = incidents_.begin(); at != incidents_.end();) {
    auto& [id, incident] = *at++;
    if (incident.is_over) {
      forget(std::string(id));
    } else if (!std::exchange(incident.is_summarised, true)) {
      changed_.insert(id);
    }
  }
  return due;
}

Incident HistorySummary::message(const std::string& host, TimePoint now) const {
  Counted counted;
  for (const auto& [id, incident] : incidents_) {
    if (!incident.is_summarised) counted.add(incident);
  }
  const auto many = plural(counted.incidents, incidents_.size() < most_incidents);
  Incident incident;
  incident.id = incident_id({.rule = rule, .source = host, .at = now, .line = rule});
  incident.entity = {"host", host};
  incident.key = incident_key(rule, incident.entity);
  incident.severity = severity_of(counted);
  incident.title = fmt::format("{} of the last {} stood in the logs when triaged began to follow them", many,
                               span_until(now, counted.first_seen));
  incident.host = host;
  incident.first_seen = counted.first_seen;
  incident.last_seen = counted.last_seen;
  incident.count = counted.incidents;
  const auto text = fmt::format(
      "They are older than 'max_age' of 'diagnose', so nobody is notified of each: {}. What happens from now on is "
      "sent as usual",
      severities(counted));
  incident.causes = {{.cause = cause, .rule = rule, .probability = 1, .text = text, .because = {}}};
  incident.chain = {
      {.rule = rule, .role = ChainRole::root, .at = counted.last_seen, .source = "triaged", .line = text}};
  incident.workarounds = {{.action = "Read what happened",
                           .how = "`triaged incidents list --all` lists them, `triaged incidents show ID` shows one",
                           .success_rate = 1,
                           .score = 1,
                           .cause = cause}};
  incident.rules = {rule};
  incident.confidence = 1;
  return incident;
}

std::vector<SavedState> HistorySummary::take_state_changes() {
  std::vector<SavedState> taken;
  for (const auto& id : std::exchange(changed_, {})) {
    taken.push_back({StateKind::history, id, to_json(incidents_.at(id))});
  }
  for (const auto& id : std::exchange(ended_, {})) taken.push_back({StateKind::history, id, ""});
  return taken;
}

std::vector<SavedState> HistorySummary::saved_state() const {
  std::vector<SavedState> saved;
  for (const auto& [id, incident] : incidents_) saved.push_back({StateKind::history, id, to_json(incident)});
  return saved;
}

void HistorySummary::restore(const SavedState& saved) {
  if (auto incident = past_incident_from_json(saved.value)) {
    incidents_[saved.id] = *incident;
  } else {
    ended_.insert(saved.id);
  }
}

}  // namespace triaged::notify
