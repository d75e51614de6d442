#include "daemon/diagnosis_stage.hpp"

#include <gtest/gtest.h>

namespace triaged {
namespace {

Incident incident(Severity severity, Change change, std::optional<Severity> told) {
  Incident made;
  made.id = "01J";
  made.severity = severity;
  made.change = change;
  made.told_severity = told;
  made.change_number = 2;
  return made;
}

const Route warnings{.sink = "ops", .min_severity = Severity::warning};

TEST(Route, IsToldWhatIsGraveEnough) {
  const auto told = notification_for(warnings, incident(Severity::error, Change::opened, std::nullopt));
  ASSERT_TRUE(told.has_value());
  EXPECT_EQ(told->sink, "ops");
  EXPECT_EQ(told->idempotency_key, "01J/2");
  EXPECT_EQ(told->incident.change, Change::opened);
}

TEST(Route, HearsNothingOfWhatIsTooMild) {
  EXPECT_FALSE(notification_for(warnings, incident(Severity::info, Change::opened, std::nullopt)).has_value());
  EXPECT_FALSE(notification_for(warnings, incident(Severity::info, Change::resolved, Severity::info)).has_value());
}

TEST(Route, SeesAnIncidentOpenedThatBecameGraveOnlyNow) {
  const auto told = notification_for(warnings, incident(Severity::critical, Change::updated, Severity::info));
  ASSERT_TRUE(told.has_value());
  EXPECT_EQ(told->incident.change, Change::opened);
}

TEST(Route, SeesUpdatesAndTheEndOfWhatItWasTold) {
  const auto updated = notification_for(warnings, incident(Severity::critical, Change::updated, Severity::error));
  ASSERT_TRUE(updated.has_value());
  EXPECT_EQ(updated->incident.change, Change::updated);
  EXPECT_TRUE(notification_for(warnings, incident(Severity::error, Change::resolved, Severity::error)).has_value());
}

}  // namespace
}  // namespace triaged
