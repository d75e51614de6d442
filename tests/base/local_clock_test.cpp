#include "base/local_clock.hpp"

#include <gtest/gtest.h>

namespace triaged::inline base {
namespace {

TimePoint at(const char* time) { return parse_rfc3339(time).value(); }

const LocalClock berlin{.zone = *TimeZone::named("Europe/Berlin"), .today = at("2026-11-20T12:00:00Z")};

TEST(LocalClock, LeavesTheDateOutToday) {
  EXPECT_EQ(berlin.time_of(at("2026-11-19T23:00:00Z")), "00:00:00");
  EXPECT_EQ(berlin.time_of(at("2026-11-20T22:59:59.9Z")), "23:59:59");
  EXPECT_EQ(berlin.time_of(at("2026-11-20T23:00:00Z")), "2026-11-21 00:00:00");
  EXPECT_EQ(berlin.date_and_time_of(at("2026-11-20T22:59:59Z")), "2026-11-20 23:59:59");
}

TEST(LocalClock, NamesItsZone) {
  EXPECT_EQ(berlin.time_and_zone_of(at("2026-11-20T02:12:07Z")), "03:12:07 CET");
  EXPECT_EQ(berlin.zone_at(at("2026-07-01T00:00:00Z")), "CEST");
}

TEST(LocalClock, TurnsTheUtcTimesOfATextIntoItsOwn) {
  EXPECT_EQ(berlin.with_local_times("2026-11-20T02:12:07.123456Z nginx: took 10.0.0.5:8003 out"),
            "03:12:07 nginx: took 10.0.0.5:8003 out");
  EXPECT_EQ(berlin.with_local_times("between 2026-11-20T02:12:07Z and 2026-11-21T02:12:07Z"),
            "between 03:12:07 and 2026-11-21 03:12:07");
}

TEST(LocalClock, LeavesWhatIsNoUtcTimeAsItIs) {
  for (const auto* text : {"", "2026", "2026-11-20", "2026-11-20T02:12:07", "2026-11-20T02:12:07+01:00",
                           "2026-11-20 02:12:07Z", "12026-11-20T02:12:07Z", "2026-13-20T02:12:07Z", "10.0.0.5:8003"}) {
    EXPECT_EQ(berlin.with_local_times(text), text);
  }
}

}  // namespace
}  // namespace triaged::inline base
