// What operators do to open incidents: resolve them.
#include <gmock/gmock.h>

#include "tests/support/diagnosis_fixture.hpp"

namespace triaged::diagnosis {
namespace {

class DiagnoserWithOperators : public testing::Test {
 protected:
  void see(const std::string& rule_id, TimePoint at) {
    const auto seen = symptom(rule_id, at, "10.0.1.5:8080");
    diagnoser.on_findings(std::vector<Finding>{seen});
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

  Diagnoser diagnoser{rule_set({rule("nginx/slow", {cause("overload", 0.7)}, Severity::warning)}),
                      {.settle = 2s, .resolve_after = 10h}};
};

TEST_F(DiagnoserWithOperators, ResolveWhatIsOverAndHearOfItAnewWhenItIsNot) {
  const auto id = open_one();
  diagnoser.drop_state_changes();
  EXPECT_TRUE(diagnoser.resolve(id));
  const auto told = diagnoser.take_changes();
  ASSERT_EQ(told.size(), 1U);
  EXPECT_EQ(told[0].change, Change::resolved);
  EXPECT_EQ(told[0].state, IncidentState::resolved);
  EXPECT_EQ(told[0].change_number, 2U);
  EXPECT_THAT(forgotten(diagnoser.take_state_changes()), testing::ElementsAre(id));
  EXPECT_EQ(diagnoser.open_count(), 0U);
  see("nginx/slow", start + 1min);
  const auto again = changes_until(start + 2min);
  ASSERT_EQ(again.size(), 1U);
  EXPECT_EQ(again[0].change, Change::opened);
  EXPECT_NE(again[0].id, id);
}

TEST_F(DiagnoserWithOperators, CannotResolveWhatIsNotOpenOrWasNotTold) {
  EXPECT_FALSE(diagnoser.resolve("01K"));
  see("nginx/slow", start);
  const auto untold = kept(diagnoser.take_state_changes()).at(0).id;
  EXPECT_FALSE(diagnoser.resolve(untold));
  EXPECT_EQ(changes_until(start + 3s).size(), 1U);
}

}  // namespace
}  // namespace triaged::diagnosis
