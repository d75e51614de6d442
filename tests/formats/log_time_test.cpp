#include "formats/log_time.hpp"

#include <cstdlib>

#include <gtest/gtest.h>

namespace triaged::formats {
namespace {

using Reading = LogTimes::Read (LogTimes::*)(std::string_view, std::size_t&);

class LogTime : public testing::Test {
 protected:
  std::size_t consumed = 0;

  /// As RFC 3339; "none" when it is not read.
  std::string read(Reading reading, std::string_view text, std::chrono::seconds zone = std::chrono::hours(0),
                   std::string_view reference = "2026-11-21T02:00:00Z") {
    LogTimes times(zone, *parse_rfc3339(reference));
    const auto time = (times.*reading)(text, consumed);
    return time ? to_rfc3339(*time) : "none";
  }
};

TEST_F(LogTime, ReadsTheTimeOfNginxErrorsInTheZoneGiven) {
  EXPECT_EQ(read(&LogTimes::nginx_error, "2026/11/21 00:36:06 [error]"), "2026-11-21T00:36:06.000000Z");
  EXPECT_EQ(consumed, 19u);
  EXPECT_EQ(read(&LogTimes::nginx_error, "2026/11/20 20:13:43", std::chrono::hours(-5)), "2026-11-21T01:13:43.000000Z");
}

TEST_F(LogTime, TakesAnAccessTimeAtItsOwnZone) {
  EXPECT_EQ(read(&LogTimes::access, "20/Nov/2026:20:13:43 -0500] \"GET", std::chrono::hours(9)),
            "2026-11-21T01:13:43.000000Z");
  EXPECT_EQ(consumed, 26u);
  EXPECT_EQ(read(&LogTimes::access, "21/Nov/2026:01:15:44]", std::chrono::hours(1)), "2026-11-21T00:15:44.000000Z");
  EXPECT_EQ(consumed, 20u);
}

TEST_F(LogTime, KeepsTheTimeOfARepeatedSecondApartFromItsNeighbours) {
  LogTimes times(std::chrono::hours(0), TimePoint());
  const auto read_access = [&](std::string_view text) { return to_rfc3339(*times.access(text, consumed)); };
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(read_access("21/Nov/2026:01:15:44 +0000]"), "2026-11-21T01:15:44.000000Z");
    EXPECT_EQ(read_access("21/Nov/2026:01:15:44 +0100]"), "2026-11-21T00:15:44.000000Z");
    EXPECT_EQ(read_access("21/Nov/2026:01:15:45 +0100]"), "2026-11-21T00:15:45.000000Z");
  }
}

TEST_F(LogTime, ReadsTheMillisecondsOfHaproxy) {
  EXPECT_EQ(read(&LogTimes::haproxy, "21/Nov/2026:01:08:13.920] www"), "2026-11-21T01:08:13.920000Z");
  EXPECT_EQ(consumed, 24u);
}

TEST_F(LogTime, GivesATimeWithoutAYearTheNearestOne) {
  EXPECT_EQ(read(&LogTimes::traditional, "Nov 21 01:08:11 web1"), "2026-11-21T01:08:11.000000Z");
  EXPECT_EQ(consumed, 15u);
  EXPECT_EQ(read(&LogTimes::traditional, "Dec 31 23:59:59", {}, "2027-01-01T00:00:05Z"), "2026-12-31T23:59:59.000000Z");
  EXPECT_EQ(read(&LogTimes::traditional, "Jan  1 00:00:01", {}, "2026-12-31T23:59:58Z"), "2027-01-01T00:00:01.000000Z");
}

TEST_F(LogTime, FindsTheLeapYearOfATwentyNinthOfFebruary) {
  EXPECT_EQ(read(&LogTimes::traditional, "Feb 29 12:00:00", {}, "2029-01-15T00:00:00Z"), "2028-02-29T12:00:00.000000Z");
  EXPECT_EQ(read(&LogTimes::traditional, "Feb 29 12:00:00", {}, "2026-06-15T00:00:00Z"), "none");
}

TEST_F(LogTime, IsNeverLaterThanTheReferenceByMoreThanADayAndAZone) {
  EXPECT_EQ(read(&LogTimes::traditional, "Nov 22 15:59:59"), "2026-11-22T15:59:59.000000Z");
  EXPECT_EQ(read(&LogTimes::traditional, "Nov 22 16:00:01"), "2025-11-22T16:00:01.000000Z");
  EXPECT_EQ(read(&LogTimes::klog, "1122 16:00:01.000000"), "2025-11-22T16:00:01.000000Z");
  EXPECT_EQ(read(&LogTimes::dmesg, "Nov22 16:01"), "2025-11-22T16:01:00.000000Z");
}

TEST_F(LogTime, ReadsTheTimeOfKlogWithItsMicroseconds) {
  EXPECT_EQ(read(&LogTimes::klog, "1121 01:12:07.123456       1 server.go", std::chrono::hours(1)),
            "2026-11-21T00:12:07.123456Z");
  EXPECT_EQ(consumed, 20u);
}

TEST_F(LogTime, ReadsTheTimeThatDmesgWrites) {
  EXPECT_EQ(read(&LogTimes::ctime, "Sat Nov 21 01:15:17 2026] gunicorn"), "2026-11-21T01:15:17.000000Z");
  EXPECT_EQ(consumed, 24u);
  EXPECT_EQ(read(&LogTimes::ctime, "Sun Nov  1 01:15:17 2026"), "2026-11-01T01:15:17.000000Z");
}

TEST_F(LogTime, ReadsIsoTimesWithAndWithoutFractionAndZone) {
  EXPECT_EQ(read(&LogTimes::iso, "2026-11-21 01:10:08 +0000] [1]"), "2026-11-21T01:10:08.000000Z");
  EXPECT_EQ(consumed, 25u);
  EXPECT_EQ(read(&LogTimes::iso, "2026-11-20T20:13:43.384442-05:00 web1"), "2026-11-21T01:13:43.384442Z");
  EXPECT_EQ(consumed, 32u);
  EXPECT_EQ(read(&LogTimes::iso, "2026-11-21 01:11:40,605] ERROR", std::chrono::hours(1)),
            "2026-11-21T00:11:40.605000Z");
  EXPECT_EQ(consumed, 23u);
  EXPECT_EQ(read(&LogTimes::iso, "2026-11-21T01:13:43Z"), "2026-11-21T01:13:43.000000Z");
  EXPECT_EQ(consumed, 20u);
}

TEST_F(LogTime, TakesNoNumberBehindATimeForAZone) {
  EXPECT_EQ(read(&LogTimes::iso, "2026-11-21 01:10:08 -5 degrees"), "2026-11-21T01:10:08.000000Z");
  EXPECT_EQ(consumed, 19u);
}

TEST_F(LogTime, ReadsTheTimeOfPhpAndItsUtc) {
  EXPECT_EQ(read(&LogTimes::php, "21-Nov-2026 01:08:03] WARNING", std::chrono::hours(1)),
            "2026-11-21T00:08:03.000000Z");
  EXPECT_EQ(consumed, 20u);
  EXPECT_EQ(read(&LogTimes::php, "21-Nov-2026 01:08:03 UTC] PHP", std::chrono::hours(1)),
            "2026-11-21T01:08:03.000000Z");
  EXPECT_EQ(consumed, 24u);
}

TEST_F(LogTime, RefusesTimesThatDoNotExist) {
  EXPECT_EQ(read(&LogTimes::nginx_error, "2026/13/21 00:36:06"), "none");
  EXPECT_EQ(read(&LogTimes::nginx_error, "2026/02/31 00:36:06"), "none");
  EXPECT_EQ(read(&LogTimes::access, "21/Nov/2026:24:15:44 +0000"), "none");
  EXPECT_EQ(read(&LogTimes::access, "21/Now/2026:01:15:44 +0000"), "none");
  EXPECT_EQ(read(&LogTimes::iso, "2026-11-21 01:60:08"), "none");
}

TEST_F(LogTime, RefusesEveryTimeThatIsCutOff) {
  const std::pair<Reading, std::string_view> whole[] = {
      {&LogTimes::nginx_error, "2026/11/21 00:36:06"}, {&LogTimes::access, "21/Nov/2026:01:15:44"},
      {&LogTimes::haproxy, "21/Nov/2026:01:08:13"},    {&LogTimes::traditional, "Nov 21 01:08:11"},
      {&LogTimes::ctime, "Sat Nov 21 01:15:17 2026"},  {&LogTimes::iso, "2026-11-21T01:10:08"},
      {&LogTimes::php, "21-Nov-2026 01:08:03"}};
  for (const auto& [reading, text] : whole) {
    EXPECT_NE(read(reading, text), "none") << text;
    for (std::size_t length = 0; length < text.size(); ++length) {
      EXPECT_EQ(read(reading, text.substr(0, length)), "none") << text.substr(0, length);
    }
  }
}

/// A host whose zone changed its offset on 1 November 2026 at 06:00 UTC.
class HostInNewYork : public testing::Test {
 protected:
  HostInNewYork() { set_zone("America/New_York"); }
  ~HostInNewYork() override { before_ ? set_zone(before_) : unset_zone(); }

