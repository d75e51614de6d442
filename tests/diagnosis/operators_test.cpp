// What operators do to open incidents: acknowledge and resolve them.
#include <gmock/gmock.h>

#include "tests/support/diagnosis_fixture.hpp"

namespace triaged::diagnosis {
namespace {

class DiagnoserWithOperators : public testing::Test {
 protected:
  void see(const std::string& rule_id, TimePoint at) {
    const auto seen = symptom(rule_id, at, "10.0.1.5:8080");
    diagnoser.on_symptoms({&seen, 1});
  }
  std::vector<Incident> changes_until(TimePoint now) {
    diagnoser.advance_to(now);
    return diagnoser.take_changes();
  }
  /// The id of an incident that was told.
  std::string open_one() {
    see("nginx/slow", start);
    return changes_until(start + 3s).at(0).id;
  }

  const std::shared_ptr<const knowledge::RuleSet> rules = rule_set(
      {rule("nginx/slow", {cause("overload", 0.7)}, Severity::warning),
       rule("nginx/other", {cause("deploy", 0.9)}, Severity::warning), rule("nginx/refused", {cause("down", 0.7)})});
  const DiagnosisOptions options{.settle = 2s, .update_every = 15min, .resolve_after = 10h};
  Diagnoser diagnoser{rules, options};
};

TEST_F(DiagnoserWithOperators, TellNoMoreOfWhatIsAcknowledged) {
  const auto id = open_one();
  EXPECT_TRUE(diagnoser.acknowledge(id, start + 4s));
  see("nginx/slow", start + 1min);
  see("nginx/other", start + 2min);  // another root cause is no worse one
  see("nginx/slow", start + 20min);
  EXPECT_TRUE(changes_until(start + 40min).empty());
  EXPECT_EQ(diagnoser.next_deadline(), start + 20min + 10h);
}

TEST_F(DiagnoserWithOperators, HearOfItAgainWhenItGetsWorse) {
  const auto id = open_one();
  EXPECT_TRUE(diagnoser.acknowledge(id, start + 4s));
  see("nginx/refused", start + 1min);
  const auto worse = changes_until(start + 2min);
  ASSERT_EQ(worse.size(), 1U);
  EXPECT_EQ(worse[0].change, Change::updated);
  EXPECT_EQ(worse[0].change_number, 2U);
  EXPECT_EQ(worse[0].acknowledged, TimePoint{});
  see("nginx/refused", start + 3min);
  EXPECT_EQ(changes_until(start + 20min).size(), 1U) << "it is no longer acknowledged";
}

TEST_F(DiagnoserWithOperators, HearThatItIsOver) {
  const auto id = open_one();
  EXPECT_TRUE(diagnoser.acknowledge(id, start + 4s));
  const auto over = changes_until(start + 11h);
  ASSERT_EQ(over.size(), 1U);
  EXPECT_EQ(over[0].change, Change::resolved);
  EXPECT_EQ(over[0].acknowledged, start + 4s);
}

TEST_F(DiagnoserWithOperators, AcknowledgeForLongerThanTheDaemonRuns) {
  const auto id = open_one();
  diagnoser.drop_state_changes();
  EXPECT_TRUE(diagnoser.acknowledge(id, start + 4s));
  const auto saved = diagnoser.take_state_changes().changed;
  ASSERT_EQ(saved.size(), 1U);
  diagnoser = Diagnoser(rules, options);
  EXPECT_TRUE(diagnoser.restore(saved, start + 5s).empty());
  see("nginx/slow", start + 1min);
  EXPECT_TRUE(changes_until(start + 40min).empty());
}

TEST_F(DiagnoserWithOperators, ResolveWhatIsOverAndHearOfItAnewWhenItIsNot) {
  const auto id = open_one();
  diagnoser.drop_state_changes();
  EXPECT_TRUE(diagnoser.resolve(id));
  const auto told = diagnoser.take_changes();
  ASSERT_EQ(told.size(), 1U);
  EXPECT_EQ(told[0].change, Change::resolved);
  EXPECT_EQ(told[0].state, IncidentState::resolved);
  EXPECT_EQ(told[0].change_number, 2U);
  EXPECT_THAT(diagnoser.take_state_changes().ended, testing::ElementsAre(id));
  EXPECT_EQ(diagnoser.open_count(), 0U);
  see("nginx/slow", start + 1min);
  const auto again = changes_until(start + 2min);
  ASSERT_EQ(again.size(), 1U);
  EXPECT_EQ(again[0].change, Change::opened);
  EXPECT_NE(again[0].id, id);
}

TEST_F(DiagnoserWithOperators, CannotChangeWhatIsNotOpenOrWasNotTold) {
  EXPECT_FALSE(diagnoser.acknowledge("01K", start));
  EXPECT_FALSE(diagnoser.resolve("01K"));
  see("nginx/slow", start);
  const auto untold = diagnoser.take_state_changes().changed.at(0).id;
  EXPECT_FALSE(diagnoser.acknowledge(untold, start));
  EXPECT_FALSE(diagnoser.resolve(untold));
  EXPECT_EQ(changes_until(start + 3s).size(), 1U);
}

}  // namespace
}  // namespace triaged::diagnosis
