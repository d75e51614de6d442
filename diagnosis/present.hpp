// From an open incident to what people are told: causes ranked, workarounds and dead ends chosen and filled in, chain
// and evidence picked.
#pragma once

#include <optional>

#include "diagnosis/causes.hpp"
#include "diagnosis/learnt.hpp"
#include "diagnosis/open_incident.hpp"
#include "diagnosis/rule_graph.hpp"
#include "diagnosis/url_counts.hpp"
#include "knowledge/model/rule.hpp"
#include "values/incident.hpp"

namespace triaged::diagnosis {

/// The incident in its present form, without change and change number; nullopt when none of its rules names a cause.
[[nodiscard]] std::optional<Incident> present(const OpenIncident& incident, const Learnt& learnt, const JudgedBy& by);

/// The same for an incident that was told and of whose rules none is loaded any more: what is remembered of the
/// telling.
[[nodiscard]] Incident present_last_words(const OpenIncident& open);

}  // namespace triaged::diagnosis
