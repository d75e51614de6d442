#include "cli/read_time.hpp"

#include <cstdlib>
#include <ctime>

#include <gtest/gtest.h>

#include "tests/support/must.hpp"

namespace triaged::cli {
namespace {

/// It is 2026-11-29 10:00 in Berlin, which is an hour before UTC.
class ReadTime : public testing::Test {
 protected:
  ReadTime() { set_zone("Europe/Berlin"); }
  ~ReadTime() override { set_zone("UTC"); }

  static void set_zone(const char* name) {
    ::setenv("TZ", name, 1);
    ::tzset();
  }
  static TimePoint time_of(std::string_view text) { return *parse_rfc3339(text); }
  [[nodiscard]] std::string read(std::string_view text) const { return to_rfc3339_second(must(read_time(text, now))); }

  TimePoint now = time_of("2026-11-29T09:00:00Z");
};

TEST_F(ReadTime, TakesHowLongAgoFromNow) {
  EXPECT_EQ(read("2h"), "2026-11-29T07:00:00Z");
  EXPECT_EQ(read("90m"), "2026-11-29T07:30:00Z");
  EXPECT_EQ(read("1h30m"), "2026-11-29T07:30:00Z");
  EXPECT_EQ(read("3d"), "2026-11-26T09:00:00Z");
  EXPECT_EQ(read("1w"), "2026-11-22T09:00:00Z");
  EXPECT_EQ(read("1w2d"), "2026-11-20T09:00:00Z");
}

TEST_F(ReadTime, TakesWhatJournalctlTakes) {
  EXPECT_EQ(read("-2h"), "2026-11-29T07:00:00Z");
  EXPECT_EQ(read("2h ago"), "2026-11-29T07:00:00Z");
  EXPECT_EQ(read("2 hours ago"), "2026-11-29T07:00:00Z");
  EXPECT_EQ(read("1 day 2 hours 15min ago"), "2026-11-28T06:45:00Z");
  EXPECT_EQ(read("+10m"), "2026-11-29T09:10:00Z");
  EXPECT_EQ(read("@1795221366"), "2026-11-21T00:36:06Z");
  EXPECT_EQ(to_rfc3339(must(read_time("@1795221366.25", now))), "2026-11-21T00:36:06.250000Z");
  EXPECT_EQ(read("2026-11-24 03:00 UTC"), "2026-11-24T03:00:00Z");
}

TEST_F(ReadTime, BeginsADayAtMidnightOfThisHost) {
  EXPECT_EQ(read("now"), "2026-11-29T09:00:00Z");
  EXPECT_EQ(read("today"), "2026-11-28T23:00:00Z");
  EXPECT_EQ(read("yesterday"), "2026-11-27T23:00:00Z");
  EXPECT_EQ(read("tomorrow"), "2026-11-29T23:00:00Z");
  EXPECT_EQ(read("2026-11-24"), "2026-11-23T23:00:00Z");
}

TEST_F(ReadTime, KnowsTheDayOnWhichClocksChange) {
  now = time_of("2026-10-26T09:00:00Z");  // the clocks went back on the day before
  EXPECT_EQ(read("yesterday"), "2026-10-24T22:00:00Z");
  EXPECT_EQ(read("today"), "2026-10-25T23:00:00Z");
}

TEST_F(ReadTime, TakesTimesOfThisHostWhenNoZoneIsGiven) {
  EXPECT_EQ(read("03:00"), "2026-11-29T02:00:00Z");
  EXPECT_EQ(read("03:00:30"), "2026-11-29T02:00:30Z");
  EXPECT_EQ(read("2026-11-24 03:00"), "2026-11-24T02:00:00Z");
  EXPECT_EQ(read("2026-07-24T03:00:30"), "2026-07-24T01:00:30Z");
  EXPECT_EQ(to_rfc3339(must(read_time("2026-11-24 03:00:30.5", now))), "2026-11-24T02:00:30.500000Z");
  EXPECT_EQ(read("2026-11-24T03:00:00-05:00"), "2026-11-24T08:00:00Z");
}

TEST_F(ReadTime, TakesTimesAsLogsWriteThem) {
  EXPECT_EQ(read("21/Nov/2026:01:15:46 +0000"), "2026-11-21T01:15:46Z");
  EXPECT_EQ(read("[21/Nov/2026:01:15:46 -0500]"), "2026-11-21T06:15:46Z");
  EXPECT_EQ(read("21/Nov/2026:01:15:46"), "2026-11-21T00:15:46Z");
  EXPECT_EQ(to_rfc3339(must(read_time("[21/Nov/2026:01:15:46.123]", now))), "2026-11-21T00:15:46.123000Z");
  EXPECT_EQ(read("2026/11/21 01:15:46"), "2026-11-21T00:15:46Z");
  EXPECT_EQ(read("[2026-11-21 01:15:46 +0000]"), "2026-11-21T01:15:46Z");
  EXPECT_EQ(to_rfc3339(must(read_time("2026-11-21T01:15:46.123Z", now))), "2026-11-21T01:15:46.123000Z");
  EXPECT_EQ(to_rfc3339(must(read_time("2026-11-21 01:15:46,123", now))), "2026-11-21T00:15:46.123000Z");
  EXPECT_EQ(to_rfc3339(must(read_time("[Sat Nov 21 01:15:46.123456 2026]", now))), "2026-11-21T00:15:46.123456Z");
}

TEST_F(ReadTime, TakesATimeWithoutAYearForTheLatestThatCanStandInALog) {
  EXPECT_EQ(read("Nov 21 01:15:46"), "2026-11-21T00:15:46Z");
  EXPECT_EQ(read("Nov  1 01:15:46"), "2026-11-01T00:15:46Z");
  EXPECT_EQ(read("Nov 29 23:00:00"), "2026-11-29T22:00:00Z");
  EXPECT_EQ(read("Dec 24 18:00:00"), "2025-12-24T17:00:00Z");
  EXPECT_EQ(read("Feb 29 12:00:00"), "2024-02-29T11:00:00Z");
  now = time_of("2026-12-31T22:30:00Z");
  EXPECT_EQ(read("Jan  1 00:15:00"), "2026-12-31T23:15:00Z");
}

TEST_F(ReadTime, NamesTheFormsWhenItCannotReadOne) {
  EXPECT_EQ(
      read_time("half past", now).error().message,
      "'half past' is not a time: write how long ago (2h, 90m, 3d, 1w), today, yesterday, now, a date (2026-11-24), a "
      "date and time (2026-11-24 03:00), a time of today (03:00), RFC 3339 (2026-11-24T03:00:00Z), @SECONDS, or a time "
      "as it stands in a log (21/Nov/2026:01:15:46 +0000, 2026/11/21 01:15:46, Nov 21 01:15:46)");
  for (const auto* text : {"",
                           "-",
                           "+",
                           "2",
                           "h",
                           "2x",
                           "25:00",
                           "03:60",
                           "3:00",
                           "2026-13-01",
                           "2026-02-30",
                           "2026-11-24x",
                           "2026-11-24 3",
                           "@",
                           "@-1",
                           "@12x",
                           "w",
                           "-1w-",
                           "99999999999d",
                           "2026-11-24 03:00:00.",
                           "[2026/11/21 01:15:46",
                           "31/Nov/2026:01:15:46",
                           "21/Nov/2026",
                           "21/Nov/2026:01:15:46 +00",
                           "21/nov/2026:01:15:46",
                           "2026/11/21 24:15:46",
                           "Nov 32 01:15:46",
                           "Feb 30 01:15:46",
                           "Nov 21 01:15:46 web-1",
                           "2026/11/21 01:15:46 [error]"}) {
    EXPECT_FALSE(read_time(text, now)) << text;
  }
}

}  // namespace
}  // namespace triaged::cli
