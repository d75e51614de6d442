#include "knowledge/lint.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/rule_file.hpp"

namespace triaged::knowledge {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr std::string_view sound_rule = R"(id: nginx/no-live-upstreams
title: No live upstreams
root_cause: nginx has marked every server as failed.
match:
  - formats: [nginx.error]
    regex: 'no live upstreams while connecting to upstream'
    where: {vhost: {present: true}}
    examples: ['2026/11/21 01:17:05 [error] 3143#3143: *118 no live upstreams while connecting to upstream']
    near_misses: ['2026/11/21 01:17:05 [error] 3143#3143: *118 upstream timed out']
entity: upstream
causes:
  - {id: all-upstreams-down, text: x, prior: 0.6}
  - {id: upstream-slow, text: x, prior: 0.4}
workarounds: [{action: x}]
dead_ends: [{why_fails: x}]
docs: https://nginx.org/
)";

class Lint : public RuleFileTest {
 protected:
  /// What the linter says about a rule that must load.
  std::vector<std::string> findings_about(const std::string& text, const std::string& file = "a.yaml") {
    auto rules = read(text, file);
    EXPECT_FALSE(has_errors(problems_)) << testing::PrintToString(texts_of(problems_));
    return texts_of(lint(RuleSet(std::move(rules))));
  }
  /// The sound rule with its first `old` replaced by `fresh`.
  static std::string rule_with(std::string_view old, std::string_view fresh) {
    std::string text(sound_rule);
    return text.replace(text.find(old), old.size(), fresh);
  }
  static std::string rule_with_pattern(std::string_view pattern) {
    return rule_with("no live upstreams while connecting to upstream", pattern);
  }
};

TEST_F(Lint, FindsNothingInASoundRule) { EXPECT_THAT(findings_about(std::string(sound_rule)), IsEmpty()); }

TEST_F(Lint, WantsWordsForEvidenceThatFitIntoARow) {
  const auto with = [](const std::string& says) {
    return rule_with("root_cause:", "says: '" + says + "'\nroot_cause:");
  };
  EXPECT_THAT(findings_about(with("no server of {upstream} is left")), IsEmpty());
  EXPECT_THAT(
      findings_about(with("{upstraem} is gone.")),
      ElementsAre("a.yaml:1:1: warning: rule 'nginx/no-live-upstreams' has 'says' with field 'upstraem', which is "
                  "neither a field of any format nor a named group; did you mean 'upstream'?",
                  "a.yaml:1:1: warning: rule 'nginx/no-live-upstreams' has a 'says' that ends with a full stop "
                  "({upstraem} is gone.)"));
  EXPECT_THAT(findings_about(with(std::string(101, 'x'))), SizeIs(1));
}

TEST_F(Lint, FindsAPatternThatMatchesTheEmptyLine) {
  EXPECT_THAT(findings_about(rule_with_pattern("(upstream)?")),
              ElementsAre("a.yaml:6:12: warning: rule 'nginx/no-live-upstreams' has a pattern that matches every line, "
                          "even the empty one ((upstream)?)"));
}

TEST_F(Lint, RefusesAPatternForTheWholeLineWithoutAReason) {
  const auto with = [](std::string_view lines) {
    return rule_with("    where: {vhost: {present: true}}\n",
                     "    where: {vhost: {present: true}}\n    within: line\n" + std::string(lines));
  };
  EXPECT_THAT(
      findings_about(with("")),
      ElementsAre("a.yaml:6:12: error: rule 'nginx/no-live-upstreams' has 'within: line' without a reason: "
                  "whoever sends a request can write the words it looks for (no live upstreams while connecting "
                  "to upstream)"));
  EXPECT_THAT(findings_about(with("    line_because: nobody can write it\n")), IsEmpty());
}

TEST_F(Lint, FindsAPatternWithoutALiteralOfFourLetters) {
  EXPECT_THAT(findings_about(rule_with_pattern(R"([a-z]+ \d+)")),
              ElementsAre("a.yaml:6:12: warning: rule 'nginx/no-live-upstreams' has a pattern that requires no literal "
                          R"(text of four letters or more: it costs time on every line ([a-z]+ \d+))"));
}

TEST_F(Lint, FindsAShortLiteralInTheLinesOfAnyProgram) {
  EXPECT_THAT(
      findings_about(rule_with("formats: [nginx.error]\n    regex: 'no live upstreams while connecting to upstream'",
                               "regex: 'error'")),
      ElementsAre("a.yaml:5:12: warning: rule 'nginx/no-live-upstreams' reads the lines of any program with a "
                  "short literal: name the formats (error)"));
}

TEST_F(Lint, FindsAPatternForSeveralLines) {
  const std::string finding =
      "a.yaml:6:12: warning: rule 'nginx/no-live-upstreams' has a pattern for several lines ('\\n' or '[\\s\\S]'): a "
      "pattern never crosses a line ";
  EXPECT_THAT(findings_about(rule_with_pattern(R"(upstream\nfailed)")), ElementsAre(finding + R"((upstream\nfailed))"));
  EXPECT_THAT(findings_about(rule_with_pattern(R"(upstream[\s\S]*failed)")),
              ElementsAre(finding + R"((upstream[\s\S]*failed))"));
  EXPECT_THAT(findings_about(rule_with_pattern(R"(upstream[^\n]*failed)")), IsEmpty());
  EXPECT_THAT(findings_about(rule_with_pattern(R"(upstream \\name)")), IsEmpty());
}

