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

void write_members(JsonWriter& json, const MatchedLine& line) {
  json.key("rule").text(line.rule);
  json.key("format").text(line.format);
  json.key("source").text(line.source);
  json.key("offset").whole(line.offset);
  write_time(json.key("at"), line.at);
  json.key("own_time").boolean(line.has_own_time);
  if (line.predates_following) json.key("predates_following").boolean(true);
  json.key("host").text(line.host);
  json.key("line").text(line.line);
  json.key("header").text(line.header);
  json.key("fields").begin_array();
  for (const auto& field : line.fields) {
    json.begin_array();
    json.text(field.name);
    json.text(field.value);
    json.end_array();
  }
  json.end_array();
}

}  // namespace

void write_line(JsonWriter& json, const MatchedLine& line) {
  json.begin_object();
  write_members(json, line);
  json.end_object();
}

void write_symptom(JsonWriter& json, const Symptom& symptom) {
  json.begin_object();
  write_members(json, symptom);
  if (symptom.lines != 1) json.key("lines").whole(symptom.lines);
  json.end_object();
}

MatchedLine line_from_json(dom::element element) {
  MatchedLine line{.rule = text_in(element, "rule"),
                   .format = text_in(element, "format"),
                   .source = text_in(element, "source"),
                   .offset = count_in(element, "offset"),
                   .at = time_in(element, "at"),
                   .has_own_time = element["own_time"].get_bool().value(),
                   .host = text_in(element, "host"),
                   .line = text_in(element, "line"),
                   .header = text_in(element, "header"),
                   .fields = {}};
  bool predates = false;  // what is not old does not say so
  line.predates_following = element["predates_following"].get_bool().get(predates) == simdjson::SUCCESS && predates;
  for (const dom::element field : array_in(element, "fields")) {
    line.fields.push_back({text_of(field.at(0).value()), text_of(field.at(1).value())});
  }
  return line;
}

Symptom symptom_from_json(dom::element element) { return {line_from_json(element), count_or(element, "lines", 1)}; }

}  // namespace triaged::diagnosis
