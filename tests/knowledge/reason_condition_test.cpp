// Conditions on reasons and `raised_by`: what the reader of rules makes of them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "knowledge/lint.hpp"
#include "tests/support/rule_file.hpp"

namespace triaged::knowledge {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class ReasonCondition : public RuleFileTest {
 protected:
  static std::string with_match(const std::string& match) {
    return "id: a/b\ntitle: t\nroot_cause: r\nmatch:\n" + match;
  }
  Match match_of(const std::string& match) { return read_one(with_match(match)).matches.at(0); }
};

TEST_F(ReasonCondition, ComparesByTheNameWhateverItsAuthorWrote) {
  const auto match = match_of(
      "  - {regex: failed, where: {errno: [111, ECONNRESET, no_route], signal: {not: 9}, exit_status: [203, 1]}}\n");
  EXPECT_THAT(match.where[0].any_of, ElementsAre("refused", "reset", "no_route"));
  EXPECT_THAT(match.where[1].none_of, ElementsAre("SIGKILL"));
  EXPECT_THAT(match.where[2].any_of, ElementsAre("exec", "1"));
}

TEST_F(ReasonCondition, IsRefusedWithANameThatNobodyKnows) {
  EXPECT_THAT(complaints_about(with_match("  - {regex: failed, where: {errno: [refused, refusd]}}\n")),
              ElementsAre("a.yaml:5:46: error: unknown errno 'refusd'; did you mean 'refused'? (refusd)"));
  EXPECT_THAT(complaints_about(with_match("  - {regex: failed, where: {servers_left: {not: few}}}\n")),
              ElementsAre("a.yaml:5:49: error: unknown servers_left 'few'; there are: none, backup and active (few)"));
  EXPECT_THAT(complaints_about(with_match("  - {regex: failed, where: {errno: {from: 1}}}\n")),
              ElementsAre("a.yaml:5:36: error: field 'errno' is a name, not a number in a range"));
}

TEST_F(ReasonCondition, NeedsSomethingBesideItThatMatches) {
  EXPECT_THAT(complaints_about(with_match("  - {where: {errno: refused}}\n")),
              ElementsAre("a.yaml:5:13: error: 'where' has only reasons, which are read in lines that match otherwise: "
                          "give a 'regex' or a condition on another field beside them"));
  EXPECT_THAT(complaints_about(with_match("  - {where: {errno: refused, level: emerg}}\n")), IsEmpty());
}

TEST_F(ReasonCondition, IsCheckedInEvidenceToo) {
  const std::string rule =
      "id: a/b\ntitle: t\nmatch: [{regex: failed}]\ncauses: [{id: disk-full, supported_by: [{field: {errno: "
      "nospace}}]}]\n";
  EXPECT_THAT(complaints_about(rule),
              ElementsAre("a.yaml:4:57: error: unknown errno 'nospace'; did you mean 'no_space'? (nospace)"));
}

TEST_F(ReasonCondition, IsOnAFieldThatTheLinterKnows) {
  auto rules = read(with_match("  - {formats: [nginx.error], regex: failed, where: {tls_alert: unknown_ca}}\n"));
  for (const auto& text : texts_of(lint(RuleSet(std::move(rules))))) {
    EXPECT_THAT(text, testing::Not(testing::HasSubstr("tls_alert"))) << text;
  }
}

class RaisedBy : public ReasonCondition {};

TEST_F(RaisedBy, IsReadOfEachMatchAndMakesTwentyLinesNews) {
  const auto rule =
      read_one(with_match("  - {regex: aborted, raised_by: client}\n  - {regex: reset, raised_by: client}\n"));
  EXPECT_TRUE(rule.is_raised_by_client());
  EXPECT_EQ(rule.alone_from, 20u);
  const auto few = read_one(with_match("  - {regex: aborted, raised_by: client}\n") + "alone_from: 3\n");
  EXPECT_EQ(few.alone_from, 3u);
  EXPECT_FALSE(read_one(with_match("  - {regex: aborted}\n")).is_raised_by_client());
}

TEST_F(RaisedBy, IsRefusedWithAnybodyElseAndOfHalfARule) {
  EXPECT_THAT(complaints_about(with_match("  - {regex: aborted, raised_by: server}\n")),
              ElementsAre("a.yaml:5:33: error: 'raised_by' must be client (server)"));
  const std::string mixed =
      "a.yaml:5:3: error: 'raised_by: client' must stand in every entry of 'match', and none may be a condition over "
      "several lines: put what clients do not raise into a rule of its own";
  EXPECT_THAT(complaints_about(with_match("  - {regex: aborted, raised_by: client}\n  - {regex: reset}\n")),
              ElementsAre(mixed));
  EXPECT_THAT(complaints_about(with_match("  - {regex: aborted, raised_by: client}\n"
                                          "  - rate: {of: {regex: reset}, above: 20, per: 1m}\n")),
              ElementsAre(mixed));
}

}  // namespace
}  // namespace triaged::knowledge
