#include "diagnosis/causes.hpp"

#include <cmath>

#include <gtest/gtest.h>

#include "diagnosis/open_questions.hpp"
#include "tests/support/diagnosis_fixture.hpp"

namespace triaged::diagnosis {
namespace {

class CausesTest : public testing::Test {
 protected:
  std::vector<RankedCause> ranked(const std::vector<knowledge::Rule>& rules, const std::vector<Symptom>& symptoms) {
    set_ = knowledge::RuleSet(rules);
    OpenIncident incident;
    for (const auto& seen : symptoms) {
      add_symptom(incident, seen, {"upstream", std::string(seen.field("upstream"))});
    }
    const RuleGraph graph(set_);
    auto [causes, unread, surest] =
        ranked_causes(incident, placed_rules(incident, set_, graph),
                      {.rules = set_, .graph = graph, .coverage = coverage_, .answers = {}, .urls = urls_});
    questions_ = open_questions(unread, causes, Language::english);
    return causes;
  }

  knowledge::RuleSet set_;
  LogCoverage coverage_{Logs::end};
  UrlCounts urls_;
  std::vector<OpenQuestion> questions_;
};

knowledge::Cause supported(knowledge::Cause made, knowledge::EvidenceTerm by) {
  made.supported_by.push_back(std::move(by));
  return made;
}

knowledge::Cause refuted(knowledge::Cause made, knowledge::EvidenceTerm by) {
  made.refuted_by.push_back(std::move(by));
  return made;
}

knowledge::Rule written_to(formats::Format format, knowledge::Rule made) {
  made.matches.push_back({.formats = {format}});
  return made;
}

TEST_F(CausesTest, LeavesWhatThePriorsDoNotCoverToSomethingElse) {
  const auto causes = ranked({rule("a/b", {cause("x", 0.6), cause("y", 0.2)})}, {symptom("a/b", start, "u")});
  ASSERT_EQ(causes.size(), 2u);
  EXPECT_NEAR(causes[0].probability, 0.6, 1e-9);
  EXPECT_NEAR(causes[1].probability, 0.2, 1e-9);
}

TEST_F(CausesTest, AddsStrongEvidenceOfAnotherSymptomAndShowsIt) {
  const auto rules = {
      rule("a/b",
           {cause("x", 0.6), supported(cause("y", 0.2), {.symptom = "c/d", .weight = knowledge::Weight::strong})}),
      rule("c/d", {})};
  const auto causes = ranked(rules, {symptom("a/b", start, "u"), symptom("c/d", start, "u")});
  EXPECT_EQ(causes[0].cause, "y");
  const double weight = 0.2 * std::exp(3.0);
  EXPECT_NEAR(causes[0].probability, weight / (weight + 0.6 + 0.2), 1e-9);
  ASSERT_EQ(causes[0].because.size(), 2u);
  EXPECT_EQ(causes[0].because[0].text, "a/b at u (once)");
  EXPECT_DOUBLE_EQ(causes[0].because[0].log_odds, std::log(0.2 * 3)) << "of two causes and something else";
  EXPECT_EQ(causes[0].because[1].text, "2026-11-21T00:36:06.000000Z c/d at u");
  EXPECT_DOUBLE_EQ(causes[0].because[1].log_odds, 3.0);
}

TEST_F(CausesTest, CountsTheAbsenceOfASymptomOnlyWhenTheRuleAsksForIt) {
  const auto rules = {
      rule("a/b", {refuted(cause("x", 0.5), {.symptom = "c/d", .absent = true, .weight = knowledge::Weight::medium}),
                   refuted(cause("y", 0.4), {.symptom = "c/d", .weight = knowledge::Weight::medium})}),
      written_to(formats::Format::nginx_error, rule("c/d", {}))};
  EXPECT_EQ(ranked(rules, {symptom("a/b", start, "u")})[0].cause, "y");
  EXPECT_EQ(ranked(rules, {symptom("a/b", start, "u"), symptom("c/d", start, "u")})[0].cause, "x");
}

TEST_F(CausesTest, CountsAnAbsenceOnlyWhenALogOfThatTimeWasReadAndAsksForItOtherwise) {
  const auto killed = written_to(formats::Format::kernel, rule("kernel/oom-kill", {}));
  const auto rules = {
      rule("a/b", {refuted(cause("oom-kill", 0.5),
                           {.symptom = "kernel/oom-kill", .absent = true, .weight = knowledge::Weight::medium}),
                   cause("y", 0.4)}),
      killed};
  EXPECT_EQ(ranked(rules, {symptom("a/b", start, "u")})[0].cause, "oom-kill");
  ASSERT_EQ(questions_.size(), 1u);
  EXPECT_EQ(questions_[0], (OpenQuestion{"oom-kill", "kernel/oom-kill",
                                         "No kernel log of that time was read: examine `dmesg -T` or `journalctl -k` "
                                         "for “kernel/oom-kill at UPSTREAM”."}));
  coverage_.add({{.format = "kernel", .at = start - 1h}, start + 1h});
  EXPECT_EQ(ranked(rules, {symptom("a/b", start, "u")})[0].cause, "y");
  EXPECT_TRUE(questions_.empty());
}

TEST_F(CausesTest, AsksNothingAboutACauseThatIsHardlyPossible) {
  const auto rules = {
      rule("a/b", {refuted(cause("oom-kill", 0.01),
                           {.symptom = "kernel/oom-kill", .absent = true, .weight = knowledge::Weight::strong}),
                   cause("y", 0.8)}),
      written_to(formats::Format::kernel, rule("kernel/oom-kill", {}))};
  EXPECT_EQ(ranked(rules, {symptom("a/b", start, "u")})[0].cause, "y");
  EXPECT_TRUE(questions_.empty());
}

TEST_F(CausesTest, TakesNothingFromTheAbsenceOfWhatNobodyLooksFor) {
  const auto rules = {
      rule("a/b", {refuted(cause("x", 0.5), {.symptom = "not/loaded", .absent = true}), cause("y", 0.4)})};
  const auto causes = ranked(rules, {symptom("a/b", start, "u")});
  EXPECT_EQ(causes[0].cause, "x");
  EXPECT_EQ(causes[0].because.size(), 1u);
  EXPECT_TRUE(questions_.empty());
}

TEST_F(CausesTest, IgnoresEvidenceThatIsTooFarAwayInTime) {
  const auto rules = {
      rule("a/b", {cause("x", 0.6),
                   supported(cause("y", 0.3), {.symptom = "c/d", .within = 5s, .weight = knowledge::Weight::strong})}),
      rule("c/d", {})};
  EXPECT_EQ(ranked(rules, {symptom("a/b", start, "u"), symptom("c/d", start + 6s, "u")})[0].cause, "y");
  EXPECT_EQ(ranked(rules, {symptom("a/b", start, "u"), symptom("c/d", start + 7s, "u")})[0].cause, "x");
}

TEST_F(CausesTest, TellsWhatCameAfterFromWhatCameBefore) {
  const auto rules = {rule("a/b", {cause("x", 0.5), supported(cause("y", 0.4), {.symptom = "c/d",
                                                                                .when = knowledge::When::after,
                                                                                .weight = knowledge::Weight::strong})}),
                      rule("c/d", {})};
  EXPECT_EQ(ranked(rules, {symptom("c/d", start - 5s, "u"), symptom("a/b", start, "u")})[0].cause, "x");
  EXPECT_EQ(ranked(rules, {symptom("a/b", start, "u"), symptom("c/d", start + 5s, "u")})[0].cause, "y");
}

TEST_F(CausesTest, LetsTheRootSpeakLouderThanItsSymptoms) {
  auto root = rule("k/oom", {cause("oom-kill", 0.9)});
  root.leads_to = {{.rule = "n/closed"}};
  const auto rules = {root, rule("n/closed", {cause("upstream-premature-close", 0.9)})};
  const auto causes = ranked(rules, {symptom("n/closed", start, "u"), symptom("k/oom", start, "u")});
  EXPECT_EQ(causes[0].cause, "oom-kill");
  EXPECT_NEAR(causes[0].probability, 0.9 * 1.0 / 1.15, 1e-9);
}

TEST_F(CausesTest, IsEmptyWhenNoRuleNamesACause) {
  EXPECT_TRUE(ranked({rule("a/b", {})}, {symptom("a/b", start, "u")}).empty());
}

TEST_F(CausesTest, WeighsAFieldOfTheRulesOwnSymptoms) {
  const auto rules = {
      rule("a/b", {cause("x", 0.5), supported(cause("y", 0.4), {.field = knowledge::FieldCondition{
                                                                    .field = "upstream", .any_of = {"special"}}})})};
  EXPECT_EQ(ranked(rules, {symptom("a/b", start, "special")})[0].cause, "y");
  EXPECT_EQ(ranked(rules, {symptom("a/b", start, "other")})[0].cause, "x");
}

}  // namespace
}  // namespace triaged::diagnosis
