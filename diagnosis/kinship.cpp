// Which servers and units belong together without a transition between rules.
//
// Servers: those of one backend of HAProxy's, and those of one upstream block of nginx's, which its configuration says
// (topology/) or a request that nginx tried at both (server_groups.hpp).
//
// Units of systemd: what systemd says of "shop.service" belongs to what the program in it says of itself. That is
// known, the surest first, when the line or the kernel names the unit, when a process of that number is known to be of
// it, or when unit and program have one name. With what a proxy says of an address a unit has to do when its processes
// are known to serve that address, or by names as well; that both failed in the same minute is not enough, for jobs
// fail every day.
#include <algorithm>
#include <ranges>
#include <set>

#include "diagnosis/failing_code.hpp"
#include "diagnosis/incident_table.hpp"
#include "diagnosis/units.hpp"

namespace triaged::diagnosis {

namespace {

/// Of a server as HAProxy names it, "backend/server"; empty: it is none.
std::string_view backend_of(const Entity& entity) {
  if (entity.kind != "server") return {};
  return std::string_view(entity.value).substr(0, std::min(entity.value.find('/'), entity.value.size()));
}

bool is_near(const Observation& observation, TimePoint at) {
  return began_together(observation.first_seen, at) || began_together(observation.last_seen, at);
}

/// Of the lines of an observation the one that says whose it is: the kernel names the unit in one of two.
const Symptom& telling_sample(const Observation& observation) {
  const auto named =
      std::ranges::find_if(observation.samples, [](const Symptom& sample) { return !unit_named_in(sample).empty(); });
  return named == observation.samples.end() ? observation.samples.front() : *named;
}

bool may_be_one_host(std::string_view a, std::string_view b) { return a.empty() || b.empty() || a == b; }

/// That systemd speaks of in the incident.
std::set<std::string_view> units_in(const OpenIncident& incident) {
  std::set<std::string_view> units;
  for (const auto& observation : incident.observations) {
    if (const auto unit = unit_spoken_of(observation.entity); !unit.empty()) units.insert(unit);
  }
  return units;
}

}  // namespace

bool IncidentTable::are_neighbours(const Entity& a, const Entity& b) const {
  if (a == b || a.kind != b.kind) return false;
  if (a.kind == "upstream")
    return groups_.are_in_one(a.value, b.value) || relation_of(a.value, b.value).are_in_one_group;
  return !backend_of(a).empty() && backend_of(a) == backend_of(b);
}

/// "no live upstreams" names the block of nginx's all of whose servers failed: that of another block has no part in it.
bool IncidentTable::is_outside_group(const Symptom& symptom, const Entity& entity) const {
  return entity.kind == "upstream" && topology_.is_outside_group(symptom.field("upstream"), entity.value);
}

/// Several servers behind one name that fail in the same way at the same time fail for one reason.
OpenIncident* IncidentTable::of_neighbour(const Seeking& seeking) const {
  const auto& symptom = seeking.symptom;
  const auto& entity = seeking.entity;
  const auto holders = by_rule_.find(symptom.rule);
  if (holders == by_rule_.end() || !speaks_of_another(symptom, entity)) return nullptr;
  // A proxy has its own reason to fail: what stands behind it, which is another thing behind each.
  if (topology_.is_proxy(address_of(entity))) return nullptr;
  const auto fails_alike = [&](const Observation& observation) {
    return observation.rule == seeking.rule.id && are_neighbours(observation.entity, seeking.entity) &&
           began_together(observation.first_seen, seeking.symptom.at);
  };
  for (const auto& id : holders->second | std::views::reverse | std::views::take(most_linked)) {
    auto& incident = *by_id_.at(id);
    if (std::ranges::any_of(incident.observations, fails_alike) && !is_past(incident, seeking)) return &incident;
  }
  return nullptr;
}

/// Through proxies, too.
IncidentTable::Kinship IncidentTable::kinship_of_address(const Unit& unit, const Symptom& symptom,
                                                         const Entity& entity) const {
  const auto names = names_of_served(unit.name, symptom);
  if (names == Names::contradict) return Kinship::apart;
  if (const auto address = address_of(entity); !address.empty()) {
    const auto served = processes_.addresses_of(unit.name, unit.host);
    const auto is_it = [&](std::string_view own) {
      return topology::may_be_same_address(own, address) || relation_of(own, address).one_leads_to_other;
    };
    if (!served.empty()) return std::ranges::any_of(served, is_it) ? Kinship::same : Kinship::apart;
    if (processes_.is_of_other_unit(address, unit.name)) return Kinship::apart;
  }
  return names == Names::agree ? Kinship::same : Kinship::unknown;
}

/// A proxy may stand on another machine than the unit; a program does not.
IncidentTable::Kinship IncidentTable::kinship_of(const Unit& unit, const Symptom& symptom, const Entity& entity) const {
  if (speaks_of_another(symptom, entity)) return kinship_of_address(unit, symptom, entity);
  const auto kinship = kinship_on_host(unit, symptom, entity);
  return kinship == Kinship::same && !may_be_one_host(unit.host, symptom.host) ? Kinship::apart : kinship;
}

/// Of what a program or the kernel says, as if both were of one machine.
IncidentTable::Kinship IncidentTable::kinship_on_host(const Unit& unit, const Symptom& symptom,
                                                      const Entity& entity) const {
  const bool is_of_kernel = symptom.format == "kernel";
  if (!is_of_kernel && !speaks_of_itself(symptom, entity)) return Kinship::unknown;
  if (const auto own = processes_.unit_of(symptom); !own.empty())
    return own == unit.name ? Kinship::same : Kinship::apart;
  if (is_of_kernel) return Kinship::unknown;
  switch (names_of(unit.name, symptom)) {
    case Names::agree:
      return Kinship::same;
    case Names::contradict:
      return Kinship::apart;
    case Names::say_nothing:
      break;
  }
  return Kinship::unknown;
}

/// May a transition lead from one to the other, as far as units go?
bool IncidentTable::may_be_of_one_unit(const OpenIncident& incident, const Observation& observation,
                                       const Symptom& symptom, const Entity& entity) const {
  const auto& other = telling_sample(observation);
  const auto unit = unit_spoken_of(entity), other_unit = unit_spoken_of(observation.entity);
  if (!unit.empty() && !other_unit.empty()) return unit == other_unit && may_be_one_host(symptom.host, other.host);
  if (unit.empty() && other_unit.empty()) {
    // The kernel knows whose process it killed.
    const auto& of_kernel = symptom.format == "kernel" ? symptom : other;
    const auto killed = of_kernel.format == "kernel" ? unit_named_in(of_kernel) : std::string_view();
    if (killed.empty()) return true;
    const Unit of_killed{killed, of_kernel.host};
    return (&of_kernel == &other ? kinship_of(of_killed, symptom, entity)
                                 : kinship_of(of_killed, other, observation.entity)) != Kinship::apart;
  }
  const auto kinship = unit.empty() ? kinship_of({other_unit, other.host}, symptom, entity)
                                    : kinship_of({unit, symptom.host}, other, observation.entity);
  if (kinship != Kinship::unknown) return kinship == Kinship::same;
  const bool is_of_address =
      unit.empty() ? speaks_of_another(symptom, entity) : speaks_of_another(other, observation.entity);
  if (is_of_address) return false;
  // Of two units one at most is the reason, and the incident has one.
  const auto units = units_in(incident);
  return unit.empty() || units.size() == units.count(unit);
}

/// What a program says of itself, and what a proxy says of an address, has to do with one unit, and does not make one
/// story of two units' failures. `found`: the surest first.
void IncidentTable::keep_one_unit(std::vector<OpenIncident*>& found, const Seeking& seeking) const {
  const auto& [symptom, entity, rule, graph] = seeking;
  if (!unit_spoken_of(entity).empty()) return;
  if (!speaks_of_itself(symptom, entity) && address_of(entity).empty()) return;
  std::set<std::string_view> kept;
  std::erase_if(found, [&](const OpenIncident* incident) {
    const auto units = units_in(*incident);
    if (units.empty()) return false;
    if (kept.empty()) kept = units;
    return !std::ranges::includes(kept, units);
  });
}

/// What systemd says of a unit, and what its program says of itself, at the same time.
OpenIncident* IncidentTable::of_unit(const Seeking& seeking) const {
  const auto unit = unit_spoken_of(seeking.entity);
  if (unit.empty() && !speaks_of_itself(seeking.symptom, seeking.entity)) return nullptr;
  const auto is_of_one = [&](const Observation& other) {
    if (other.samples.empty() || !is_near(other, seeking.symptom.at)) return false;
    const auto& sample = telling_sample(other);
    if (const auto other_unit = unit_spoken_of(other.entity); !other_unit.empty()) {
      return unit.empty() && kinship_of({other_unit, sample.host}, seeking.symptom, seeking.entity) == Kinship::same;
    }
    return !unit.empty() && speaks_of_itself(sample, other.entity) &&
           kinship_of({unit, seeking.symptom.host}, sample, other.entity) == Kinship::same;
  };
  for (const auto& [id, incident] : by_id_ | std::views::reverse | std::views::take(most_linked)) {
    if (is_other_place(*incident, seeking.symptom, seeking.rule)) continue;
    if (std::ranges::any_of(incident->observations, is_of_one) && !is_past(*incident, seeking)) return incident.get();
  }
  return nullptr;
}

}  // namespace triaged::diagnosis
