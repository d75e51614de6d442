#include "diagnosis/present.hpp"

#include <algorithm>
#include <iterator>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/utf8.hpp"
#include "diagnosis/causes.hpp"
#include "diagnosis/failing_code.hpp"
#include "diagnosis/fill_text.hpp"
#include "diagnosis/harm.hpp"
#include "diagnosis/open_questions.hpp"
#include "diagnosis/saying.hpp"
#include "diagnosis/unusual_lines.hpp"
#include "topology/topology.hpp"
#include "values/identity.hpp"

namespace triaged::diagnosis {

namespace {

constexpr std::size_t most_workarounds = 6;
constexpr std::size_t most_dead_ends = 6;
constexpr std::size_t most_evidence = 10;
constexpr std::size_t most_causes = 8;
constexpr std::size_t most_named = 8;  // servers that fail alike
// What is merely informative is an incident only when a rule of it is likely to know why: that a server was started is
// not news. How many such rules share it does not matter.
constexpr double least_likely_information = 0.25;

/// Fields of the incident, asked for by name: the root cause's own rule first, then whatever else saw the field.
class IncidentFields {
 public:
  IncidentFields(const OpenIncident& incident, std::string_view first_rule) {
    for (const auto& observation : incident.observations) {
      if (observation.rule == first_rule) add(observation);
    }
    for (const auto& observation : incident.observations) {
      if (observation.rule != first_rule) add(observation);
    }
  }

  [[nodiscard]] std::string_view value_of(std::string_view name) const {
    for (const auto* symptom : symptoms_) {
      if (const auto value = symptom->field(name); !value.empty()) return value;
    }
    for (const auto* entity : entities_) {
      if (entity->kind == name) return entity->value;
    }
    return {};
  }

 private:
  void add(const Observation& observation) {
    for (const auto& sample : observation.samples) symptoms_.push_back(&sample);
    entities_.push_back(&observation.entity);
  }

