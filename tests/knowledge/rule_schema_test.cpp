// docs/rule.schema.json is for editors; this holds it to what the reader knows.
#include <fstream>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <re2/re2.h>

#include "base/yaml.hpp"
#include "knowledge/dialects/json_tree.hpp"
#include "tests/support/rule_file.hpp"

namespace triaged::knowledge {
namespace {

namespace fs = std::filesystem;
using testing::IsSupersetOf;

const auto source = fs::path(TRIAGED_SOURCE_DIR);

/// The part of JSON Schema that our schema uses.
class Schema {
 public:
  Schema() {
    Problems problems;
    root_ = *read_json_tree(contents_of(source / "docs/rule.schema.json"), "rule.schema.json", problems);
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
      if (field.kind == YamlValue::Kind::null) continue;
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

std::vector<YamlValue> documents_in(const std::string& text, const std::string& name) {
  Problems problems;
  auto documents = read_yaml(text, name, problems);
  EXPECT_TRUE(problems.empty());
  return documents;
}

TEST(RuleSchema, AcceptsEveryShippedRule) {
  const Schema schema;
  std::size_t files = 0;
  for (const auto& entry : fs::recursive_directory_iterator(source / "rules")) {
    if (entry.path().extension() != ".yaml") continue;
    ++files;
    for (const auto& document : documents_in(contents_of(entry.path()), entry.path())) {
      if (document.kind == YamlValue::Kind::null) continue;
      EXPECT_EQ(schema.check(document), "") << entry.path();
    }
  }
  EXPECT_GT(files, 10u);
}

TEST(RuleSchema, RefusesWhatTheReaderRefuses) {
  const Schema schema;
  const std::string good = "id: a/b\ntitle: t\nroot_cause: r\nmatch: {regex: upstreams}\n";
  const auto check = [&](const std::string& more) { return schema.check(documents_in(good + more, "a.yaml").front()); };
  EXPECT_EQ(check(""), "");
  EXPECT_EQ(check("sevrity: error\n"), "5:1: unknown field 'sevrity'");
  EXPECT_NE(check("severity: bad\n"), "");
  EXPECT_NE(check("confidence: 1.5\n"), "");
  EXPECT_NE(check("confidence: '1'\n"), "");
  EXPECT_NE(check("dead_ends: [{action: x}]\n"), "");
  EXPECT_NE(check("first_seen: yesterday\n"), "");
  EXPECT_NE(check("transitions: {leads_to: [{rule: a/c, within: soon}]}\n"), "");
}

TEST(RuleSchema, AcceptsConditionsOverSeveralLines) {
  const Schema schema;
  const auto check = [&](const std::string& match) {
    return schema.check(documents_in("id: a/b\ntitle: t\nmatch:\n  - " + match + "\n", "a.yaml").front());
  };
  EXPECT_EQ(check("set: {window: 30s, of: [{regex: a, count: 3}, {regex: b}], unless: [{regex: c, within: 10s}]}"), "");
  EXPECT_EQ(check("sequence: {window: 30s, of: [{regex: a}], unless: [{regex: c, anchor: 0, slide: -5s, window: 1m}]}"),
            "");
  EXPECT_EQ(check("rate: {of: {where: {status: {from: 500, to: 599}}}, above: 20, per: 1m}"), "");
  EXPECT_EQ(check("rate: {of: {where: {status: 502}}, share_of: {formats: [nginx.access]}, above: 5%, per: 1m}"), "");
  EXPECT_NE(check("set: {window: 30s, of: [{regex: a, anchor: 1}]}"), "");
}

/// Every field name in the reader's sources: whatever is asked of a map by name.
std::set<std::string> keys_of_the_reader() {
  std::set<std::string> keys;
  for (const auto* file : {"read_triaged.cpp", "read_match.cpp", "read_timed_match.cpp", "read_knowledge.cpp"}) {
    const auto text = contents_of(source / "knowledge/dialects" / file);
    for (const auto* asked :
         {R"~(\breader\.(?:text|texts|number|integer|boolean|duration|size|map|list|any|require)\("(\w+)")~",
          R"~(\((?:\w*reader|map, \w*reader), "(\w+)")~", R"~(reader, "\w+", "(\w+)")~"}) {
      re2::StringPiece rest(text);
      for (std::string key; re2::RE2::FindAndConsume(&rest, asked, &key);) keys.insert(key);
    }
  }
  return keys;
}

TEST(RuleSchema, KnowsEveryFieldThatTheReaderAsksFor) {
  const auto keys = keys_of_the_reader();
  EXPECT_GT(keys.size(), 60u);
  EXPECT_THAT(Schema().keys(), IsSupersetOf(keys));
}

TEST(RuleSchema, KnowsNoFieldThatTheReaderDoesNotName) {
  std::string sources;
  for (const auto* file : {"read_triaged.cpp", "read_match.cpp", "read_timed_match.cpp", "read_knowledge.cpp"}) {
    sources += contents_of(source / "knowledge/dialects" / file);
  }
  for (const auto& key : Schema().keys()) {
    EXPECT_NE(sources.find('"' + key + '"'), std::string::npos) << key;
  }
}

}  // namespace
}  // namespace triaged::knowledge
