// What would decide between the causes of an incident and was not read, as questions for whoever examines it.
#pragma once

#include <vector>

#include "diagnosis/causes.hpp"
#include "values/incident.hpp"

namespace triaged::diagnosis {

/// About the likelier ones of `causes`, most important first, at most one for each kind of log. None when it is all but
/// certain what happened.
[[nodiscard]] std::vector<OpenQuestion> open_questions(std::vector<UnreadEvidence> unread,
                                                       const std::vector<RankedCause>& causes, Language language);

}  // namespace triaged::diagnosis
