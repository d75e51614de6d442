#include "notify/notified_json.hpp"

#include <simdjson.h>

#include "values/json_writer.hpp"

namespace triaged::notify {

namespace {

void write_time(JsonWriter& json, TimePoint time) {
  if (time == TimePoint{}) return json.null();
  json.integer(time.time_since_epoch().count());
}

TimePoint time_of(simdjson::dom::element element) {
  return element.is_null() ? TimePoint{} : TimePoint(Microseconds(element.get_int64().value()));
}

}  // namespace

std::string to_json(const NotifiedIncident& notified) {
  JsonWriter json;
  json.begin_object();
  json.key("sinks").begin_array();
  for (const auto& sink : notified.sinks) json.text(sink);
  json.end_array();
  json.key("changes").whole(notified.changes);
  write_time(json.key("notified_at"), notified.notified_at);
  write_time(json.key("acknowledged_at"), notified.acknowledged_at);
  json.end_object();
  return std::move(json).json();
}

Result<NotifiedIncident> notified_from_json(std::string_view json) {
  try {
    simdjson::dom::parser parser;
    const simdjson::padded_string padded(json);
    const auto element = parser.parse(padded).value();
    NotifiedIncident notified;
    const simdjson::dom::array sinks = element["sinks"].get_array().value();  // of a temporary: a loop would outlive it
    for (const simdjson::dom::element sink : sinks) {
      notified.sinks.emplace(sink.get_string().value());
    }
    notified.changes = element["changes"].get_uint64().value();
    notified.notified_at = time_of(element["notified_at"].value());
    notified.acknowledged_at = time_of(element["acknowledged_at"].value());
    return notified;
  } catch (const simdjson::simdjson_error& failure) {
    return error(std::string("cannot read what was told of the incident: ") + failure.what());
  }
}

}  // namespace triaged::notify
