#include "diagnosis/causes.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <tuple>

#include <fmt/format.h>

#include "diagnosis/patterns.hpp"
#include "diagnosis/questions.hpp"
#include "diagnosis/saying.hpp"
#include "diagnosis/unusual_lines.hpp"
#include "knowledge/model/condition.hpp"

namespace triaged::diagnosis {

namespace {

double log_odds_of(knowledge::Weight weight) {
  switch (weight) {
    case knowledge::Weight::weak:
      return 0.7;
    case knowledge::Weight::medium:
      return 1.5;
    case knowledge::Weight::strong:
      return 3.0;
  }
  return 0;
}

double weight_of(ChainRole role) {
  switch (role) {
    case ChainRole::root:
      return 1.0;
    case ChainRole::intermediate:
      return 0.3;
    case ChainRole::symptom:
      return 0.15;
  }
  return 0;
}

// Beside a root that explains other rules of the incident, one that explains nothing and is about the same thing by
// chance (a single stalled answer while workers die) has half a say.
constexpr double weight_of_explaining_nothing = 0.5;

bool explains_others(const PlacedRule& place, const std::vector<PlacedRule>& placed, const RuleGraph& graph) {
  return place.role == ChainRole::root && std::any_of(placed.begin(), placed.end(), [&](const PlacedRule& other) {
           return other.rule != place.rule && graph.leads_to(place.rule->id, other.rule->id);
         });
}

/// A rule of a milder severity is context for the graver ones: "the master was shutting down" is not why it is on fire.
double weight_of(Severity severity) {
  switch (severity) {
    case Severity::info:
      return 0.05;
    case Severity::warning:
      return 0.5;
    case Severity::error:
      return 0.9;
    case Severity::critical:
      return 1.0;
  }
  return 0;
}

Microseconds distance(const Observation& a, const Observation& b) {
  if (a.last_seen < b.first_seen) return b.first_seen - a.last_seen;
  if (b.last_seen < a.first_seen) return a.first_seen - b.last_seen;
  return Microseconds(0);
}

// Two observations in one second of a log with a resolution of a second may be almost two seconds apart in truth.
constexpr Microseconds clock_tolerance = std::chrono::seconds(1);

/// Whether `other` was seen last before or after `own` was, as the term asks. Within one second nobody can tell; then
/// "after" holds if it was seen after the first of `own` at least.
bool is_in_order(const Observation& other, const Observation& own, knowledge::When when) {
  const bool is_after = other.last_seen + clock_tolerance >= own.last_seen && other.last_seen > own.first_seen;
  return when == knowledge::When::any || is_after == (when == knowledge::When::after);
}

const Observation* observation_meant(const OpenIncident& incident, const knowledge::EvidenceTerm& term,
                                     const Observation& own) {
  for (const auto& observation : incident.observations) {
    if (observation.rule != term.symptom || !is_in_order(observation, own, term.when)) continue;
    if (!term.within || distance(observation, own) <= *term.within + clock_tolerance) return &observation;
  }
  return nullptr;
}

struct Judged {
  const OpenIncident& incident;
  const JudgedBy& by;
};

/// What nobody knows is no evidence either way.
std::optional<Contribution> probe_shown(const knowledge::EvidenceTerm& term, const Judged& judged,
                                        const Observation& own) {
  const auto* probe = probe_named(term.probe);
  const auto* answer = probe == nullptr ? nullptr : answer_for(probe->kind, judged.incident, own);
  if (answer == nullptr || (answer->finding == term.probe) == term.absent) return std::nullopt;
  return Contribution{.text = fmt::format("{} (checked at {})", answer->text, to_rfc3339_second(answer->at))};
}

/// What was seen of another rule, or that nothing was.
std::optional<Contribution> symptom_shown(const knowledge::EvidenceTerm& term, const Judged& judged,
                                          const Observation& own) {
  const auto* other = observation_meant(judged.incident, term, own);
  if (term.absent == (other != nullptr)) return std::nullopt;
  const auto* rule = judged.by.rules.find(term.symptom);
  Contribution shown{.rule = term.symptom};
  if (other == nullptr) {
    if (rule == nullptr) return std::nullopt;  // nobody looks for it
    shown.text = fmt::format("not seen: {}", title_of(*rule, judged.by.language));
    return shown;
  }
  const auto saying = rule == nullptr ? term.symptom : saying_of(*rule, judged.by.language, *other);
  const auto at = term.when == knowledge::When::after ? other->last_seen : other->first_seen;
  shown.text = fmt::format("{} {}", to_rfc3339(at), saying);
  return shown;
}

/// The rule whose symptom is missing although the term asks for it, when its absence says nothing: nobody read a log of
/// that time in which it would stand. nullptr: there is none, or its absence counts.
const knowledge::Rule* unread_rule(const knowledge::EvidenceTerm& term, const Judged& judged, const Observation& own) {
  if (term.symptom.empty() || !term.absent) return nullptr;
  const auto* rule = judged.by.rules.find(term.symptom);
  return rule == nullptr || judged.by.coverage.would_show(*rule, own) ? nullptr : rule;
}

/// Why `term` holds for the incident, or nullopt when it does not.
std::optional<Contribution> shown(const knowledge::EvidenceTerm& term, const Judged& judged, const Observation& own) {
  if (!term.symptom.empty()) return symptom_shown(term, judged, own);
  if (!term.pattern.empty()) {
    auto text = pattern_shown(term.pattern, judged.incident, judged.by.answers);
    return text ? std::optional(Contribution{.text = std::move(*text)}) : std::nullopt;
  }
  if (!term.probe.empty()) return probe_shown(term, judged, own);
  if (term.field) {
    const knowledge::Condition condition(*term.field);
    const bool holds =
        !own.samples.empty() && std::all_of(own.samples.begin(), own.samples.end(), [&](const Symptom& sample) {
          return condition.holds(sample.field(term.field->field));
        });
    if (holds != term.absent) return Contribution{.text = to_text(*term.field)};
  }
  return std::nullopt;
}

// A rule that gives none of its causes so much chance (a worker was started) says nothing about why: it may be
// evidence, but it has no say.
constexpr double least_of_an_answer = 0.05;

struct Weighed {
  const knowledge::Cause* cause = nullptr;
  double weight = 0;
  std::vector<Contribution> because;
  std::vector<UnreadEvidence> unread;
};

/// What the rule's own lines say before anything else is known, against all of its causes being as likely as "something
/// else".
Contribution own_words(const PlacedRule& placed, double prior, Language language) {
  const auto& own = *placed.observation;
  auto text = fmt::format("{} ({}", saying_of(*placed.rule, language, own),
                          own.count == 1 ? "once" : fmt::format("{} times", own.count));
  if (own.usual.value_or(0) > 0) text += fmt::format(", usually one line in {:.0f} of its log", 1 / *own.usual);
  const auto causes = placed.rule->causes.size();
  return {text + ")", std::log(prior * static_cast<double>(causes + 1)), own.rule};
}

Weighed weigh(const knowledge::Cause& cause, const PlacedRule& placed, const Judged& judged) {
  const auto& own = *placed.observation;
  Weighed weighed{.cause = &cause, .weight = 0, .because = {}, .unread = {}};
  const double prior = std::clamp(cause.prior, 0.001, 0.999);
  weighed.because.push_back(own_words(placed, prior, judged.by.language));
  double log_weight = std::log(prior);
  bool has_probed = false;
  const auto add = [&](const std::vector<knowledge::EvidenceTerm>& terms, double sign) {
    for (const auto& term : terms) {
      auto evidence = shown(term, judged, own);
      if (!evidence) continue;
      const auto log_odds = sign * log_odds_of(term.weight);
      if (const auto* rule = unread_rule(term, judged, own)) {
        weighed.unread.push_back({cause.id, rule, log_odds});
        continue;
      }
      has_probed = has_probed || !term.probe.empty();
      evidence->log_odds = log_odds;
      log_weight += log_odds;
      weighed.because.push_back(std::move(*evidence));
    }
  };
  add(cause.supported_by, +1);
  add(cause.refuted_by, -1);
  if (has_probed) weighed.unread.clear();  // this host itself was asked
  weighed.weight = std::exp(log_weight);
  return weighed;
}

/// One rule's answer: its causes with probabilities that add up to less than 1; the rest is "something else".
std::vector<Weighed> answer_of(const PlacedRule& placed, const Judged& judged) {
  std::vector<Weighed> answer;
  double priors = 0, total = 0;
  for (const auto& cause : placed.rule->causes) {
    answer.push_back(weigh(cause, placed, judged));
    priors += cause.prior;
    total += answer.back().weight;
  }
  total += std::max(0.02, 1 - priors);
  for (auto& weighed : answer) weighed.weight /= total;
  return answer;
}

}  // namespace

namespace {

/// By time; of the same moment by what they are about, because the order of reading says nothing.
bool comes_before(const Observation& a, const Observation& b) {
  return std::tie(a.first_seen, a.entity.kind, a.entity.value) < std::tie(b.first_seen, b.entity.kind, b.entity.value);
}

}  // namespace

/// A rule that only knows that something failed follows from an exception that another rule knows, also from one of a
/// site's own rules, which is linked to none.
bool follows_from_exception(const knowledge::Rule& rule, const std::vector<PlacedRule>& placed) {
  if (!rule.is_generic && rule.alone_from == 1) return false;
  return std::ranges::any_of(placed, [&](const PlacedRule& other) {
    const auto& samples = other.observation->samples;
    return other.rule != &rule && !other.rule->is_generic && other.rule->severity > Severity::info &&
           !samples.empty() && !samples.front().field("exception").empty();
  });
}

std::vector<PlacedRule> placed_rules(const OpenIncident& incident, const knowledge::RuleSet& rules,
                                     const RuleGraph& graph) {
  std::vector<PlacedRule> placed;
  for (const auto& observation : incident.observations) {
    const auto* rule = rules.find(observation.rule);
    if (rule == nullptr) continue;
    const auto known = std::find_if(placed.begin(), placed.end(), [&](const auto& p) { return p.rule == rule; });
    if (known == placed.end())
      placed.push_back({rule, &observation, ChainRole::symptom, severity_in(incident, *rule)});
    else if (comes_before(observation, *known->observation))
      known->observation = &observation;
  }
  for (auto& place : placed) {
    bool has_cause = follows_from_exception(*place.rule, placed), has_effect = false;
    for (const auto& other : placed) {
      if (other.rule == place.rule) continue;
      has_cause = has_cause || graph.leads_to(other.rule->id, place.rule->id);
      has_effect = has_effect || graph.leads_to(place.rule->id, other.rule->id);
    }
    place.role = !has_cause ? ChainRole::root : has_effect ? ChainRole::intermediate : ChainRole::symptom;
  }
  std::stable_sort(placed.begin(), placed.end(), [](const PlacedRule& a, const PlacedRule& b) {
    if (a.role != b.role) return a.role < b.role;
    return a.observation->first_seen < b.observation->first_seen;
  });
  return placed;
}

RankedCauses ranked_causes(const OpenIncident& incident, const std::vector<PlacedRule>& placed, const JudgedBy& by) {
  RankedCauses all;
  auto& ranked = all.causes;
  std::vector<double> strongest;  // the largest share one rule gave the cause of the same index
  double total = 0;
  const bool has_explanation = std::any_of(placed.begin(), placed.end(), [&](const PlacedRule& place) {
    return place.severity > Severity::info && explains_others(place, placed, by.graph);
  });
  for (const auto& place : placed) {
    if (place.rule->causes.empty()) continue;
    double weight = weight_of(place.role) * weight_of(place.severity) * (0.5 + place.rule->confidence / 2);
    if (has_explanation && place.role == ChainRole::root && !explains_others(place, placed, by.graph)) {
      weight *= weight_of_explaining_nothing;
    }
    auto answer = answer_of(place, {.incident = incident, .by = by});
    const bool is_mere_fact = std::all_of(answer.begin(), answer.end(),
                                          [](const Weighed& weighed) { return weighed.weight < least_of_an_answer; });
    if (!is_mere_fact) total += weight;
    for (auto& weighed : answer) {
      all.surest_answer = std::max(all.surest_answer, weighed.weight);
      const double share = weight * weighed.weight;
      auto found = std::find_if(ranked.begin(), ranked.end(),
                                [&](const RankedCause& cause) { return cause.cause == weighed.cause->id; });
      if (found == ranked.end()) {
        ranked.push_back({.cause = weighed.cause->id, .rule = "", .probability = 0, .text = "", .because = {}});
        strongest.push_back(0);
        found = std::prev(ranked.end());
      }
      std::ranges::move(weighed.unread, std::back_inserter(all.unread));
      auto& best = strongest[static_cast<std::size_t>(found - ranked.begin())];
      found->probability += share;
      for (auto& contribution : weighed.because) {
        const bool known = std::any_of(found->because.begin(), found->because.end(), [&](const Contribution& c) {
          return c.text == contribution.text && c.rule == contribution.rule;
        });
        if (!known) found->because.push_back(std::move(contribution));
      }
      if (share <= best && !found->rule.empty()) continue;
      best = share;
      found->rule = place.rule->id;
      found->text = weighed.cause->text.in(by.language);
      if (found->text.empty()) found->text = place.rule->root_cause.in(by.language);
    }
  }
  if (total > 0) {
    for (auto& cause : ranked) cause.probability = std::min(1.0, cause.probability / total);
  }
  std::stable_sort(ranked.begin(), ranked.end(),
                   [](const RankedCause& a, const RankedCause& b) { return a.probability > b.probability; });
  return all;
}

}  // namespace triaged::diagnosis
