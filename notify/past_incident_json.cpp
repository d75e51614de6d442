#include "notify/past_incident_json.hpp"

#include <simdjson.h>

#include "values/json_writer.hpp"

namespace triaged::notify {

namespace {

TimePoint time_of(simdjson::dom::element element) { return TimePoint(Microseconds(element.get_int64().value())); }

}  // namespace

std::string to_json(const PastIncident& incident) {
  JsonWriter json;
  json.begin_object();
  json.key("severity").text(name_of(incident.severity));
  json.key("first_seen").integer(incident.first_seen.time_since_epoch().count());
  json.key("last_seen").integer(incident.last_seen.time_since_epoch().count());
  json.key("is_over").boolean(incident.is_over);
  json.key("is_summarised").boolean(incident.is_summarised);
  json.end_object();
  return std::move(json).json();
}

Result<PastIncident> past_incident_from_json(std::string_view json) {
  try {
    simdjson::dom::parser parser;
    const simdjson::padded_string padded(json);
    const auto element = parser.parse(padded).value();
    return PastIncident{.severity = severity_named(element["severity"].get_string().value()).value_or(Severity::info),
                        .first_seen = time_of(element["first_seen"].value()),
                        .last_seen = time_of(element["last_seen"].value()),
                        .is_over = element["is_over"].get_bool().value(),
                        .is_summarised = element["is_summarised"].get_bool().value()};
  } catch (const simdjson::simdjson_error& failure) {
    return error(std::string("cannot read an incident of the past: ") + failure.what());
  }
}

}  // namespace triaged::notify
