#include "notify/route.hpp"

#include <gtest/gtest.h>

namespace triaged::notify {

namespace {

Incident incident_of(Severity severity, Change change) {
  Incident made;
  made.id = "01J";
  made.severity = severity;
  made.change = change;
  made.change_number = 2;
  return made;
}

const Route warnings{.sink = "ops", .min_severity = Severity::warning};

TEST(Route, IsToldWhatIsGraveEnough) {
  const auto told = notification_for(warnings, incident_of(Severity::error, Change::opened), false);
  ASSERT_TRUE(told.has_value());
  EXPECT_EQ(told->sink, "ops");
  EXPECT_EQ(told->idempotency_key, "01J/2");
  EXPECT_EQ(told->incident.change, Change::opened);
}

TEST(Route, HearsNothingOfWhatIsTooMild) {
  EXPECT_FALSE(notification_for(warnings, incident_of(Severity::info, Change::opened), false).has_value());
  EXPECT_FALSE(notification_for(warnings, incident_of(Severity::info, Change::resolved), false).has_value());
}

TEST(Route, SeesAnIncidentOpenedThatBecameGraveOnlyNow) {
  const auto told = notification_for(warnings, incident_of(Severity::critical, Change::updated), false);
  ASSERT_TRUE(told.has_value());
  EXPECT_EQ(told->incident.change, Change::opened);
}

TEST(Route, SeesUpdatesAndTheEndOfWhatItWasTold) {
  const auto updated = notification_for(warnings, incident_of(Severity::critical, Change::updated), true);
  ASSERT_TRUE(updated.has_value());
  EXPECT_EQ(updated->incident.change, Change::updated);
  EXPECT_TRUE(notification_for(warnings, incident_of(Severity::error, Change::resolved), true).has_value());
}

}  // namespace

}  // namespace triaged::notify
