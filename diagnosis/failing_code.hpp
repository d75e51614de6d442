// Where in the program's own code a failure came about. Exceptions at two places are two failures, also of the same
// application; what merely follows from one ("a request failed", 500 in the access log) says no place of its own.
#pragma once

#include <optional>
#include <string>

#include "diagnosis/open_incident.hpp"
#include "diagnosis/url_counts.hpp"
#include "knowledge/model/rule.hpp"
#include "values/incident.hpp"

namespace triaged::diagnosis {

/// "/srv/shop/shop/views.py:41"; empty: the line's record does not say one.
[[nodiscard]] std::string place_in_code(const MatchedLine& line);

/// The symptom speaks of an exception at another place than the one that the incident is about.
[[nodiscard]] bool is_other_place(const OpenIncident& incident, const Symptom& symptom, const knowledge::Rule& rule);

/// Two incidents about exceptions at different places.
[[nodiscard]] bool are_at_other_places(const OpenIncident& a, const OpenIncident& b);

/// REQUIRES: called for each symptom before it is added. The first exception of the incident gives it its place.
void note_place(OpenIncident& incident, const Symptom& symptom, const knowledge::Rule& rule);

/// The incident is about an exception, and requests for the symptom's path belong to it.
[[nodiscard]] bool has_path_of(const OpenIncident& incident, const Symptom& symptom);

/// What the exception says that is the root cause of `open`, observed as `root`: completes title, text, code and
/// requests of `incident`.
void add_exception(Incident& incident, const OpenIncident& open, const Observation& root, const UrlCounts& urls,
                   Language language);

}  // namespace triaged::diagnosis
