// What an open incident wants to know of this host: the probe terms of the causes of its rules, each with the field of
// the incident that it is about.
//
// Safe by construction: a question is made only of fields that the formats take from where the program itself speaks
// (docs/formats.md), or that only a named group of a rule can give, which is looked for there; a rule that matches in
// the whole line (`within: line`) asks nothing. No request, host header, user or path of a client is ever a question.
#pragma once

#include <string_view>
#include <vector>

#include "diagnosis/open_incident.hpp"
#include "knowledge/model/rule.hpp"
#include "values/probe.hpp"

namespace triaged::diagnosis {

/// At most so many for one incident; the worst rule's first.
inline constexpr std::size_t most_questions = 8;

/// Every question of `incident` whose kind is one of `kinds`, each once. `host` is this host's name: lines that came
/// from another one ask nothing.
[[nodiscard]] std::vector<ProbeQuestion> questions_of(const OpenIncident& incident, const knowledge::RuleSet& rules,
                                                      const std::vector<ProbeKind>& kinds, std::string_view host);

/// The known answer to what a probe of `kind` asks for `own`; nullptr: there is none (yet).
[[nodiscard]] const ProbeAnswer* answer_for(ProbeKind kind, const OpenIncident& incident, const Observation& own);

}  // namespace triaged::diagnosis
