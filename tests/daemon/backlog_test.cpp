#include "daemon/backlog.hpp"

#include <gtest/gtest.h>

namespace triaged::daemon {
namespace {

TEST(Backlog, KeepsTheLastStateOfEachStreamAndOfEachRow) {
  Backlog backlog;
  backlog.add({.cursors = {{"a", "1"}, {"b", "1"}},
               .state = {{StateKind::incident, "x", "1"}, {StateKind::notified, "x", "n"}}});
  backlog.add({.cursors = {{"a", "2"}}, .state = {{StateKind::incident, "x", "2"}}});
  const auto commit = backlog.commit();
  ASSERT_EQ(commit.cursors.size(), 2U);
  EXPECT_EQ(commit.cursors[0].state, "2");
  EXPECT_EQ(commit.state, (std::vector<SavedState>{{StateKind::incident, "x", "2"}, {StateKind::notified, "x", "n"}}));
}

TEST(Backlog, KnowsWhetherAnIncidentWasClosedOrOpenedLast) {
  Backlog backlog;
  backlog.add({.state = {{StateKind::incident, "x", "1"}, {StateKind::incident, "y", "1"}}});
  backlog.add({.state = {{StateKind::incident, "x", ""}, {StateKind::incident, "y", ""}}});
  backlog.add({.state = {{StateKind::incident, "y", "2"}}});
  EXPECT_EQ(backlog.commit().state,
            (std::vector<SavedState>{{StateKind::incident, "x", ""}, {StateKind::incident, "y", "2"}}));
}

TEST(Backlog, KeepsEveryNotificationInOrder) {
  Backlog backlog;
  backlog.add({.notifications = {{0, "s", "x/1", {}}}});
  backlog.add({.notifications = {{0, "s", "x/2", {}}}});
  EXPECT_EQ(backlog.commit().notifications.at(1).idempotency_key, "x/2");
  EXPECT_EQ(backlog.notifications(), 2U);
}

TEST(Backlog, CountsTheBytesOfWhatItHolds) {
  Backlog backlog;
  for (int i = 0; i < 100; ++i) backlog.add({.cursors = {{"a", std::string(1000, 'x')}}});
  EXPECT_GE(backlog.bytes(), 1000U);
  EXPECT_LT(backlog.bytes(), 1100U);
  backlog.clear();
  EXPECT_TRUE(backlog.is_empty());
  EXPECT_EQ(backlog.bytes(), 0U);
}

}  // namespace
}  // namespace triaged::daemon
