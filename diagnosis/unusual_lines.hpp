// What an incident holds beyond its log's everyday life, and what the lines of a rule are worth by that.
#pragma once

#include <cstdint>

#include "diagnosis/open_incident.hpp"
#include "knowledge/model/rule.hpp"

namespace triaged::diagnosis {

/// How many lines of the rule, which means something only in numbers, are more than what comes every day.
[[nodiscard]] std::uint64_t unusual_lines(const OpenIncident& incident, const knowledge::Rule& rule);

/// The rule's severity in this incident. Any client can bring about what `raised_by: client` stands for: it is merely
/// informative until its lines are more than usual, by as many as the rule's `alone_from` says.
[[nodiscard]] Severity severity_in(const OpenIncident& incident, const knowledge::Rule& rule);

}  // namespace triaged::diagnosis
