#include "scan/outside_span.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/must.hpp"

namespace triaged::scan {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TimePoint at(std::string_view text) { return *parse_rfc3339(text); }

class LogsOutside : public testing::Test {
 protected:
  [[nodiscard]] std::vector<std::string> sentences(const TimeSpan& span) const {
    std::vector<std::string> all;
    for (const auto& log : logs_outside(span, readings)) all.push_back(to_text(log, span, zone));
    return all;
  }

  std::vector<LogReading> readings = {
      {.name = "app.log", .earliest = at("2026-11-21T00:15:02Z"), .latest = at("2026-11-21T02:12:44Z")}};
  TimeZone zone = must(TimeZone::named("+01:00"));
};

TEST_F(LogsOutside, SayWhatTheyCoverAndThatTheSpanIsBehindIt) {
  EXPECT_THAT(
      sentences({.since = at("2026-11-24T23:00:00Z"), .until = {}}),
      ElementsAre("app.log covers 2026-11-21 01:15:02 to 03:12:44 UTC+01:00; --since 2026-11-25 00:00:00 is behind "
                  "its end"));
}

TEST_F(LogsOutside, SayThatTheSpanIsBeforeIt) {
  readings[0].latest = at("2026-11-22T02:12:44Z");
  EXPECT_THAT(
      sentences({.since = at("2026-11-19T00:00:00Z"), .until = at("2026-11-20T00:00:00Z")}),
      ElementsAre("app.log covers 2026-11-21 01:15:02 to 2026-11-22 03:12:44 UTC+01:00; --until 2026-11-20 01:00:00 "
                  "is before its beginning"));
}

TEST_F(LogsOutside, CoverOneTimeWithOneLine) {
  readings[0].latest = readings[0].earliest;
  EXPECT_THAT(
      sentences({.since = at("2026-11-24T23:00:00Z"), .until = {}}),
      ElementsAre("app.log covers 2026-11-21 01:15:02 UTC+01:00; --since 2026-11-25 00:00:00 is behind its end"));
}

TEST_F(LogsOutside, AreNotThoseWithALineInIt) {
  EXPECT_THAT(sentences({.since = at("2026-11-21T02:12:44Z"), .until = {}}), IsEmpty());
  EXPECT_THAT(sentences({.since = {}, .until = at("2026-11-21T00:15:02Z")}), IsEmpty());
  EXPECT_THAT(sentences({}), IsEmpty());
}

TEST_F(LogsOutside, AreNotThoseWhoseLinesHaveNoTime) {
  readings[0].earliest.reset();
  readings[0].latest.reset();
  EXPECT_THAT(sentences({.since = at("2026-11-24T23:00:00Z"), .until = {}}), IsEmpty());
}

}  // namespace
}  // namespace triaged::scan
