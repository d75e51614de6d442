#include "diagnosis/symptom_json.hpp"

#include "diagnosis/saved_json.hpp"

namespace triaged::diagnosis {

namespace dom = simdjson::dom;

namespace {

/// A number that older files do not have.
std::uint64_t count_or(dom::element parent, std::string_view key, std::uint64_t otherwise) {
  std::uint64_t number = 0;
  return parent[key].get_uint64().get(number) == simdjson::SUCCESS ? number : otherwise;
}

}  // namespace

void write_symptom(JsonWriter& json, const Symptom& symptom) {
  json.begin_object();
  json.key("rule").text(symptom.rule);
  json.key("format").text(symptom.format);
  json.key("source").text(symptom.source);
  json.key("offset").whole(symptom.offset);
  write_time(json.key("at"), symptom.at);
  json.key("own_time").boolean(symptom.has_own_time);
  json.key("host").text(symptom.host);
  json.key("line").text(symptom.line);
  json.key("header").text(symptom.header);
  json.key("fields").begin_array();
  for (const auto& field : symptom.fields) {
    json.begin_array();
    json.text(field.name);
    json.text(field.value);
    json.end_array();
  }
  json.end_array();
  if (symptom.term != 0) json.key("term").whole(symptom.term);
  if (symptom.lines != 1) json.key("lines").whole(symptom.lines);
  json.end_object();
}

Symptom symptom_from_json(dom::element element) {
  Symptom symptom{.rule = text_in(element, "rule"),
                  .format = text_in(element, "format"),
                  .source = text_in(element, "source"),
                  .offset = count_in(element, "offset"),
                  .at = time_in(element, "at"),
                  .has_own_time = element["own_time"].get_bool().value(),
                  .host = text_in(element, "host"),
                  .line = text_in(element, "line"),
                  .header = text_in(element, "header"),
                  .fields = {},
                  .term = static_cast<std::uint32_t>(count_or(element, "term", 0)),
                  .lines = count_or(element, "lines", 1)};
  for (const dom::element field : array_in(element, "fields")) {
    symptom.fields.push_back({text_of(field.at(0).value()), text_of(field.at(1).value())});
  }
  return symptom;
}

}  // namespace triaged::diagnosis
