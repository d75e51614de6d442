#include "cre/cre_log.hpp"

#include <gtest/gtest.h>

#include "cre/go_time.hpp"

namespace triaged::cre {
namespace {

const TimePoint november = *parse_rfc3339("2026-11-21T02:00:00Z");

std::int64_t nanoseconds_of(std::string_view rfc3339, std::int64_t more = 0) {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(parse_rfc3339(rfc3339)->time_since_epoch()).count() +
         more;
}

/// When the first line of a log was written, as the engine reads it; 0: it reads no such log.
std::int64_t time_of(std::string line) {
  const auto format = CreLogFormat::detect(line + "\n", november);
  if (!format) return 0;
  const auto entry = format->read(line);
  return entry ? entry->at : 0;
}

TEST(CreLog, KnowsTheWaysOfWritingTheTime) {
  EXPECT_EQ(time_of("2025-03-11 14:00:19.421 [erro] x"), nanoseconds_of("2025-03-11T14:00:19.421Z"));
  EXPECT_EQ(time_of("2025-03-11 14:00:19 UTC x"), nanoseconds_of("2025-03-11T14:00:19Z"));
  EXPECT_EQ(time_of("2025/03/11 14:00:19 [error] x"), nanoseconds_of("2025-03-11T14:00:19Z"));
  EXPECT_EQ(time_of("[2025-03-11 14:00:19,421] INFO x"), nanoseconds_of("2025-03-11T14:00:19.421Z"));
  EXPECT_EQ(time_of("I0311 14:00:19.421865 1 x.go:1] x"), nanoseconds_of("2026-03-11T14:00:19.421865Z"));
  EXPECT_EQ(time_of("03/11/2025 02:00:19 PM x"), nanoseconds_of("2025-03-11T14:00:19Z"));
  EXPECT_EQ(time_of(R"({"level":"info","ts":1745549708.5355184,"msg":"x"})"),
            nanoseconds_of("2025-04-25T02:55:08Z", 535'518'400));
  EXPECT_EQ(time_of(R"({"level":"error","time":1744570895480541,"x":1})"),
            nanoseconds_of("2025-04-13T19:01:35.480541Z"));
  EXPECT_EQ(time_of("no time at all"), 0);
}

TEST(CreLog, CutsMicrosecondsToMillisecondsWhenNoZoneFollows) {
  EXPECT_EQ(time_of("2025-03-11 14:00:19.421865+00:00 [erro] x"), nanoseconds_of("2025-03-11T14:00:19.421Z"));
}

TEST(CreLog, GivesTimesWithoutAYearThisOneUnlessTheirMonthIsFarAhead) {
  EXPECT_EQ(time_of("Nov  2 15:04:05 host x"), nanoseconds_of("2026-11-02T15:04:05Z"));
  EXPECT_EQ(time_of("Dec 12 15:04:05 host x"), nanoseconds_of("2026-12-12T15:04:05Z"));
  const auto format = CreLogFormat::detect("Mar 12 15:04:05 host x\n", *parse_rfc3339("2026-01-02T00:00:00Z"));
  ASSERT_TRUE(format);
  EXPECT_EQ(format->first_at(), nanoseconds_of("2025-03-12T15:04:05Z"));
}

TEST(CreLog, TakesTheMessageOfContainersAndKeepsDockersLineEnd) {
  const std::string docker = R"({"log":"it broke\n","stream":"stderr","time":"2016-10-20T18:39:20.57606444Z"})";
  const auto docker_format = CreLogFormat::detect(docker + "\n", november);
  ASSERT_TRUE(docker_format);
  EXPECT_FALSE(docker_format->folds());
  EXPECT_EQ(docker_format->read(docker)->text, "it broke\n");
  EXPECT_EQ(docker_format->read(docker)->at, nanoseconds_of("2016-10-20T18:39:20Z", 576'064'440));
  const std::string container = "2016-10-06T00:17:09.669794202Z stdout P log content 1";
  const auto container_format = CreLogFormat::detect(container + "\n", november);
  ASSERT_TRUE(container_format);
  EXPECT_EQ(container_format->read(container)->text, "log content 1");
}

TEST(CreLog, TakesWhatStandsBehindARfc3339TimeAndTheWholeLineElsewhere) {
  const auto format = CreLogFormat::detect("2025-04-04T23:38:01.874-04:00 ERROR x\n", november);
  ASSERT_TRUE(format);
  EXPECT_TRUE(format->folds());
  EXPECT_EQ(format->read("2025-04-04T23:38:01.874-04:00 ERROR x")->text, "ERROR x");
  EXPECT_FALSE(format->read("caused by: y"));
}

TEST(CreLog, LooksForATimeInTheFirstLinesOnly) {
  std::string log;
  for (int i = 0; i < 50; ++i) log += "header\n";
  EXPECT_TRUE(CreLogFormat::detect(log + "2025/03/11 14:00:19 x\n", november));
  EXPECT_FALSE(CreLogFormat::detect(log + "header\n2025/03/11 14:00:19 x\n", november));
}

TEST(GoTime, ReadsByALayoutAsGoDoes) {
  EXPECT_EQ(parse_go_time("2006-01-02 15:04:05", "2025-03-11 14:00:19.25", november),
            nanoseconds_of("2025-03-11T14:00:19.25Z"));
  EXPECT_EQ(parse_go_time("Jan _2 15:04:05", "feb 29 15:04:05", november), nanoseconds_of("2026-03-01T15:04:05Z"));
  EXPECT_EQ(parse_go_time("2006-01-02 15:04:05.000000-0700", "2025-03-11 14:00:19.000001-0130", november),
            nanoseconds_of("2025-03-11T15:30:19.000001Z"));
  for (const auto* text : {"2025-02-29 00:00:00", "2025-13-01 00:00:00", "2025-01-01 24:00:00", "2025-01-01 00:00:60",
                           "2025-01-01 00:00:00 ", "2025-1-01 00:00:00"}) {
    EXPECT_EQ(parse_go_time("2006-01-02 15:04:05", text, november), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace triaged::cre
