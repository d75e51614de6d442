#include "diagnosis/incident_table.hpp"

#include <algorithm>
#include <tuple>

#include <fmt/format.h>

#include "diagnosis/failing_code.hpp"
#include "values/identity.hpp"

namespace triaged::diagnosis {

namespace {

// Two clocks of one second's resolution may put the same moment one second apart.
constexpr Microseconds clock_tolerance = std::chrono::seconds(1);

// A line without a time of its own is dated by its arrival: it was written up to so much earlier.
constexpr Microseconds arrives_late = std::chrono::seconds(2);

constexpr std::size_t most_relations = 10'000;
constexpr std::size_t most_places = 8;  // of one entity's exceptions that are failures of their own

bool is_near(const OpenIncident& incident, TimePoint at, Microseconds distance) {
  return at >= incident.first_seen - distance && at <= incident.last_seen + distance;
}

Microseconds lateness_of(const Symptom& symptom) { return symptom.has_own_time ? Microseconds(0) : arrives_late; }

/// Exceptions at two places do not become one story through what both of them lead to: of their incidents only one is
/// left, that of the symptom's path, or else the first.
void keep_one_place(std::vector<OpenIncident*>& found, const Symptom& symptom) {
  const auto is_placed = [](const OpenIncident* incident) { return !incident->place.empty(); };
  auto chosen =
      std::ranges::find_if(found, [&](const OpenIncident* incident) { return has_path_of(*incident, symptom); });
  if (chosen == found.end()) chosen = std::ranges::find_if(found, is_placed);
  if (chosen == found.end()) return;
  std::erase_if(found,
                [kept = *chosen](const OpenIncident* incident) { return are_at_other_places(*kept, *incident); });
}

/// Two values of one kind of entity are two stories; an address may have several names.
bool are_apart(const Entity& a, const Entity& b) {
  if (a.kind != b.kind || a.value == b.value) return false;
  return a.kind != "upstream" || !topology::may_be_same_address(a.value, b.value);
}

/// A cause may be logged once and last (no child is left): it lasts as long as its consequence is seen.
TimePoint lasts_until(const OpenIncident& incident, const Observation& cause, std::string_view consequence) {
  auto until = cause.last_seen;
  for (const auto& observation : incident.observations) {
    if (observation.rule == consequence) until = std::max(until, observation.last_seen);
  }
  return until;
}

}  // namespace

/// Empty: the entity is no address, or nobody says which.
std::string_view IncidentTable::address_of(const Entity& entity) const {
  if (entity.kind == "upstream") return entity.value;
  return entity.kind == "server" ? topology_.address_of(entity.value) : std::string_view();
}

/// A server of HAProxy and the address that it stands for are one.
std::string IncidentTable::entity_key(const Entity& entity) const {
  if (const auto address = address_of(entity); !address.empty()) return fmt::format("upstream\n{}", address);
  return fmt::format("{}\n{}", entity.kind, entity.value);
}

IncidentTable::Relation IncidentTable::relation_of(std::string_view a, std::string_view b) const {
  if (topology_.is_empty() || a.empty() || b.empty()) return {};
  if (relations_.size() >= most_relations) relations_.clear();
  const auto [known, is_new] = relations_.try_emplace(fmt::format("{}\n{}", a, b));
  if (is_new) {
    known->second = {topology_.are_apart(a, b), topology_.leads_to(a, b) || topology_.leads_to(b, a),
                     topology_.are_in_one_group(a, b)};
  }
  return known->second;
}

/// What happened at `address` has nothing to do with `entity`, as far as anybody knows. A process that serves one
/// address is not behind another one unless the configuration says so; of two addresses of the configuration it says
/// which.
bool IncidentTable::is_elsewhere(std::string_view address, const Entity& entity) const {
  const auto other = address_of(entity);
  if (address.empty() || other.empty() || topology::may_be_same_address(address, other)) return false;
  const auto relation = relation_of(address, other);
  return entity.kind == "upstream" ? !relation.one_leads_to_other : relation.are_apart;
}

void IncidentTable::learn(const Symptom& symptom, const Entity& entity) {
  processes_.learn(symptom, entity);
  groups_.learn(symptom);
}

void IncidentTable::use_topology(topology::Topology topology) {
  if (topology == topology_) return;
  for (auto* incident : all()) unindex(*incident);
  topology_ = std::move(topology);
  relations_.clear();
  for (auto* incident : all()) {
    for (const auto& observation : incident->observations) index(*incident, observation.rule, observation.entity);
  }
}

/// The incident holds a symptom of `link.rule` near enough, in the order that the link says, and about the same thing
/// as far as anybody knows.
bool IncidentTable::is_linked(const OpenIncident& incident, const RuleLink& link, const Symptom& symptom,
                              const Entity& entity) const {
  return std::any_of(incident.observations.begin(), incident.observations.end(), [&](const Observation& observation) {
    if (observation.rule != link.rule || are_apart(observation.entity, entity)) return false;
    if (relation_of(address_of(observation.entity), address_of(entity)).are_apart) return false;
    const auto earliest = link.is_effect ? observation.first_seen - link.within : observation.first_seen;
    const auto latest =
        link.is_effect ? observation.last_seen : lasts_until(incident, observation, symptom.rule) + link.within;
    const auto theirs = observation.samples.empty() ? Microseconds(0) : lateness_of(observation.samples.front());
    if (symptom.at < earliest - clock_tolerance - theirs) return false;
    if (symptom.at > latest + clock_tolerance + lateness_of(symptom)) return false;
    if (is_elsewhere(processes_.of(symptom), observation.entity) || is_outside_group(symptom, observation.entity)) {
      return false;
    }
    if (observation.samples.empty()) return true;
    const auto& other = observation.samples.back();
    if (is_elsewhere(processes_.of(other), entity) || is_outside_group(other, entity)) return false;
    return may_be_of_one_unit(incident, observation, symptom, entity);
  });
}

/// May the story of the incident hold the symptom, which is about the same entity? Two failures of one server minutes
/// apart are two stories unless one explains the other. What is merely context (a worker started) says something of a
/// failure only while that begins.
bool IncidentTable::explains(const OpenIncident& incident, const Seeking& seeking) const {
  const auto& [symptom, entity, rule, graph] = seeking;
  if (!is_near(incident, symptom.at, quiet_)) return false;
  if (began_together(incident.first_seen, symptom.at)) return true;
  const bool is_info = rule.severity == Severity::info || rule.is_raised_by_client();
  const bool is_context = is_info && incident.severity > Severity::info;
  if (is_context) return false;
  const bool is_its_cause = std::ranges::any_of(
      rule.causes, [&](const knowledge::Cause& cause) { return cause.id == incident.reported_cause; });
  const bool means_a_number = rule.alone_from > 1 && !rule.is_raised_by_client();
  return means_a_number || is_its_cause ||
         std::ranges::any_of(incident.observations, [&](const Observation& observation) {
           return observation.rule == rule.id || graph.leads_to(observation.rule, rule.id);
         });
}

/// A line of the incident's own time belongs to it whenever it is read, and what means something only in numbers is
/// counted until there is something to tell.
bool IncidentTable::is_past(const OpenIncident& incident, const Seeking& seeking) const {
  const auto& rule = seeking.rule;
  const auto is_of_rule = [&](const Observation& observation) { return observation.rule == rule.id; };
  if (!incident.is_reported() && rule.alone_from > 1 && std::ranges::any_of(incident.observations, is_of_rule)) {
    return false;
  }
  const auto at = seeking.symptom.at;
  return at > incident.last_seen + clock_tolerance && is_over(incident, at);
}

/// The latest. Of exceptions it is the one at the same place, and what says no place belongs to the one of its path;
/// but an application that fails at so many places at once has one failure, whatever it is.
OpenIncident* IncidentTable::of_same_entity(const Seeking& seeking) const {
  const auto same = by_entity_.find(entity_key(seeking.entity));
  if (same == by_entity_.end()) return nullptr;
  const auto place = place_in_code(seeking.symptom);
  OpenIncident* latest = nullptr;
  OpenIncident* latest_elsewhere = nullptr;
  std::size_t places = 0;
  for (auto id = same->second.rbegin(); id != same->second.rend(); ++id) {
    auto& incident = *by_id_.at(*id);
    if (!explains(incident, seeking) || is_past(incident, seeking)) continue;
    const bool is_certain = place.empty() ? has_path_of(incident, seeking.symptom) : incident.place == place;
    if (is_certain) return &incident;
    const bool is_elsewhere = is_other_place(incident, seeking.symptom, seeking.rule);
    places += is_elsewhere ? 1 : 0;
    auto& first = is_elsewhere ? latest_elsewhere : latest;
    if (first == nullptr) first = &incident;
  }
  return latest == nullptr && places >= most_places ? latest_elsewhere : latest;
}

std::vector<OpenIncident*> IncidentTable::fitting(const Seeking& seeking) const {
  const auto& [symptom, entity, rule, graph] = seeking;
  std::vector<OpenIncident*> found;
  if (auto* same = of_same_entity(seeking)) found.push_back(same);
  for (auto* related : {of_neighbour(seeking), of_unit(seeking)}) {
    if (related != nullptr && std::ranges::find(found, related) == found.end()) found.push_back(related);
  }
  for (const auto& link : graph.links_of(symptom.rule)) {
    const auto holders = by_rule_.find(std::string(link.rule));
    if (holders == by_rule_.end()) continue;
    // The latest first, and not all of them: what clients invent must not make every symptom dear.
    std::size_t looked_at = 0;
    for (auto id = holders->second.rbegin(); id != holders->second.rend() && looked_at < most_linked;
         ++id, ++looked_at) {
      auto* incident = by_id_.at(*id).get();
      if (std::ranges::find(found, incident) != found.end()) continue;
      if (is_other_place(*incident, symptom, rule)) continue;
      if (is_linked(*incident, link, symptom, entity) && !is_past(*incident, seeking)) found.push_back(incident);
    }
  }
  keep_one_unit(found, seeking);
  // Of the same moment by what they are about: where their logs lie, which the ids come from, says nothing.
  std::sort(found.begin(), found.end(), [](const OpenIncident* a, const OpenIncident* b) {
    return std::tie(a->first_seen, a->entity.kind, a->entity.value, a->id) <
           std::tie(b->first_seen, b->entity.kind, b->entity.value, b->id);
  });
  return found;
}

void IncidentTable::absorb(Joined& joined, OpenIncident& other) {
  unindex(other);
  auto absorbed = std::move(by_id_.extract(other.id).mapped());
  joined.absorbed.push_back(*absorbed);
  merge(*joined.incident, std::move(*absorbed));
  for (const auto& observation : joined.incident->observations)
    index(*joined.incident, observation.rule, observation.entity);
}

OpenIncident* IncidentTable::open_for(const Symptom& symptom, const Entity& entity, Joined& joined) {
  if (by_id_.size() >= capacity_) joined.pushed_out = make_room();
  auto incident = std::make_unique<OpenIncident>();
  incident->id = incident_id(symptom);
  incident->entity = entity;
  incident->due = TimePoint::max();
  return by_id_.emplace(incident->id, std::move(incident)).first->second.get();
}

IncidentTable::Joined IncidentTable::join(const Symptom& symptom, const Entity& entity, const knowledge::Rule& rule,
                                          const RuleGraph& graph) {
  Joined joined;
  auto found = fitting({symptom, entity, rule, graph});
  if (found.empty()) {
    joined.incident = open_for(symptom, entity, joined);
  } else {
    const auto is_one_story = [&, latest = found.back()->first_seen](const OpenIncident* incident) {
      return began_together(incident->first_seen, latest) ||
             std::ranges::any_of(incident->observations, [&](const Observation& observation) {
               return graph.leads_to(rule.id, observation.rule);
             });
    };
    std::erase_if(found, [&](const OpenIncident* incident) { return !is_one_story(incident); });
    keep_one_place(found, symptom);
    joined.incident = found.front();
    for (std::size_t i = 1; i < found.size(); ++i) absorb(joined, *found[i]);
  }
  auto& incident = *joined.incident;
  note_place(incident, symptom, rule);
  if (!rule.is_raised_by_client()) incident.severity = std::max(incident.severity, rule.severity);
  // What the incident has no room to remember is not indexed either: nothing would ever take it out again.
  switch (add_symptom(incident, symptom, entity)) {
    case Remembered::as_new:
      joined.is_news = true;
      index(incident, symptom.rule, entity);
      break;
    case Remembered::with_others:
    case Remembered::as_count:
      break;
  }
  return joined;
}

void IncidentTable::index(OpenIncident& incident, const std::string& rule, const Entity& entity) {
  by_entity_[entity_key(entity)].insert(incident.id);
  by_rule_[rule].insert(incident.id);
}

void IncidentTable::insert(OpenIncident incident) {
  const auto id = incident.id;
  auto& stored = by_id_[id];
  stored = std::make_unique<OpenIncident>(std::move(incident));
  stored->was_restored = true;
  for (const auto& observation : stored->observations) index(*stored, observation.rule, observation.entity);
}

void IncidentTable::unindex(const OpenIncident& incident) {
  const auto leave = [&](auto& index, const std::string& key) {
    const auto holders = index.find(key);
    if (holders == index.end()) return;
    holders->second.erase(incident.id);
    if (holders->second.empty()) index.erase(holders);
  };
  for (const auto& observation : incident.observations) {
    leave(by_entity_, entity_key(observation.entity));
    leave(by_rule_, observation.rule);
  }
}

void IncidentTable::recur(OpenIncident& incident, const OpenIncident& earlier) {
  unindex(incident);
  auto node = by_id_.extract(incident.id);
  diagnosis::recur(incident, earlier);
  node.key() = incident.id;
  by_id_.insert(std::move(node));
  for (const auto& observation : incident.observations) index(incident, observation.rule, observation.entity);
}

void IncidentTable::erase(const std::string& id) {
  const auto found = by_id_.find(id);
  if (found == by_id_.end()) return;
  unindex(*found->second);
  by_id_.erase(found);
}

OpenIncident* IncidentTable::find(const std::string& id) {
  const auto found = by_id_.find(id);
  return found == by_id_.end() ? nullptr : found->second.get();
}

OpenIncident* IncidentTable::next_after(const std::string& id) {
  const auto next = by_id_.upper_bound(id);
  return next == by_id_.end() ? nullptr : next->second.get();
}

// A sixteenth at once, so that the search for them is paid for by as many new ones.
std::vector<OpenIncident> IncidentTable::make_room() {
  auto ranked = all();
  const auto room = static_cast<std::ptrdiff_t>(std::max<std::size_t>(1, capacity_ / 16));
  const auto is_less = [](const OpenIncident* a, const OpenIncident* b) {
    const bool a_is_news = !a->is_reported(), b_is_news = !b->is_reported();
    return std::tie(a->has_news, a->severity, a_is_news, a->active_until, a->id) <
           std::tie(b->has_news, b->severity, b_is_news, b->active_until, b->id);
  };
  std::nth_element(ranked.begin(), ranked.begin() + room - 1, ranked.end(), is_less);
  std::vector<OpenIncident> pushed_out;
  for (auto* incident : std::vector(ranked.begin(), ranked.begin() + room)) {
    unindex(*incident);
    pushed_out.push_back(std::move(*incident));
    by_id_.erase(pushed_out.back().id);
  }
  pushed_out_ += pushed_out.size();
  return pushed_out;
}

std::vector<OpenIncident*> IncidentTable::all() {
  std::vector<OpenIncident*> incidents;
  for (const auto& [id, incident] : by_id_) incidents.push_back(incident.get());
  return incidents;
}

std::vector<const OpenIncident*> IncidentTable::all() const {
  std::vector<const OpenIncident*> incidents;
  for (const auto& [id, incident] : by_id_) incidents.push_back(incident.get());
  return incidents;
}

}  // namespace triaged::diagnosis
