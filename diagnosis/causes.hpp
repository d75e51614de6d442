// Why: ranks the causes of an open incident by prior and evidence, and finds the rule at the root of its chain.
//
// Each rule that was observed proposes causes. A cause starts with the log-odds of its prior; every piece of evidence
// that is there adds or takes a fixed amount (weak 0.7, medium 1.5, strong 3.0: factors of about 2, 4.5 and 20). Within
// a rule the weights are normalised together with what the priors leave open ("something else"), so a single cause of
// prior 0.9 without evidence has probability 0.9. Over the rules of the incident a cause's probability is the mean of
// the rules' answers, weighted by the rule's place in the chain (a root speaks for itself, a symptom far less) and its
// severity.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "diagnosis/answer_counts.hpp"
#include "diagnosis/log_coverage.hpp"
#include "diagnosis/open_incident.hpp"
#include "diagnosis/rule_graph.hpp"
#include "diagnosis/url_counts.hpp"
#include "knowledge/model/rule.hpp"
#include "values/incident.hpp"

namespace triaged::diagnosis {

/// A rule of an incident and its place in the chain.
struct PlacedRule {
  const knowledge::Rule* rule = nullptr;
  const Observation* observation = nullptr;  // its first one
  ChainRole role = ChainRole::symptom;
  Severity severity = Severity::info;  // severity_in() the incident
};

/// The rules that were observed, root first, then intermediates, then symptoms, each by time. Observations of rules
/// that are no longer loaded are left out.
[[nodiscard]] std::vector<PlacedRule> placed_rules(const OpenIncident& incident, const knowledge::RuleSet& rules,
                                                   const RuleGraph& graph);

/// What incidents are judged by.
struct JudgedBy {
  const knowledge::RuleSet& rules;
  const RuleGraph& graph;
  const LogCoverage& coverage;
  GoodAnswers answers;  // around the incident
  const UrlCounts& urls;
  Language language = Language::english;
};

/// The absence of a symptom of `rule` would say something about `cause`, but no log of that time was read.
struct UnreadEvidence {
  std::string cause;
  const knowledge::Rule* rule = nullptr;
  double log_odds = 0;
};

struct RankedCauses {
  std::vector<RankedCause> causes;     // likeliest first
  std::vector<UnreadEvidence> unread;  // of any of them
  double surest_answer = 0;            // the largest probability that one rule by itself gives a cause of its own
};

/// The causes of all of them, with what speaks for and against each; texts are not filled in yet. Empty when no
/// observed rule names a cause: then there is nothing to tell.
[[nodiscard]] RankedCauses ranked_causes(const OpenIncident& incident, const std::vector<PlacedRule>& placed,
                                         const JudgedBy& by);

}  // namespace triaged::diagnosis
