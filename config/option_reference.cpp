#include "config/option_reference.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "config/configuration_options.hpp"
#include "values/json_writer.hpp"

namespace triaged::config {

namespace {

using Shape = OptionFacts::Shape;

/// "`a`, `b` or `c`"
std::string listed(const std::vector<std::string_view>& words) {
  std::string text;
  for (std::size_t i = 0; i < words.size(); ++i) {
    text += i == 0 ? "" : i + 1 == words.size() ? " or " : ", ";
    text += fmt::format("`{}`", words[i]);
  }
  return text;
}

std::string shape_text(const OptionFacts& option) {
  switch (option.shape) {
    case Shape::boolean:
      return "`true` or `false`";
    case Shape::whole:
      return option.unit.empty() ? "whole number" : fmt::format("number of {}s", option.unit);
    case Shape::duration:
      return "duration";
    case Shape::size:
      return "size";
    case Shape::text:
      return "text";
    case Shape::texts:
      return "list of texts";
    case Shape::word:
      return listed(option.words);
    case Shape::words:
      return "list of names";
    case Shape::text_map:
      return "map of texts";
    case Shape::section:
      return "section";
    case Shape::entries:
      return "list";
  }
  return "";
}

std::string default_text(const OptionFacts& option) {
  if (option.is_needed) return "needed";
  if (!option.otherwise.empty()) return std::string(option.otherwise);
  return option.value.empty() ? "" : fmt::format("`{}`", option.value);
}

void add_rows(std::span<const OptionFacts> options, const std::string& prefix, std::string_view elsewhere,
              std::string& table) {
  for (const auto& option : options) {
    const auto name = prefix + std::string(option.name);
    table += fmt::format("| `{}` | {}{}{} | {} | {} |\n", name, shape_text(option), option.limits.empty() ? "" : ", ",
                         option.limits, default_text(option), option.meaning);
    if (name != elsewhere) add_rows(option.fields, name + ".", elsewhere, table);
  }
}

// What the reader of a configuration takes, as a schema: a text may look like a number, and any value may come from the
// environment.
constexpr std::string_view definitions = R"({
    "environment": {"type": "string", "pattern": "\\$\\{[^}]*\\}"},
    "boolean": {"anyOf": [{"type": "boolean"}, {"$ref": "#/$defs/environment"}]},
    "duration": {"anyOf": [{"type": "string", "pattern": "^(0|([0-9]+(us|ms|s|m|h|d))+)$"}, {"enum": [0]}, {"$ref": "#/$defs/environment"}]},
    "size": {"anyOf": [{"type": "string", "pattern": "^[0-9]+(KiB|MiB|GiB)?$"}, {"type": "integer", "minimum": 0}, {"$ref": "#/$defs/environment"}]},
    "text": {"type": ["string", "number", "boolean"]},
    "texts": {"anyOf": [{"type": ["array", "null"], "items": {"$ref": "#/$defs/text"}}, {"$ref": "#/$defs/text"}]}
  })";

class SchemaWriter {
 public:
  std::string write(std::span<const OptionFacts> options) {
    json_.begin_object();
    pair("$schema", "https://json-schema.org/draft/2020-12/schema");
    pair("title", "The configuration of triaged");
    pair("description", "docs/configuration.md explains every option.");
    fields(options, false);
    json_.key("$defs").raw(definitions);
    json_.end_object();
    return std::move(json_).json() + "\n";
  }

 private:
  void pair(std::string_view key, std::string_view text) { json_.key(key).text(text); }

  void reference(std::string_view name) { pair("$ref", fmt::format("#/$defs/{}", name)); }

  void begin_any() {
    json_.key("anyOf").begin_array();
    json_.begin_object();
  }

  void end_any() {
    json_.end_object();
    json_.begin_object();
    reference("environment");
    json_.end_object();
    json_.end_array();
  }

  void types(std::initializer_list<std::string_view> names) {
    json_.key("type").begin_array();
    for (const auto name : names) json_.text(name);
    json_.end_array();
  }

  void words(const OptionFacts& option) {
    json_.key("enum").begin_array();
    for (const auto word : option.words) json_.text(word);
    json_.end_array();
  }

  /// A map of options; nothing may stand in its place where none is needed.
  void fields(std::span<const OptionFacts> options, bool may_be_null) {
    const bool is_any_needed =
        std::any_of(options.begin(), options.end(), [](const OptionFacts& option) { return option.is_needed; });
    if (may_be_null && !is_any_needed) {
      types({"object", "null"});
    } else {
      pair("type", "object");
    }
    json_.key("additionalProperties").boolean(false);
    json_.key("properties").begin_object();
    for (const auto& option : options) property(option);
    json_.end_object();
    required(options);
  }

  void required(std::span<const OptionFacts> options) {
    std::vector<std::string> names;
    for (const auto& option : options) {
      if (option.is_needed) names.emplace_back(option.name);
    }
    if (!names.empty()) json_.key("required").texts(names);
  }

  void property(const OptionFacts& option) {
    json_.key(option.name).begin_object();
    pair("description", option.meaning);
    if (!option.value.empty() && !option.is_needed) default_value(option);
    shape(option);
    json_.end_object();
  }

  void default_value(const OptionFacts& option) {
    json_.key("default");
    if (option.shape == Shape::boolean || option.shape == Shape::whole) {
      json_.raw(option.value);
    } else {
      json_.text(option.value);
    }
  }

  void shape(const OptionFacts& option) {
    switch (option.shape) {
      case Shape::boolean:
        return reference("boolean");
      case Shape::duration:
        return reference("duration");
      case Shape::size:
        return reference("size");
      case Shape::text:
        return reference("text");
      case Shape::texts:
        return reference("texts");
      case Shape::whole:
        begin_any();
        pair("type", "integer");
        if (option.least) json_.key("minimum").integer(*option.least);
        if (option.most) json_.key("maximum").integer(*option.most);
        return end_any();
      case Shape::word:
        begin_any();
        words(option);
        return end_any();
      case Shape::words:
        types({"array", "null"});
        json_.key("items").begin_object();
        begin_any();
        words(option);
        end_any();
        return json_.end_object();
      case Shape::text_map:
        types({"object", "null"});
        json_.key("additionalProperties").begin_object();
        reference("text");
        return json_.end_object();
      case Shape::section:
        return fields(option.fields, true);
      case Shape::entries:
        types({"array", "null"});
        json_.key("items").begin_object();
        fields(option.fields, false);
        json_.key("minProperties").whole(1);
        json_.key("maxProperties").whole(1);
        return json_.end_object();
    }
  }

  JsonWriter json_{JsonWriter::Layout::indented};
};

}  // namespace

const std::vector<OptionFacts>& all_options() { return configuration_table().facts(); }

std::string markdown_table(std::span<const OptionFacts> options, std::string_view elsewhere) {
  std::string table = "| option | value | without it | meaning |\n|---|---|---|---|\n";
  add_rows(options, "", elsewhere, table);
  return table;
}

std::string configuration_schema() { return SchemaWriter().write(all_options()); }

}  // namespace triaged::config