 private:
  static void set_zone(const char* name) {
    setenv("TZ", name, 1);
    tzset();
  }
  static void unset_zone() {
    unsetenv("TZ");
    tzset();
  }
  const char* before_ = std::getenv("TZ");
};

TEST_F(HostInNewYork, LendsItsZoneToTimesWithoutOneAndFollowsItsClockChange) {
  LogTimes times(std::nullopt, TimePoint());
  std::size_t consumed = 0;
  const auto read = [&](std::string_view text) { return to_rfc3339(*times.nginx_error(text, consumed)); };
  EXPECT_EQ(read("2026/10/31 20:13:43"), "2026-11-01T00:13:43.000000Z");
  EXPECT_EQ(read("2026/11/20 20:13:43"), "2026-11-21T01:13:43.000000Z");
  EXPECT_EQ(read("2026/11/20 20:59:59"), "2026-11-21T01:59:59.000000Z");
}

/// The clock went from 02:00 EDT back to 01:00 EST on 1 November 2026.
TEST_F(HostInNewYork, TakesAnHourThatComesTwiceForTheFirstUntilTheLogGoesBack) {
  LogTimes times(std::nullopt, TimePoint());
  std::size_t consumed = 0;
  const auto read = [&](std::string_view text) { return to_rfc3339(*times.nginx_error(text, consumed)); };
  EXPECT_EQ(read("2026/11/01 00:59:59"), "2026-11-01T04:59:59.000000Z");
  EXPECT_EQ(read("2026/11/01 01:30:00"), "2026-11-01T05:30:00.000000Z");
  EXPECT_EQ(read("2026/11/01 01:29:58"), "2026-11-01T05:29:58.000000Z") << "lines of several processes";
  EXPECT_EQ(read("2026/11/01 01:59:59"), "2026-11-01T05:59:59.000000Z");
  EXPECT_EQ(read("2026/11/01 01:00:00"), "2026-11-01T06:00:00.000000Z") << "it goes back";
  EXPECT_EQ(read("2026/11/01 01:30:00"), "2026-11-01T06:30:00.000000Z");
  EXPECT_EQ(read("2026/11/01 02:00:00"), "2026-11-01T07:00:00.000000Z");
}

TEST_F(HostInNewYork, TakesAnHourThatComesTwiceForTheOneInWhichItIsRead) {
  for (const std::string_view now : {"2026-11-01T05:30:01Z", "2026-11-01T06:30:01Z"}) {
    LogTimes times(std::nullopt, *parse_rfc3339(now));
    std::size_t consumed = 0;
    EXPECT_EQ(*times.nginx_error("2026/11/01 01:30:00", consumed), *parse_rfc3339(now) - std::chrono::seconds(1));
  }
}

/// On 8 March 2026 01:59:59 EST was followed by 03:00:00 EDT.
TEST_F(HostInNewYork, TakesAnHourThatNeverComesAsIfTheClockHadNotBeenSet) {
  LogTimes times(std::nullopt, TimePoint());
  std::size_t consumed = 0;
  const auto read = [&](std::string_view text) { return to_rfc3339(*times.nginx_error(text, consumed)); };
  EXPECT_EQ(read("2026/03/08 01:59:59"), "2026-03-08T06:59:59.000000Z");
  EXPECT_EQ(read("2026/03/08 02:30:00"), "2026-03-08T07:30:00.000000Z");
  EXPECT_EQ(read("2026/03/08 03:00:00"), "2026-03-08T07:00:00.000000Z");
}

}  // namespace
}  // namespace triaged::formats
