// What a rule reads in its lines, as a person would say it: "nginx: took 10.0.0.5:8003 out of rotation".
#pragma once

#include <string>

#include "diagnosis/fill_text.hpp"
#include "diagnosis/open_incident.hpp"
#include "knowledge/model/rule.hpp"

namespace triaged::diagnosis {

/// The rule's `says`, or its title, behind the name of the program that it is about. Fields are filled in by `lookup`.
[[nodiscard]] std::string saying_of(const knowledge::Rule& rule, Language language, const FieldLookup& lookup);

/// The same with the fields of one symptom, or of the first one of an observation.
[[nodiscard]] std::string saying_of(const knowledge::Rule& rule, Language language, const Symptom& symptom);
[[nodiscard]] std::string saying_of(const knowledge::Rule& rule, Language language, const Observation& observation);

/// Of no line in particular, "nginx: 502: the upstream refuses connections": the title behind the program's name.
[[nodiscard]] std::string title_of(const knowledge::Rule& rule, Language language);

}  // namespace triaged::diagnosis
