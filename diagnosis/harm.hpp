// How bad it is for users: how many of the requests fail, for how long, and whether a client sees it. A rule's severity
// says how bad such a failure usually is; this one may be milder (a retry hides it, everything else goes on being
// answered) or worse (every request fails, minute after minute).
//
// Pure, and silent where no access log tells of requests: then the rules' severity stays.
#pragma once

#include <optional>
#include <string>

#include "diagnosis/answer_counts.hpp"
#include "diagnosis/open_incident.hpp"
#include "values/incident.hpp"

namespace triaged::diagnosis {

struct Harm {
  Severity severity = Severity::info;
  std::string because;           // why it is not that of the rules; empty: it is
  std::optional<Impact> impact;  // nullopt: no access log tells of a failing request
};

/// `of_url` are the requests for one URL that fail, where the incident is about one; `by_rules` is the worst severity
/// of the incident's rules. What is merely informative stays so: a client can provoke it at will.
[[nodiscard]] Harm harm_of(const OpenIncident& incident, const GoodAnswers& answers,
                           const std::optional<FailingRequests>& of_url, Severity by_rules);

}  // namespace triaged::diagnosis