TEST_F(Lint, FindsConditionsOnFieldsThatNoLineHas) {
  EXPECT_THAT(
      findings_about(rule_with("vhost", "vhots")),
      ElementsAre("a.yaml:6:12: warning: rule 'nginx/no-live-upstreams' has condition 'vhots', which is neither "
                  "a field of any format nor a named group; did you mean 'vhost'?"));
  EXPECT_THAT(findings_about(rule_with("entity: upstream", "entity: shop")),
              ElementsAre("a.yaml:1:1: warning: rule 'nginx/no-live-upstreams' has entity 'shop', which is neither a "
                          "field of any format nor a named group"));
}

TEST_F(Lint, KnowsTheNamedGroupsOfTheRule) {
  auto text = rule_with("entity: upstream", "entity: shop");
  text.replace(text.find("no live upstreams while"), 23, "no live upstreams (?<shop>while)");
  EXPECT_THAT(findings_about(text), IsEmpty());
}

TEST_F(Lint, FindsWhatIsMissing) {
  EXPECT_THAT(findings_about("id: nginx/x\ntitle: X\nmatch: {formats: nginx.error, regex: no live upstreams}\n"
                             "causes: [{id: upstream-down}]\n"),
              ElementsAre("a.yaml:1:1: warning: rule 'nginx/x' has no 'docs'",
                          "a.yaml:1:1: warning: rule 'nginx/x' has no workarounds",
                          "a.yaml:1:1: warning: rule 'nginx/x' has no dead ends: what do people try in vain?",
                          "a.yaml:3:38: warning: rule 'nginx/x' has a match without an example line",
                          "a.yaml:3:38: warning: rule 'nginx/x' has a match without a near miss",
                          "a.yaml:4:10: warning: rule 'nginx/x' has no text for cause 'upstream-down'"));
}

TEST_F(Lint, FindsCausesThatAreNotInTheVocabulary) {
  EXPECT_THAT(findings_about(rule_with("id: upstream-slow", "id: upstream-slwo")),
              ElementsAre("a.yaml:13:5: warning: rule 'nginx/no-live-upstreams' names cause 'upstream-slwo', which is "
                          "not in the vocabulary; did you mean 'upstream-slow'?"));
}

TEST_F(Lint, OnlyNotesACauseThatIsLikeNoKnownOne) {
  EXPECT_THAT(findings_about(rule_with("id: upstream-slow", "id: moon-phase")),
              ElementsAre("a.yaml:13:5: note: rule 'nginx/no-live-upstreams' names cause 'moon-phase', which is "
                          "not in the vocabulary"));
}

TEST_F(Lint, OnlyNotesThatADocumentedRuleHasNoRealLine) {
  const std::string documented =
      "id: nginx/x\ntitle: X\nroot_cause: R\ndocs: https://nginx.org\nverification: documented\n"
      "match: {formats: nginx.error, regex: no live upstreams, near_misses: [x]}\n"
      "workarounds: [{action: a}]\ndead_ends: [{action: a, why_fails: b}]\n";
  EXPECT_THAT(findings_about(documented),
              ElementsAre("a.yaml:6:38: note: rule 'nginx/x' has a match without an example line"));
}

TEST_F(Lint, FindsCommandsWithTheNamesOfSomebodysOwnInstallation) {
  const std::string rule =
      "id: nginx/x\ntitle: X\nroot_cause: R\ndocs: https://nginx.org\n"
      "match: {formats: nginx.error, regex: no live upstreams, examples: [x], near_misses: [x]}\n"
      "workarounds: [{action: a, how: NAME/venv/bin/pip check}]\ndead_ends: [{action: a, why_fails: b}]\n";
  const auto with = [&](std::string_view name) {
    auto text = rule;
    return text.replace(text.find("NAME"), 4, name);
  };
  EXPECT_THAT(findings_about(with("/srv/shop")),
              ElementsAre("a.yaml:1:1: warning: rule 'nginx/x' has a command with the made-up name '/srv/shop' "
                          "(/srv/shop/venv/bin/pip check)"));
  EXPECT_THAT(findings_about(with("APP_DIR")), IsEmpty());
}

TEST_F(Lint, FindsPriorsThatAddUpToMoreThanOne) {
  EXPECT_THAT(
      findings_about(rule_with("prior: 0.4", "prior: 0.9")),
      ElementsAre("a.yaml:1:1: warning: rule 'nginx/no-live-upstreams' has causes whose priors add up to 1.50"));
}

TEST_F(Lint, FindsConfusionsWithoutADistinction) {
  const auto rule = fmt::format("{}transitions: {{confused_with: [{{rule: nginx/x}}]}}\n", sound_rule);
  EXPECT_THAT(findings_about(rule),
              ElementsAre("a.yaml:17:31: warning: rule 'nginx/no-live-upstreams' does not say how it differs from "
                          "'nginx/x' ('distinction')"));
}

TEST_F(Lint, AsksNothingOfAPublicRecordButThatItCanRun) {
  EXPECT_THAT(
      findings_about(R"({"id": "api/x", "signature": "502 Bad Gateway: upstream", "root_cause": "Y"})", "a.json"),
      IsEmpty());
}

}  // namespace
}  // namespace triaged::knowledge
