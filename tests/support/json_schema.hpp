// The part of JSON Schema that our schemas for editors use, to hold them to what the readers know.
#pragma once

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include <re2/re2.h>

#include "base/yaml.hpp"

namespace triaged {

class JsonSchema {
 public:
  /// JSON is YAML.
  explicit JsonSchema(const std::string& json) {
    Problems problems;
    root_ = read_yaml(json, "schema.json", problems).at(0);
  }

  /// Where `value` breaks the schema; empty: nowhere.
  [[nodiscard]] std::string check(const YamlValue& value) const { return check(value, root_); }

  [[nodiscard]] std::set<std::string> keys() const {
    std::set<std::string> found;
    for (const auto& [name, definition] : root_.find("$defs")->entries) collect(definition, found);
    return found;
  }

 private:
  static void collect(const YamlValue& schema, std::set<std::string>& keys) {
    if (const auto* properties = schema.find("properties")) {
      for (const auto& [name, property] : properties->entries) {
        keys.insert(name.text);
        collect(property, keys);
      }
    }
    if (const auto* any = schema.find("anyOf")) {
      for (const auto& choice : any->items) collect(choice, keys);
    }
  }

  static std::string at(const YamlValue& value, const std::string& what) {
    return std::to_string(value.line) + ":" + std::to_string(value.column) + ": " + what;
  }

  [[nodiscard]] const YamlValue& resolved(const YamlValue& schema) const {
    const auto* reference = schema.find("$ref");
    return reference == nullptr ? schema : *root_.find("$defs")->find(reference->text.substr(8));
  }

  [[nodiscard]] std::string check(const YamlValue& value, const YamlValue& given) const {
    const auto& schema = resolved(given);
    if (const auto* any = schema.find("anyOf")) {
      std::string nearest;  // the choice of the right type says what is wrong inside
      for (const auto& choice : any->items) {
        const auto failure = check(value, choice);
        if (failure.empty()) return "";
        if (nearest.empty() || nearest.ends_with(": wrong type")) nearest = failure;
      }
      return nearest;
    }
    if (const auto* allowed = schema.find("enum")) {
      for (const auto& item : allowed->items) {
        if (value.text == item.text) return "";
      }
      return at(value, "'" + value.text + "' is not one of the allowed words");
    }
    if (const auto* type = schema.find("type"); type != nullptr && !has_type(value, *type)) {
      return at(value, "wrong type");
    }
    switch (value.kind) {
      case YamlValue::Kind::map:
        return check_map(value, schema);
      case YamlValue::Kind::list:
        for (const auto& item : value.items) {
          if (auto failure = check(item, *schema.find("items")); !failure.empty()) return failure;
        }
        return "";
      default:
        return check_text(value, schema);
    }
  }

  [[nodiscard]] std::string check_map(const YamlValue& value, const YamlValue& schema) const {
    const auto* properties = schema.find("properties");
    const auto* others = schema.find("additionalProperties");
    for (const auto& [key, field] : value.entries) {
      const auto* property = properties == nullptr ? nullptr : properties->find(key.text);
      if (property == nullptr && others != nullptr && others->kind == YamlValue::Kind::map) property = others;
      if (property == nullptr) return at(key, "unknown field '" + key.text + "'");
      if (auto failure = check(field, *property); !failure.empty()) return failure;
    }
    if (const auto* required = schema.find("required")) {
      for (const auto& key : required->items) {
        if (value.find(key.text) == nullptr) return at(value, "no '" + key.text + "'");
      }
    }
    return "";
  }

  static std::string check_text(const YamlValue& value, const YamlValue& schema) {
    const auto* pattern = schema.find("pattern");
    if (pattern != nullptr && !re2::RE2::PartialMatch(value.text, pattern->text)) {
      return at(value, "'" + value.text + "' has another form than " + pattern->text);
    }
    const auto* least = schema.find("minimum");
    const auto* most = schema.find("maximum");
    if (least != nullptr && std::stod(value.text) < std::stod(least->text)) return at(value, "too small");
    if (most != nullptr && std::stod(value.text) > std::stod(most->text)) return at(value, "too large");
    return "";
  }

  static bool has_type(const YamlValue& value, const YamlValue& type) {
    if (type.kind == YamlValue::Kind::list) {
      return std::any_of(type.items.begin(), type.items.end(), [&](const YamlValue& t) { return has_type(value, t); });
    }
    const bool is_text = value.kind == YamlValue::Kind::text;
    if (type.text == "null") return value.kind == YamlValue::Kind::null;
    if (type.text == "object") return value.kind == YamlValue::Kind::map;
    if (type.text == "array") return value.kind == YamlValue::Kind::list;
    // To the reader a bare date or number is text where text is wanted.
    if (type.text == "string") return is_text;
    if (type.text == "boolean") return is_text && !value.quoted && (value.text == "true" || value.text == "false");
    const auto* const number = type.text == "integer" ? R"(^-?\d+$)" : R"(^-?\d+(\.\d+)?(e-?\d+)?$)";
    return is_text && !value.quoted && re2::RE2::PartialMatch(value.text, number);
  }

  YamlValue root_;
};

}  // namespace triaged
