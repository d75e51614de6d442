#include "diagnosis/recovered_incidents.hpp"

#include <gtest/gtest.h>

#include "tests/support/diagnosis_fixture.hpp"

namespace triaged::diagnosis {
namespace {

OpenIncident over(std::string id, std::string key, TimePoint at) {
  OpenIncident incident;
  incident.id = std::move(id);
  incident.key = std::move(key);
  incident.reported_cause = "upstream-down";
  incident.rhythm = {.first = at, .last = at, .failures = 1};
  return incident;
}

TEST(RecoveredIncidents, GivesBackTheOneOfThatKeyAndCauseOnce) {
  RecoveredIncidents recovered(10min);
  recovered.keep(over("1", "a", start));
  EXPECT_FALSE(recovered.take("b", "upstream-down", start + 1min));
  EXPECT_FALSE(recovered.take("a", "oom-kill", start + 1min));
  EXPECT_EQ(recovered.take("a", "upstream-down", start + 1min).value().id, "1");
  EXPECT_FALSE(recovered.take("a", "upstream-down", start + 1min));
}

TEST(RecoveredIncidents, RemembersForAsLongAsItWasTold) {
  RecoveredIncidents recovered(10min);
  recovered.keep(over("1", "a", start));
  EXPECT_FALSE(recovered.take("a", "upstream-down", start + 10min + 1s));
  EXPECT_TRUE(recovered.take("a", "upstream-down", start + 10min));
}

TEST(RecoveredIncidents, SaysWhatTheLedgerMustKeepAndForget) {
  RecoveredIncidents recovered(10min);
  recovered.keep(over("1", "a", start));
  const auto kept = recovered.take_changes();
  ASSERT_EQ(kept.changed.size(), 1u);
  EXPECT_EQ(kept.changed[0].first, "1");
  RecoveredIncidents after(10min);
  EXPECT_TRUE(after.restore(kept.changed[0].second));
  EXPECT_EQ(after.take("a", "upstream-down", start + 1min).value().rhythm.last, start);
  EXPECT_EQ(after.take_changes().ended, std::vector<std::string>{"1"});
}

TEST(RecoveredIncidents, KeepsTheRowOfOneThatCameBackAndIsOverAgain) {
  RecoveredIncidents recovered(10min);
  recovered.keep(over("1", "a", start));
  (void)recovered.take_changes();
  auto again = recovered.take("a", "upstream-down", start + 1min).value();
  recovered.keep(std::move(again));
  const auto changes = recovered.take_changes();
  EXPECT_EQ(changes.changed.size(), 1u);
  EXPECT_TRUE(changes.ended.empty());
}

TEST(RecoveredIncidents, ForgetsTheOldestWhenThereAreTooMany) {
  RecoveredIncidents recovered(10min);
  for (std::size_t i = 0; i <= RecoveredIncidents::most; ++i)
    recovered.keep(over(std::to_string(i), std::to_string(i), start + i * 1ms));
  EXPECT_EQ(recovered.saved().size(), RecoveredIncidents::most);
  EXPECT_FALSE(recovered.take("0", "upstream-down", start + 1min));
  EXPECT_TRUE(recovered.take("1", "upstream-down", start + 1min));
}

TEST(RecoveredIncidents, RefusesWhatItDidNotWrite) {
  RecoveredIncidents recovered(10min);
  EXPECT_FALSE(recovered.restore("{}"));
  EXPECT_FALSE(recovered.restore("not json"));
}

}  // namespace
}  // namespace triaged::diagnosis
