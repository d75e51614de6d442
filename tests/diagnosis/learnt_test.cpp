#include "diagnosis/learnt.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "tests/support/diagnosis_fixture.hpp"
#include "tests/support/must.hpp"

namespace triaged::diagnosis {
namespace {

using testing::ElementsAre;

knowledge::Workaround workaround(std::string id, double rate, std::string action) {
  knowledge::Workaround made;
  made.id = std::move(id);
  made.action = {std::move(action), ""};
  made.success_rate = rate;
  return made;
}

/// A rule with a cause that two workarounds treat, and one that is bound to none.
knowledge::Rule refused() {
  auto down = cause("upstream-down", 0.8);
  down.workarounds = {"start", "replace"};
  auto made = rule("nginx/refused", {down});
  made.workarounds = {workaround("start", 0.9, "Start it"), workaround("replace", 0.6, "Replace it"),
                      workaround("", 0.5, "Ask somebody")};
  made.evidence_count = 12;
  return made;
}

class LearntTest : public testing::Test {
 protected:
  void use(knowledge::Rule rule) {
    diagnoser = Diagnoser(rule_set({std::move(rule)}), {.settle = 2s});
    diagnoser.use_learnt(Learnt(reports));
  }

  /// What is told of a failure of another address.
  Incident next_incident() {
    const auto seen = symptom("nginx/refused", at, fmt::format("10.0.0.{}:80", ++addresses));
    diagnoser.on_findings(std::vector<Finding>{seen});
    diagnoser.advance_to(at += 1min);
    auto changes = diagnoser.take_changes();
    EXPECT_EQ(changes.size(), 1U);
    return changes.at(0);
  }

  /// Reports on `incident` as an operator would, a second later each.
  void report(const Incident& incident, const std::string& name, bool has_worked, int times = 1) {
    for (; times > 0; --times) {
      const TriedWorkaround tried{name, has_worked};
      for (auto& made : must(reports_on(incident, {&tried, 1}, at += 1s))) reports.push_back(std::move(made));
    }
    diagnoser.use_learnt(Learnt(reports));
  }

  static std::vector<std::string> actions(const Incident& incident) {
    std::vector<std::string> actions;
    for (const auto& ranked : incident.workarounds) actions.push_back(ranked.action);
    return actions;
  }

  static std::string refusal(const Incident& incident, std::vector<TriedWorkaround> tried) {
    const auto answer = reports_on(incident, tried, start);
    return answer ? "" : answer.error().message;
  }

