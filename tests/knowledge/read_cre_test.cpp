#include <gmock/gmock.h>

#include "knowledge/dialects/cre_rule.hpp"
#include "knowledge/dialects/jq_program.hpp"
#include "tests/support/rule_file.hpp"

namespace triaged::knowledge {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class CreFile : public RuleFileTest {
 protected:
  static std::string file_with(const std::string& condition, const std::string& more = "") {
    return "rules:\n  - cre: {id: CRE-2024-0007, severity: 0, title: Overloaded}\n    metadata: {}\n    rule:\n      " +
           condition + "\n" + more;
  }
  std::vector<CreRule> cre(const std::string& text) {
    problems_.clear();
    return read_cre_documents(read_yaml(text, "a.yaml", problems_), "a.yaml", problems_);
  }
  std::vector<std::string> complaints(const std::string& condition, const std::string& more = "") {
    const auto rules = cre(file_with(condition, more));
    if (has_errors(problems_)) {
      EXPECT_THAT(rules, IsEmpty());
    }
    return texts_of(problems_);
  }
};

constexpr const char* sequence =
    "sequence: {window: 30s, event: {source: cre.log.rabbitmq}, order: [{regex: Discarding message(.+)}, Mnesia is "
    "overloaded], negate: [{value: asked to stop, slide: -30s}, {value: SIGTERM, anchor: 1, window: 10s}]}";

TEST_F(CreFile, ReadsASequenceWithItsNegativeTerms) {
  const auto rules = cre(file_with(sequence));
  EXPECT_THAT(texts_of(problems_), IsEmpty());
  ASSERT_THAT(rules, SizeIs(1));
  const auto& rule = rules[0];
  EXPECT_EQ(rule.id, "CRE-2024-0007");
  EXPECT_EQ(rule.source, "cre.log.rabbitmq");
  EXPECT_TRUE(rule.is_sequence);
  EXPECT_EQ(rule.window, 30'000'000'000);
  ASSERT_THAT(rule.positives, SizeIs(2));
  EXPECT_EQ(rule.positives[0].kind, CreTerm::Kind::regex);
  EXPECT_EQ(rule.positives[1].kind, CreTerm::Kind::value);
  ASSERT_THAT(rule.negatives, SizeIs(2));
  EXPECT_EQ(rule.negatives[0].slide, -30'000'000'000);
  EXPECT_EQ(rule.negatives[1].anchor, 1u);
}

TEST_F(CreFile, BecomesATriagedRule) {
  const auto rule = read_one(file_with(sequence));
  EXPECT_EQ(rule.id, "cre/CRE-2024-0007");
  EXPECT_EQ(rule.dialect, Dialect::cre_yaml);
  EXPECT_EQ(rule.severity, Severity::critical);
  EXPECT_EQ(rule.title.english, "Overloaded");
  ASSERT_THAT(rule.timed_matches, SizeIs(1));
  EXPECT_EQ(rule.timed_matches[0].window, 30s);
  EXPECT_EQ(rule.timed_matches[0].unless.at(0).slide, -30s);
  EXPECT_EQ(rule.timed_matches[0].of.at(1).line.within, Within::speech);
}

TEST_F(CreFile, BecomesAPatternWhenOneLineIsEnough) {
  const auto rule = read_one(file_with("set: {event: {source: cre.log.x}, match: [{value: 'a (b)'}]}"));
  EXPECT_THAT(rule.timed_matches, IsEmpty());
  EXPECT_EQ(rule.matches.at(0).regex, "a \\(b\\)");
}

TEST_F(CreFile, RepeatsATermAsOftenAsItsCountSays) {
  const auto rules = cre(file_with("set: {window: 5s, event: {source: x}, match: [{value: abcd, count: 3}, efgh]}"));
  ASSERT_THAT(rules, SizeIs(1));
  EXPECT_THAT(rules[0].positives, SizeIs(4));
}

TEST_F(CreFile, PutsNamedTermsWhereTheirNamesStand) {
  const auto rules =
      cre(file_with("sequence: {window: 5s, event: {source: x}, order: [first, {value: second, count: 9}], negate: "
                    "[{value: third, window: 7s}]}",
                    "terms:\n  first: {regex: abcd, count: 2}\n  second: {value: efgh}\n  third: {value: ijkl, window: "
                    "1s}\n"));
  EXPECT_THAT(texts_of(problems_), IsEmpty());
  ASSERT_THAT(rules, SizeIs(1));
  EXPECT_THAT(rules[0].positives, SizeIs(3));  // the count of the reference is lost
  EXPECT_EQ(rules[0].positives[2].text, "efgh");
  EXPECT_EQ(rules[0].negatives.at(0).window, 7'000'000'000);
}

TEST_F(CreFile, TakesTheSequenceWhenItHasASetToo) {
  const auto rules = cre(file_with("set: {match: [x]}\n      " + std::string(sequence)));
  ASSERT_THAT(rules, SizeIs(1));
  EXPECT_TRUE(rules[0].is_sequence);
}

TEST_F(CreFile, SkipsTheSectionOfVersionsAndFindsTermsInOtherDocuments) {
  const auto rules =
      cre("section: version\nversion: 1\n---\n" + file_with("set: {event: {source: x}, match: [{value: name}]}") +
          "---\nrules: []\nterms: {name: {value: abcd}}\n");
  EXPECT_THAT(texts_of(problems_), IsEmpty());
  ASSERT_THAT(rules, SizeIs(1));
  EXPECT_EQ(rules[0].positives.at(0).text, "abcd");
}

TEST_F(CreFile, IsRefusedWithoutWhatEveryConditionNeeds) {
  EXPECT_THAT(complaints("promql: x"), ElementsAre(HasSubstr("a.yaml:5:7: error: not supported")));
  EXPECT_THAT(complaints("set: {event: {source: x}}"),
              ElementsAre(HasSubstr("a.yaml:5:12: error: 'set' missing 'match'")));
  EXPECT_THAT(complaints("sequence: {window: 1s, event: {source: x}}"),
              ElementsAre(HasSubstr("a.yaml:5:17: error: 'sequence' missing 'order'")));
  EXPECT_THAT(complaints("set: {match: [abcd]}"),
              ElementsAre(HasSubstr("a.yaml:5:12: error: root node has no event source")));
  EXPECT_THAT(complaints("set: {event: {origin: true}, match: [abcd]}"),
              ElementsAre(HasSubstr("a.yaml:5:20: error: invalid event type")));
  EXPECT_THAT(complaints("set: {event: {source: x}, match: []}"),
              ElementsAre(HasSubstr("a.yaml:5:12: error: no terms")));
}

TEST_F(CreFile, IsRefusedWithWindowsThatFitNoLines) {
  const std::string event = "event: {source: x}, ";
  EXPECT_THAT(complaints("sequence: {window: 5s, " + event + "order: [abcd]}"),
              ElementsAre(HasSubstr("a.yaml:5:17: error: sequences require two or more positive conditions")));
  EXPECT_THAT(complaints("sequence: {" + event + "order: [abcd, efgh]}"),
              ElementsAre(HasSubstr("error: invalid window")));
  EXPECT_THAT(complaints("sequence: {window: 0s, " + event + "order: [abcd, efgh]}"),
              ElementsAre(HasSubstr("a.yaml:5:26: error: invalid window")));
  EXPECT_THAT(complaints("set: {window: 5s, " + event + "match: [abcd]}"),
              ElementsAre(HasSubstr("a.yaml:5:21: error: invalid window")));
  EXPECT_THAT(complaints("set: {" + event + "match: [abcd, efgh]}"), ElementsAre(HasSubstr("error: invalid window")));
  EXPECT_THAT(complaints("set: {window: 5, " + event + "match: [abcd, efgh]}"),
              ElementsAre(HasSubstr("a.yaml:5:21: error: invalid 'window'")));
  EXPECT_THAT(complaints("sequence: {window: 5s, " + event + "order: [{value: abcd, count: 2}]}"), IsEmpty());
}

TEST_F(CreFile, IsRefusedWithTermsThatAreNotExactlyOneThing) {
  const std::string event = "event: {source: x}, ";
  EXPECT_THAT(complaints("set: {" + event + "match: [{value: abcd, regex: abcd}]}"),
              ElementsAre(HasSubstr("a.yaml:5:41: error: invalid node type")));
  EXPECT_THAT(complaints("set: {" + event + "match: [{field: abcd}]}"),
              ElementsAre(HasSubstr("error: term not found")));
  EXPECT_THAT(complaints("set: {" + event + "match: ['']}"), ElementsAre(HasSubstr("error: term not found")));
  EXPECT_THAT(complaints("set: {" + event + "match: [{regex: 'a(b'}]}"),
              ElementsAre(HasSubstr("a.yaml:5:49: error: term compile error")));
  EXPECT_THAT(complaints("set: {" + event + "match: [{regex: 'a(?=b)'}]}"),
              ElementsAre(HasSubstr("term compile error")));
}

TEST_F(CreFile, IsRefusedWithNegativeTermsThatCannotBe) {
  const auto with = [&](const std::string& kind, const std::string& lines, const std::string& negative) {
    return complaints(kind + ": {window: 5s, event: {source: x}, " + (kind == "set" ? "match" : "order") + ": " +
                      lines + ", negate: [" + negative + "]}");
  };
  EXPECT_THAT(with("set", "[abcd, efgh]", "{value: x, anchor: 2}"),
              ElementsAre(HasSubstr("error: invalid negate anchor")));
  EXPECT_THAT(with("set", "[abcd, efgh]", "{value: x, count: 2}"),
              ElementsAre(HasSubstr("error: negate fields cannot have count > 1")));
  EXPECT_THAT(with("set", "[abcd, efgh]", "{value: x, slide: soon}"), ElementsAre(HasSubstr("error: invalid 'slide'")));
  EXPECT_THAT(with("sequence", "[{value: abcd, count: 2}]", "{value: x, anchor: 1}"),
              ElementsAre(HasSubstr("error: non zero anchors unsupported with duplicate terms")));
  EXPECT_THAT(with("sequence", "[abcd, efgh, efgh]", "{value: x, anchor: 1}"), IsEmpty());
  EXPECT_THAT(complaints("set: {event: {source: x}, match: [abcd], negate: [{value: x, anchor: 1}]}"),
              ElementsAre(HasSubstr("error: anchor out of range")));
}

TEST_F(CreFile, IsRefusedWithTooManyTerms) {
  std::string lines;
  for (int i = 0; i < 65; ++i) lines += "line" + std::to_string(i) + ", ";
  EXPECT_THAT(complaints("set: {window: 5s, event: {source: x}, match: [" + lines + "]}"),
              ElementsAre(HasSubstr("error: too many terms: 65, at most 64")));
}

TEST_F(CreFile, IsRefusedWithBadIds) {
  const std::string rule = "    rule: {set: {event: {source: x}, match: [abcd]}}\n";
  (void)cre("rules:\n  - cre: {id: abc}\n" + rule);
  EXPECT_THAT(texts_of(problems_), ElementsAre(HasSubstr("a.yaml:2:15: error: invalid cre id")));
  (void)cre("rules:\n  - cre: {title: x}\n" + rule);
  EXPECT_THAT(texts_of(problems_), ElementsAre(HasSubstr("error: missing cre id")));
  (void)cre("rules:\n  - cre: {id: CRE-1}\n    metadata: {id: short, hash: 5UD1RZxGC5LJQnVpAkV1100}\n" + rule);
  EXPECT_THAT(texts_of(problems_), ElementsAre(HasSubstr("error: invalid 'id' of metadata"),
                                               HasSubstr("error: invalid 'hash' of metadata")));
  (void)cre("rules:\n  - cre: {id: CRE-1}\n");
  EXPECT_THAT(texts_of(problems_), ElementsAre(HasSubstr("error: missing rule section")));
}

TEST_F(CreFile, LeavesOutWithAWarningWhatNobodyCanRun) {
  EXPECT_THAT(complaints("set: {window: 5s, match: [{set: {event: {source: x}, match: [abcd]}}, {set: {match: [x]}}]}"),
              ElementsAre(HasSubstr("warning: rule CRE-2024-0007 is left out: nested conditions")));
  EXPECT_THAT(cre(file_with("set: {match: [{promql: {expr: up}}]}")), IsEmpty());
  EXPECT_FALSE(has_errors(problems_));
}

TEST_F(CreFile, IsWarnedOfTermsThatWillHardlyMatch) {
  EXPECT_THAT(complaints("set: {event: {source: x}, match: ['panic.*runtime']}"),
              ElementsAre(HasSubstr("warning: this looks like a regex")));
  EXPECT_THAT(
      complaints("set:\n        event: {source: x}\n        match:\n          - regex: |\n              abcd\n"),
      ElementsAre(HasSubstr("warning: the regex holds a line end")));
}

TEST_F(CreFile, SaysThatAProgramOfJqCannotRunInABuildWithoutIt) {
  const auto said = complaints("set: {event: {source: x}, match: [{jq: '.kind == \"Pod\"'}]}");
  if (JqProgram::is_available()) {
    EXPECT_THAT(said, IsEmpty());
    EXPECT_THAT(complaints("set: {event: {source: x}, match: [{jq: '.kind =='}]}"),
                ElementsAre(HasSubstr("error: term compile error: jq does not take this program")));
  } else {
    EXPECT_THAT(said, ElementsAre(HasSubstr("install libjq-dev")));
  }
}

TEST(JqProgramTest, MatchesWhatIsNeitherNullNorFalse) {
  if (!JqProgram::is_available()) GTEST_SKIP() << "this build has no jq";
  const auto matches = [](const char* program, const char* line) {
    auto compiled = JqProgram::compile(program);
    return compiled && compiled->matches(line);
  };
  EXPECT_TRUE(matches(".a", R"({"a": 1})"));
  EXPECT_TRUE(matches(".a", R"({"a": 0})"));
  EXPECT_TRUE(matches(".a, .b", R"({"b": true})"));
  EXPECT_FALSE(matches(".a", R"({"a": false})"));
  EXPECT_FALSE(matches(".a", R"({"b": 1})"));
  EXPECT_FALSE(matches(".a", "no json"));
  EXPECT_FALSE(matches(".a, error(\"x\")", R"({"a": 1})"));
}

}  // namespace
}  // namespace triaged::knowledge
