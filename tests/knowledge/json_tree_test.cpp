#include "knowledge/dialects/json_tree.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/rule_file.hpp"

namespace triaged::knowledge {
namespace {

using testing::ElementsAre;

class JsonTree : public testing::Test {
 protected:
  std::optional<YamlValue> read(std::string_view text) { return read_json_tree(text, "a.json", problems_); }
  /// The one complaint about a text that must not be accepted.
  std::string refusal_of(std::string_view text) {
    problems_.clear();
    EXPECT_FALSE(read(text).has_value());
    return problems_.size() == 1 ? to_text(problems_[0]) : std::to_string(problems_.size()) + " problems";
  }

  Problems problems_;
};

TEST_F(JsonTree, RemembersWhereEveryValueStood) {
  const auto tree = read("{\n  \"id\": \"a\",\n  \"rates\": [0.5, true, null, {\"x\": \"\\u4e2d\"}]\n}\n");
  ASSERT_TRUE(tree.has_value());
  const auto& rates = *tree->find("rates");
  ASSERT_EQ(rates.items.size(), 4u);
  EXPECT_EQ(rates.line, 3u);
  EXPECT_EQ(rates.column, 12u);
  EXPECT_EQ(rates.items[0].text, "0.5");
  EXPECT_FALSE(rates.items[0].quoted);
  EXPECT_EQ(rates.items[1].text, "true");
  EXPECT_EQ(rates.items[1].column, 18u);
  EXPECT_EQ(rates.items[2].kind, YamlValue::Kind::null);
  EXPECT_EQ(rates.items[3].find("x")->text, "中");
  EXPECT_TRUE(rates.items[3].find("x")->quoted);
  EXPECT_EQ(tree->entries[1].key.column, 3u);
}

TEST_F(JsonTree, TellsWhereTheSyntaxBreaks) {
  EXPECT_EQ(refusal_of("{\"a\": [1, 2}\n"),
            "a.json:1:12: error: not valid JSON: a comma, colon or bracket is missing or misplaced");
  EXPECT_EQ(refusal_of("{\"a\": 1,\n \"b\" 2}\n"),
            "a.json:2:6: error: not valid JSON: a comma, colon or bracket is missing or misplaced");
  EXPECT_EQ(refusal_of("{\"a\": 1,\n \"b\": 0x10}\n"), "a.json:2:7: error: not valid JSON: not a valid number");
}

TEST_F(JsonTree, TellsWhereAStringIsNotClosed) {
  EXPECT_EQ(refusal_of("{\"a\": \"b\",\n \"c\": \"it goes on}\n"),
            "a.json:2:7: error: not valid JSON: a string is not closed");
}

TEST_F(JsonTree, TellsWhereTheBytesAreNotUtf8) {
  EXPECT_EQ(refusal_of("{\"a\": 1,\n \"b\": \"caf\xe9\"}\n"), "a.json:2:11: error: not valid JSON: not valid UTF-8");
}

TEST_F(JsonTree, RefusesWhatIsNotOneMapOrList) {
  EXPECT_EQ(refusal_of(""), "a.json:1:1: error: not valid JSON: the file is empty");
  EXPECT_EQ(refusal_of("\"text\""), "a.json:1:1: error: a rule file must hold a map or a list");
  EXPECT_EQ(refusal_of("{\"a\": 1} {\"b\": 2}"),
            "a.json:1:10: error: not valid JSON: more text follows the end of the value");
  EXPECT_EQ(refusal_of("{\"a\": 1"), "a.json:1:7: error: not valid JSON: the file ends before its last '}' or ']'");
}

TEST_F(JsonTree, RefusesAFieldGivenTwice) {
  EXPECT_EQ(refusal_of("{\"a\": 1,\n \"a\": 2}"), "a.json:2:2: error: this field is given twice");
}

TEST_F(JsonTree, RefusesDeepNesting) {
  EXPECT_THAT(refusal_of(std::string(5000, '[') + std::string(5000, ']')),
              testing::HasSubstr("not valid JSON: nested too deeply"));
}

TEST_F(JsonTree, IsWrittenBackAsItWasRead) {
  const std::string text = R"({"linux":{"a":[1,2.5,true,null,"x\"y"]},"bsd":{}})";
  const auto tree = read(text);
  ASSERT_TRUE(tree.has_value());
  EXPECT_EQ(json_text_of(*tree), text);
}

}  // namespace
}  // namespace triaged::knowledge