  std::vector<const Symptom*> symptoms_;
  std::vector<const Entity*> entities_;
};

double probability_of(const std::vector<RankedCause>& causes, std::string_view cause) {
  for (const auto& ranked : causes) {
    if (ranked.cause == cause) return ranked.probability;
  }
  return 0;
}

// What treats only a consequence of the root cause does not end the story; and what the rule of a consequence says of
// the root cause itself ("ask the kernel who killed it") is mostly known already.
constexpr double worth_of_treating_a_consequence = 0.5;
constexpr double worth_of_advice_on_a_consequence = 0.75;

/// The likeliest cause of `rule` that `workaround` treats; empty when its causes do not name it.
std::string cause_treated_by(const knowledge::Rule& rule, const knowledge::Workaround& workaround,
                             const std::vector<RankedCause>& causes) {
  std::string best;
  for (const auto& cause : rule.causes) {
    const auto& ids = cause.workarounds;
    if (workaround.id.empty() || std::find(ids.begin(), ids.end(), workaround.id) == ids.end()) continue;
    if (best.empty() || probability_of(causes, cause.id) > probability_of(causes, best)) best = cause.id;
  }
  return best;
}

std::vector<RankedWorkaround> ranked_workarounds(const std::vector<PlacedRule>& placed,
                                                 const std::vector<RankedCause>& causes, const RuleGraph& graph,
                                                 const Learnt& learnt, const FieldLookup& lookup, Language language) {
  const auto& root = causes.front();
  std::vector<RankedWorkaround> ranked;
  for (const auto& place : placed) {
    for (const auto& workaround : place.rule->workarounds) {
      RankedWorkaround entry;
      entry.action = fill_text(workaround.action.in(language), lookup);
      entry.how = fill_command(workaround.how, lookup);
      entry.cause = cause_treated_by(*place.rule, workaround, causes);
      entry.rule = place.rule->id;
      entry.id = name_of(workaround);
      entry.here = learnt.record(*place.rule, entry.cause.empty() ? root.cause : entry.cause, workaround);
      entry.success_rate = success_rate(entry.here);
      // One that is bound to no cause helps whatever it is, so far as its rule has anything to do with the root cause.
      const double unbound = place.rule->id == root.rule ? root.probability : 0.1;
      entry.score = entry.success_rate * (entry.cause.empty() ? unbound : probability_of(causes, entry.cause));
      if (graph.leads_to(root.rule, place.rule->id)) {
        entry.score *= entry.cause == root.cause ? worth_of_advice_on_a_consequence : worth_of_treating_a_consequence;
      }
      const bool known = std::any_of(ranked.begin(), ranked.end(),
                                     [&](const RankedWorkaround& other) { return other.action == entry.action; });
      if (!known) ranked.push_back(std::move(entry));
    }
  }
  std::stable_sort(ranked.begin(), ranked.end(),
                   [](const RankedWorkaround& a, const RankedWorkaround& b) { return a.score > b.score; });
  if (ranked.size() > most_workarounds) ranked.resize(most_workarounds);
  return ranked;
}

std::vector<DeadEnd> chosen_dead_ends(const std::vector<PlacedRule>& placed, std::string_view root_rule,
                                      const FieldLookup& lookup, Language language) {
  std::vector<DeadEnd> chosen;
  const auto add_those_of = [&](const knowledge::Rule& rule) {
    for (const auto& dead_end : rule.dead_ends) {
      DeadEnd entry{fill_text(dead_end.action.in(language), lookup), fill_text(dead_end.why_fails.in(language), lookup),
                    dead_end.fail_rate};
      const bool known = std::any_of(chosen.begin(), chosen.end(), [&](const DeadEnd& other) {
        return other.action == entry.action && (!entry.action.empty() || other.why_fails == entry.why_fails);
      });
      if (!known && chosen.size() < most_dead_ends) chosen.push_back(std::move(entry));
    }
  };
  for (const auto& place : placed) {
    if (place.rule->id == root_rule) add_those_of(*place.rule);
  }
  for (const auto& place : placed) add_those_of(*place.rule);
  return chosen;
}

/// A symptom as evidence: what was read, made text.
Evidence to_evidence(const Symptom& symptom, const knowledge::Rule& rule, Language language) {
  return {symptom.source, symptom.offset,
          symptom.at,     to_valid_utf8(symptom.line),
          rule.id,        saying_of(rule, language, symptom)};
}

/// Lines of every rule of the chain, the root cause's first, until there are enough; given in order of time.
std::vector<Evidence> chosen_evidence(const std::vector<PlacedRule>& placed, std::string_view root_rule,
                                      Language language) {
  struct Chosen {
    const Symptom* symptom;
    const knowledge::Rule* rule;
  };
  std::vector<Chosen> chosen;
  const auto add = [&](const PlacedRule& place, std::size_t limit) {
    for (const auto& sample : place.observation->samples) {
      const bool known = std::any_of(chosen.begin(), chosen.end(), [&](const Chosen& other) {
        return other.symptom->source == sample.source && other.symptom->offset == sample.offset;
      });
      if (limit == 0 || known || chosen.size() >= most_evidence) continue;
      chosen.push_back({&sample, place.rule});
      --limit;
    }
  };
  for (const auto& place : placed) {
    if (place.rule->id == root_rule) add(place, 2);
  }
  for (const auto& place : placed) add(place, 1);
  for (const auto& place : placed) add(place, first_samples + latest_samples);
  std::stable_sort(chosen.begin(), chosen.end(),
                   [](const Chosen& a, const Chosen& b) { return a.symptom->at < b.symptom->at; });
  std::vector<Evidence> evidence;
  for (const auto& [symptom, rule] : chosen) evidence.push_back(to_evidence(*symptom, *rule, language));
  return evidence;
}

std::vector<ChainLink> chain_of(const std::vector<PlacedRule>& placed, Language language) {
  std::vector<ChainLink> chain;
  for (const auto& place : placed) {
    if (place.observation->samples.empty()) continue;
    const auto& first = place.observation->samples.front();
    chain.push_back({place.rule->id, place.role, first.at, first.source, to_valid_utf8(first.line),
                     saying_of(*place.rule, language, first)});
  }
  return chain;
}

/// The root cause names what it is about, also where its rule's sentence does not.
std::string naming(std::string text, const Entity& entity) {
  if (entity.kind == "source" || entity.value.empty() || text.find(entity.value) != std::string::npos) return text;
  return fmt::format("{} ({} {})", text, entity.kind, to_valid_utf8(entity.value));
}

/// And the other servers that fail in the same way for the same reason.
std::string naming_others(std::string text, const Observation& root, const OpenIncident& open, Language language) {
  std::vector<std::string> others;
  for (const auto& observation : open.observations) {
    const auto& entity = observation.entity;
    if (observation.rule != root.rule || entity.kind != root.entity.kind || entity == root.entity) continue;
    const bool is_address = entity.kind == "upstream";
    if (entity.kind != "server" && !is_address) continue;
    if (is_address && topology::may_be_same_address(entity.value, root.entity.value)) continue;
    others.push_back(to_valid_utf8(entity.value));
  }
  if (others.empty()) return text;
  const auto beyond = others.size() - std::min(others.size(), most_named);
  others.resize(others.size() - beyond);
  const auto more = beyond == 0 ? "" : fmt::format(" + {}", beyond);
  const bool is_chinese = language == Language::chinese;
  return fmt::format("{}{}{}{}{}", text, is_chinese ? "另有相同情况：" : " The same holds for ",
                     fmt::join(others, ", "), more, is_chinese ? "。" : ".");
}

Severity worst_of(const std::vector<PlacedRule>& placed) {
  Severity worst = Severity::info;
  for (const auto& place : placed) {
    if (!place.rule->causes.empty()) worst = std::max(worst, place.severity);
  }
  return worst;
}

const PlacedRule& place_of(const std::vector<PlacedRule>& placed, std::string_view rule) {
  return *std::find_if(placed.begin(), placed.end(), [&](const PlacedRule& place) { return place.rule->id == rule; });
}

/// Nothing but what means something only in numbers, and not enough of it beyond what comes every day. What is merely
/// informative does not count.
bool is_a_handful(const OpenIncident& open, const std::vector<PlacedRule>& placed) {
  return std::all_of(placed.begin(), placed.end(), [&](const PlacedRule& place) {
    if (place.rule->causes.empty() || place.severity == Severity::info) return true;
    return unusual_lines(open, *place.rule) < place.rule->alone_from;
  });
}

/// The rules whose story it is. What is merely informative (a master that started, a clean shutdown) served as
/// evidence; it is told only when it is the root cause, leads to something graver, or nothing graver was seen.
std::vector<PlacedRule> without_context(const std::vector<PlacedRule>& placed, std::string_view root_rule,
                                        const RuleGraph& graph) {
  const auto is_grave = [](const PlacedRule& place) { return place.severity > Severity::info; };
  if (std::none_of(placed.begin(), placed.end(), is_grave)) return placed;
  std::vector<PlacedRule> told;
  std::copy_if(placed.begin(), placed.end(), std::back_inserter(told), [&](const PlacedRule& place) {
    return is_grave(place) || place.rule->id == root_rule ||
           std::any_of(placed.begin(), placed.end(), [&](const PlacedRule& other) {
             return is_grave(other) && graph.leads_to(place.rule->id, other.rule->id);
           });
  });
  return told;
}

/// When and how often the told rules were seen. When is said by lines that say it, if there are any.
void set_extent(Incident& incident, const OpenIncident& open, const std::vector<PlacedRule>& told) {
  std::vector<const Observation*> seen;
  for (const auto& observation : open.observations) {
    const bool is_told = std::any_of(told.begin(), told.end(),
                                     [&](const PlacedRule& place) { return place.rule->id == observation.rule; });
    if (is_told) seen.push_back(&observation);
  }
  const bool is_dated = std::any_of(seen.begin(), seen.end(), [](const Observation* o) { return o->is_dated; });
  incident.first_seen = TimePoint::max();
  incident.last_seen = TimePoint::min();
  for (const auto* observation : seen) {
    incident.count += observation->count;
    if (observation->is_dated != is_dated) continue;
    incident.first_seen = std::min(incident.first_seen, observation->first_seen);
    incident.last_seen = std::max(incident.last_seen, observation->last_seen);
  }
  incident.count += open.unkept_observations;
}

/// Exceptions at two places have two keys, also about the same entity.
std::string key_of(const OpenIncident& open, const knowledge::Rule& rule, const Entity& entity) {
  if (open.place.empty() || !rule.is_apart_by_place) return incident_key(rule.id, entity);
  return incident_key(fmt::format("{}\n{}", rule.id, open.place), entity);
}

/// What it was before it came back.
void add_earlier(Incident& incident, const OpenIncident& open) {
  incident.recurred = open.recurred;
  if (open.recurred == 0) return;
  incident.count += open.earlier_count;
  incident.first_seen = std::min(incident.first_seen, open.began);
}

}  // namespace

std::optional<Incident> present(const OpenIncident& open, const Learnt& learnt, const JudgedBy& by) {
  const auto& graph = by.graph;
  const auto language = by.language;
  const auto all_placed = placed_rules(open, by.rules, graph);
  auto [causes, unread, surest_answer] = ranked_causes(open, all_placed, by);
  if (causes.empty()) return std::nullopt;
  if (worst_of(all_placed) > Severity::info && is_a_handful(open, all_placed)) return std::nullopt;
  if (worst_of(all_placed) == Severity::info && surest_answer < least_likely_information) return std::nullopt;
  const auto placed = without_context(all_placed, causes.front().rule, graph);
  if (causes.size() > most_causes) causes.resize(most_causes);
  const auto& root = place_of(placed, causes.front().rule);
  const IncidentFields fields(open, root.rule->id);
  const FieldLookup lookup = [&](std::string_view name) { return fields.value_of(name); };
  for (auto& cause : causes) cause.text = fill_text(cause.text, lookup);
  causes.front().text = naming(std::move(causes.front().text), root.observation->entity);
  causes.front().text = naming_others(std::move(causes.front().text), *root.observation, open, language);

  Incident incident;
  incident.id = open.id;
  incident.entity = root.observation->entity;
  incident.key = open.key.empty() ? key_of(open, *root.rule, incident.entity) : open.key;
  incident.title = fill_text(root.rule->title.in(language), lookup);
  incident.host = open.host;
  set_extent(incident, open, placed);
  add_earlier(incident, open);
  incident.open_questions = open_questions(unread, causes, language);
  incident.chain = chain_of(placed, language);
  incident.workarounds = ranked_workarounds(placed, causes, graph, learnt, lookup, language);
  incident.dead_ends = chosen_dead_ends(placed, root.rule->id, lookup, language);
  incident.evidence = chosen_evidence(placed, root.rule->id, language);
  incident.rules.push_back(root.rule->id);
  for (const auto& place : placed) {
    if (place.rule != root.rule) incident.rules.push_back(place.rule->id);
  }
  incident.confidence = root.rule->confidence;
  incident.docs = root.rule->docs;
  incident.causes = std::move(causes);
  if (root.rule->is_apart_by_place) add_exception(incident, open, *root.observation, by.urls, language);
  auto harm = harm_of(open, by.answers, incident.requests, worst_of(placed));
  incident.severity = harm.severity;
  incident.severity_because = std::move(harm.because);
  incident.impact = harm.impact;
  return incident;
}

Incident present_last_words(const OpenIncident& open) {
  Incident incident;
  incident.id = open.id;
  incident.key = open.key;
  incident.entity = open.entity;
  incident.host = open.host;
  incident.severity = open.reported_severity;
  incident.title = open.reported_cause;
  incident.first_seen = open.first_seen;
  incident.last_seen = open.last_seen;
  incident.count = open.count;
  add_earlier(incident, open);
  for (const auto& observation : open.observations) {
    const bool known =
        std::find(incident.rules.begin(), incident.rules.end(), observation.rule) != incident.rules.end();
    if (!known) incident.rules.push_back(observation.rule);
  }
  incident.causes.push_back({.cause = open.reported_cause,
                             .rule = incident.rules.empty() ? "" : incident.rules.front(),
                             .probability = 0,
                             .text = "",
                             .because = {}});
  return incident;
}

}  // namespace triaged::diagnosis
