// docs/rule.schema.json is for editors; this holds it to what the reader knows.
#include <fstream>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <re2/re2.h>

#include "base/yaml.hpp"
#include "formats/format.hpp"
#include "tests/support/json_schema.hpp"
#include "tests/support/rule_file.hpp"

namespace triaged::knowledge {
namespace {

namespace fs = std::filesystem;
using testing::IsSupersetOf;

const auto source = fs::path(TRIAGED_SOURCE_DIR);

JsonSchema rule_schema() { return JsonSchema(contents_of(source / "docs/rule.schema.json")); }

std::vector<YamlValue> documents_in(const std::string& text, const std::string& name) {
  Problems problems;
  auto documents = read_yaml(text, name, problems);
  EXPECT_TRUE(problems.empty());
  return documents;
}

TEST(RuleSchema, AcceptsEveryShippedRule) {
  const auto schema = rule_schema();
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

TEST(RuleSchema, ListsTheFormatsOnce) {
  const auto text = contents_of(source / "docs/rule.schema.json");
  const auto schema = documents_in(text, "rule.schema.json").at(0);
  std::vector<std::string> listed, names;
  for (const auto& item : schema.find("$defs")->find("format")->find("enum")->items) listed.push_back(item.text);
  for (const auto format : formats::all_formats()) names.emplace_back(name_of(format));
  names.emplace_back("any");
  EXPECT_EQ(listed, names);
  const auto first = text.find("\"haproxy.tcp\"");
  EXPECT_EQ(text.find("\"haproxy.tcp\"", first + 1), std::string::npos);
}

TEST(RuleSchema, RefusesWhatTheReaderRefuses) {
  const auto schema = rule_schema();
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
  const auto schema = rule_schema();
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
  EXPECT_THAT(rule_schema().keys(), IsSupersetOf(keys));
}

TEST(RuleSchema, KnowsNoFieldThatTheReaderDoesNotName) {
  std::string sources;
  for (const auto* file : {"read_triaged.cpp", "read_match.cpp", "read_timed_match.cpp", "read_knowledge.cpp"}) {
    sources += contents_of(source / "knowledge/dialects" / file);
  }
  for (const auto& key : rule_schema().keys()) {
    EXPECT_NE(sources.find('"' + key + '"'), std::string::npos) << key;
  }
}

}  // namespace
}  // namespace triaged::knowledge
