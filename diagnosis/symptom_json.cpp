#include "diagnosis/symptom_json.hpp"

#include <boost/json.hpp>

#include "base/utf8.hpp"

namespace triaged {

namespace json = boost::json;
namespace dom = simdjson::dom;

namespace {

std::string text_of(dom::element parent, std::string_view key) { return std::string(parent[key].get_string().value()); }

/// A number that older files do not have.
std::uint64_t count_or(dom::element parent, std::string_view key, std::uint64_t otherwise) {
  std::uint64_t number = 0;
  return parent[key].get_uint64().get(number) == simdjson::SUCCESS ? number : otherwise;
}

}  // namespace

json::value symptom_to_json(const Symptom& symptom) {
  json::array fields;
  for (const auto& field : symptom.fields) {
    fields.push_back(json::array{to_valid_utf8(field.name), to_valid_utf8(field.value)});
  }
  json::object object{{"rule", symptom.rule},
                      {"format", symptom.format},
                      {"source", to_valid_utf8(symptom.source)},
                      {"offset", symptom.offset},
                      {"at", symptom.at.time_since_epoch().count()},
                      {"own_time", symptom.has_own_time},
                      {"host", to_valid_utf8(symptom.host)},
                      {"line", to_valid_utf8(symptom.line)},
                      {"header", to_valid_utf8(symptom.header)},
                      {"fields", std::move(fields)}};
  if (symptom.term != 0) object["term"] = symptom.term;
  if (symptom.lines != 1) object["lines"] = symptom.lines;
  return object;
}

Symptom symptom_from_json(dom::element element) {
  Symptom symptom{.rule = text_of(element, "rule"),
                  .format = text_of(element, "format"),
                  .source = text_of(element, "source"),
                  .offset = element["offset"].get_uint64().value(),
                  .at = TimePoint(Microseconds(element["at"].get_int64().value())),
                  .has_own_time = element["own_time"].get_bool().value(),
                  .host = text_of(element, "host"),
                  .line = text_of(element, "line"),
                  .header = text_of(element, "header"),
                  .fields = {},
                  .term = static_cast<std::uint32_t>(count_or(element, "term", 0)),
                  .lines = count_or(element, "lines", 1)};
  dom::array fields;
  if (const auto failure = element["fields"].get_array().get(fields)) throw simdjson::simdjson_error(failure);
  for (const auto field : fields) {
    symptom.fields.push_back(
        {std::string(field.at(0).get_string().value()), std::string(field.at(1).get_string().value())});
  }
  return symptom;
}

}  // namespace triaged
