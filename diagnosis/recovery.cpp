// When a story is over: its servers have answered as they should, often enough to say so, and it did not come back. How
// often is enough follows from the incident itself. When one request in a hundred failed, a hundred good ones say
// little and three hundred say that it is over; when every request failed, a few do. What failed every half minute is
// given a minute.
#include <algorithm>
#include <iterator>
#include <ranges>

#include "diagnosis/incident_table.hpp"

namespace triaged::diagnosis {

namespace {

constexpr Microseconds shortest_health = std::chrono::minutes(1);
// So many times the longest gap between two failures, and so many times the good answers that came for each failure:
// by chance alone it would stay away for so long once in twenty times.
constexpr int gaps = 2;
constexpr Microseconds shortest_absence = std::chrono::seconds(2);  // logs round by one
constexpr double answers_for_each = 3;

Microseconds health_wanted(const Rhythm& rhythm) { return std::max(shortest_health, gaps * rhythm.longest_gap); }

}  // namespace

/// Of several servers that fail alike each must answer: what one of them does says nothing of the others.
bool IncidentTable::fails_like_another(const OpenIncident& incident, const Observation& one) const {
  const auto& kind = one.entity.kind;
  if (kind != "server" && kind != "upstream") return false;
  return std::ranges::any_of(incident.observations, [&](const Observation& other) {
    if (other.entity.kind != kind || other.entity == one.entity) return false;
    if (kind == "server") return true;
    const bool is_another = !topology::may_be_same_address(other.entity.value, one.entity.value) ||
                            relation_of(other.entity.value, one.entity.value).are_in_one_group;
    return other.rule == one.rule && is_another;
  });
}

void IncidentTable::count(const Answers& answers) {
  answers_.add(tier_key(tier_of(answers.format), answers.host), answers.at, answers.lines);
  for (const auto* kind : {"upstream", "server"}) {
    const auto who = answers.field(kind);
    if (who.empty()) continue;
    named_kinds_.insert(kind);
    answers_.add(entity_key({kind, std::string(who)}), answers.at, answers.lines);
  }
}

/// Whose answers speak of the incident: of the address or server that failed where the logs name who answers, else of
/// the tier that wrote the lines.
std::set<std::string> IncidentTable::answer_keys(const OpenIncident& incident) const {
  std::set<std::string> keys;
  for (const auto& observation : incident.observations) {
    if (named_kinds_.contains(observation.entity.kind)) {
      keys.insert(entity_key(observation.entity));
    } else if (!observation.samples.empty()) {
      const auto& line = observation.samples.front();
      keys.insert(tier_key(tier_of(line.format), line.host));
    }
  }
  return keys;
}

/// The same requests stand in the logs of several tiers: of each kind of key alone, and of those that name who answered
/// rather than of a tier.
GoodAnswers IncidentTable::answers_around(const OpenIncident& incident) const {
  GoodAnswers answers{.is_partial = incident.was_restored};
  const auto& rhythm = incident.rhythm;
  if (rhythm.failures == 0) return answers;
  const auto keys = answer_keys(incident);
  const auto is_of = [](std::string_view kind) {
    return [kind](std::string_view key) { return key.starts_with(kind); };
  };
  const std::string_view kinds[] = {"upstream\n", "server\n", "tier\n"};
  const auto* kind = std::ranges::find_if(kinds, [&](auto each) { return std::ranges::any_of(keys, is_of(each)); });
  if (kind == std::end(kinds)) return answers;
  answers.are_named = *kind != "tier\n";
  answers.may_be_of_others = std::ranges::any_of(keys, is_of("tier\napplication\n")) && !answers.are_named;
  for (const auto& key : keys | std::views::filter(is_of(*kind))) {
    answers.before += answers_.between(key, rhythm.first - AnswerCounts::kept_for, rhythm.first);
    answers.meanwhile += answers_.between(key, rhythm.first, rhythm.last);
    answers.since += answers_.between(key, rhythm.last, answers_.latest());
  }
  answers.stays_away = answers_.latest() >= rhythm.last + std::max(shortest_absence, gaps * rhythm.longest_gap);
  if (answers.are_named) add_others(answers, *kind, keys, rhythm);
  return answers;
}

/// The busiest of them is named.
void IncidentTable::add_others(GoodAnswers& answers, std::string_view kind, const std::set<std::string>& keys,
                               const Rhythm& rhythm) const {
  std::uint64_t most = 0;
  for (const auto& key : answers_.keys_with(kind)) {
    const auto lines = keys.contains(key) ? 0 : answers_.between(key, rhythm.first, rhythm.last);
    answers.by_others += lines;
    if (lines <= most) continue;
    most = lines;
    answers.other = key.substr(kind.size());
  }
}

bool IncidentTable::is_over(const OpenIncident& incident, TimePoint at) const {
  const auto& rhythm = incident.rhythm;
  if (rhythm.failures == 0 || at < rhythm.last + std::min(health_wanted(rhythm), quiet_)) return false;
  for (const auto& observation : incident.observations) {
    if (!named_kinds_.contains(observation.entity.kind) || !fails_like_another(incident, observation)) continue;
    if (answers_.between(entity_key(observation.entity), rhythm.last, at) == 0) return false;
  }
  std::uint64_t meanwhile = 0, since = 0;
  for (const auto& key : answer_keys(incident)) {
    meanwhile += answers_.between(key, rhythm.first - AnswerCounts::part, rhythm.last);
    since += answers_.between(key, rhythm.last, at);
  }
  const auto for_each_failure = static_cast<double>(meanwhile) / static_cast<double>(rhythm.failures);
  return static_cast<double>(since) >= answers_for_each * (1 + for_each_failure);
}

/// What means something only in numbers is still being counted while there is nothing to tell.
bool IncidentTable::has_recovered(const OpenIncident& incident) const {
  if (!incident.is_reported()) return false;
  const auto stays_away_for = std::min(gaps * incident.rhythm.longest_pause, quiet_);
  return answers_.latest() >= incident.rhythm.last + stays_away_for && is_over(incident, answers_.latest());
}

}  // namespace triaged::diagnosis