  TimePoint at = start;
  int addresses = 0;
  std::vector<WorkaroundReport> reports;
  Diagnoser diagnoser{rule_set({refused()}), {.settle = 2s}};
};

TEST(SuccessRate, IsTheRulesOwnWithoutReports) {
  EXPECT_DOUBLE_EQ(success_rate({.rule_success_rate = 0.85, .rule_weight = 4}), 0.85);
}

TEST(SuccessRate, IsTheMeanOfTheBetaDistribution) {
  const SiteRecord record{.worked = 7, .failed = 2, .rule_success_rate = 0.9, .rule_weight = 4};
  EXPECT_DOUBLE_EQ(success_rate(record), (0.9 * 4 + 7) / (4 + 7 + 2));
  EXPECT_DOUBLE_EQ(success_rate({.worked = 0, .failed = 10, .rule_success_rate = 1, .rule_weight = 4}), 4.0 / 14);
  EXPECT_DOUBLE_EQ(success_rate({.worked = 3, .failed = 0, .rule_success_rate = 0, .rule_weight = 2}), 3.0 / 5);
}

TEST_F(LearntTest, WeighsARuleByItsEvidenceWithinBounds) {
  auto rule = refused();
  for (const auto& [evidence, weight] : {std::pair{0, 2}, {2, 2}, {3, 3}, {4, 4}, {774, 4}}) {
    rule.evidence_count = static_cast<std::uint64_t>(evidence);
    EXPECT_EQ(Learnt().record(rule, "upstream-down", rule.workarounds[0]).rule_weight,
              static_cast<std::uint64_t>(weight));
  }
}

TEST_F(LearntTest, FlipsAnOrderAfterTenContraryReports) {
  const auto before = next_incident();
  EXPECT_THAT(actions(before), ElementsAre("Start it", "Replace it", "Ask somebody"));
  report(before, "1", false, 10);
  const auto after = next_incident();
  EXPECT_THAT(actions(after), ElementsAre("Replace it", "Ask somebody", "Start it"));
  const auto& last = after.workarounds.back();
  EXPECT_EQ(last.here, (SiteRecord{.worked = 0, .failed = 10, .rule_success_rate = 0.9, .rule_weight = 4}));
  EXPECT_DOUBLE_EQ(last.success_rate, 0.9 * 4 / 14);
  EXPECT_DOUBLE_EQ(last.score, last.success_rate * after.causes[0].probability);
  EXPECT_TRUE(after.workarounds[0].here.is_empty());
}

TEST_F(LearntTest, RaisesWhatWorked) {
  report(next_incident(), "replace", true, 20);
  EXPECT_EQ(actions(next_incident()).front(), "Replace it");
}

TEST_F(LearntTest, SaysOfEveryRankingHowItCameAbout) {
  report(next_incident(), "2", true, 3);
  const auto ranked = next_incident().workarounds;
  for (const auto& one : ranked) EXPECT_DOUBLE_EQ(one.success_rate, success_rate(one.here));
}

TEST_F(LearntTest, SurvivesARuleUpdate) {
  report(next_incident(), "start", false, 10);
  auto update = refused();
  update.evidence_count = 500;
  update.title = {"Another title", ""};
  update.workarounds[0].action = {"Start it, in other words", ""};
  update.workarounds[0].success_rate = 0.95;
  update.workarounds.insert(update.workarounds.begin(), workaround("new", 0.1, "Something new"));
  use(update);
  const auto ranked = next_incident().workarounds;
  ASSERT_EQ(ranked.size(), 4U);
  EXPECT_EQ(ranked[2].action, "Start it, in other words");
  EXPECT_EQ(ranked[2].here, (SiteRecord{.worked = 0, .failed = 10, .rule_success_rate = 0.95, .rule_weight = 4}));
}

TEST_F(LearntTest, KnowsAWorkaroundWithoutAnIdByItsAction) {
  const auto incident = next_incident();
  report(incident, "3", true, 2);
  EXPECT_EQ(reports[0].cause, "upstream-down");  // bound to none: the root cause of the incident
  auto update = refused();
  std::swap(update.workarounds[0], update.workarounds[2]);
  use(update);
  EXPECT_EQ(next_incident().workarounds.at(1).here.worked, 2U);
  update.workarounds[0].action = {"Ask somebody else", ""};
  use(update);
  for (const auto& ranked : next_incident().workarounds) EXPECT_TRUE(ranked.here.is_empty());
}

TEST_F(LearntTest, KeepsCausesAndRulesApart) {
  report(next_incident(), "start", false, 3);
  const Learnt learnt(reports);
  auto other = refused();
  other.id = "nginx/other";
  const auto& start_it = other.workarounds[0];
  EXPECT_TRUE(learnt.record(other, "upstream-down", start_it).is_empty());
  EXPECT_TRUE(learnt.record(refused(), "worker-killed", start_it).is_empty());
  EXPECT_EQ(learnt.record(refused(), "upstream-down", start_it).failed, 3U);
}

TEST_F(LearntTest, CountsAReportOnceAndAWithdrawnOneNever) {
  const auto incident = next_incident();
  report(incident, "start", false, 2);
  reports.push_back(reports[0]);
  EXPECT_EQ(Learnt(reports).record(refused(), "upstream-down", refused().workarounds[0]).failed, 2U);
  reports[1].is_withdrawn = true;
  EXPECT_EQ(Learnt(reports).record(refused(), "upstream-down", refused().workarounds[0]).failed, 1U);
}

TEST_F(LearntTest, RefusesWhatNamesNoWorkaroundOfTheIncident) {
  const auto incident = next_incident();
  for (const char* name : {"0", "4", "-1", "1x", "99999999999999999999", "other", ""}) {
    EXPECT_EQ(
        refusal(incident, {{"1", true}, {name, true}}),
        fmt::format("there is no workaround '{}': incident {} has workarounds 1 to 3; `triaged incidents show {}` "
                    "lists them",
                    name, incident.id, incident.id));
  }
  EXPECT_EQ(refusal(incident, {{"1", true}, {"start", false}}), "workaround 'start' is named twice");
  Incident of_no_rule = incident;
  of_no_rule.workarounds[0].rule.clear();
  EXPECT_EQ(refusal(of_no_rule, {{"1", true}}),
            fmt::format("workaround '1' of incident {} comes from no rule, so feedback on it cannot be recorded",
                        incident.id));
}

TEST_F(LearntTest, NamesEveryReport) {
  const auto incident = next_incident();
  report(incident, "1", true, 2);
  report(incident, "2", false);
  EXPECT_EQ(reports[0].id.size(), 32U);
  EXPECT_NE(reports[0].id, reports[1].id);
  EXPECT_EQ(reports[2].incident, incident.id);
  EXPECT_EQ(std::tie(reports[2].rule, reports[2].workaround, reports[2].has_worked),
            std::tuple("nginx/refused", "replace", false));
}

}  // namespace
}  // namespace triaged::diagnosis
