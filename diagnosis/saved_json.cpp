#include "diagnosis/saved_json.hpp"

namespace triaged::diagnosis {

namespace dom = simdjson::dom;

dom::array array_of(dom::element element) {
  dom::array array;
  if (const auto failure = element.get_array().get(array)) throw simdjson::simdjson_error(failure);
  return array;
}

dom::array array_in(dom::element parent, std::string_view key) { return array_of(parent[key].value()); }

dom::object object_in(dom::element parent, std::string_view key) {
  dom::object object;
  if (const auto failure = parent[key].get_object().get(object)) throw simdjson::simdjson_error(failure);
  return object;
}

std::string text_of(dom::element element) { return std::string(element.get_string().value()); }
std::string text_in(dom::element parent, std::string_view key) { return text_of(parent[key].value()); }
std::uint64_t count_in(dom::element parent, std::string_view key) { return parent[key].get_uint64().value(); }

TimePoint time_of(dom::element element) { return TimePoint(Microseconds(element.get_int64().value())); }
TimePoint time_in(dom::element parent, std::string_view key) { return time_of(parent[key].value()); }
void write_time(JsonWriter& json, TimePoint time) { json.integer(time.time_since_epoch().count()); }

}  // namespace triaged::diagnosis
