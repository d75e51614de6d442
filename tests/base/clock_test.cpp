#include "base/clock.hpp"

#include <gtest/gtest.h>

namespace triaged::inline base {
namespace {

using namespace std::chrono_literals;

constexpr auto wall = TimePoint(1795221366s);
constexpr std::chrono::steady_clock::time_point steady(1000s);

TEST(ForwardClock, FollowsTheWallClock) {
  ForwardClock clock;
  EXPECT_EQ(clock.at(wall, steady), wall);
  EXPECT_EQ(clock.at(wall + 3s, steady + 3s), wall + 3s);
}

TEST(ForwardClock, FollowsItAlsoWhenItIsSetForward) {
  ForwardClock clock;
  (void)clock.at(wall, steady);
  EXPECT_EQ(clock.at(wall + 1h, steady + 1s), wall + 1h);
}

TEST(ForwardClock, GoesOnAsTimePassesWhenItIsSetBack) {
  ForwardClock clock;
  (void)clock.at(wall, steady);
  EXPECT_EQ(clock.at(wall - 1h, steady + 1s), wall + 1s);
  EXPECT_EQ(clock.at(wall - 1h + 2s, steady + 3s), wall + 3s);
  EXPECT_EQ(clock.at(wall + 4s, steady + 4s), wall + 4s);
}

}  // namespace
}  // namespace triaged::inline base
