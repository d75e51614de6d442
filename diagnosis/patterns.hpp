// The built-in statistics of an incident that a rule may name as evidence (`pattern: only-post`).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "diagnosis/answer_counts.hpp"
#include "diagnosis/open_incident.hpp"

namespace triaged::diagnosis {

/// A sentence that says how the incident shows the pattern, or nullopt when it does not (or there is no such
/// pattern: knowledge/model/pattern_names.hpp has them all).
[[nodiscard]] std::optional<std::string> pattern_shown(std::string_view pattern, const OpenIncident& incident,
                                                       const GoodAnswers& answers);

}  // namespace triaged::diagnosis
