#include "base/time.hpp"

#include <gtest/gtest.h>

namespace triaged::inline base {
namespace {

using namespace std::chrono_literals;

TimePoint at(std::string_view text) { return parse_rfc3339(text).value(); }

TEST(Time, WritesRfc3339InUtcWithSixDigits) {
  EXPECT_EQ(to_rfc3339(TimePoint(1795221366s)), "2026-11-21T00:36:06.000000Z");
  EXPECT_EQ(to_rfc3339(TimePoint(1795221366s + 42us)), "2026-11-21T00:36:06.000042Z");
  EXPECT_EQ(to_rfc3339(TimePoint(-1us)), "1969-12-31T23:59:59.999999Z");
}

TEST(Time, IsShownToPeopleInWholeSeconds) {
  const TimePoint late(1795221366s + 999'999us), before_1970(-1us);
  EXPECT_EQ(date_of(late), "2026-11-21");
  EXPECT_EQ(clock_of(late), "00:36:06");
  EXPECT_EQ(date_and_clock_of(late), "2026-11-21 00:36:06");
  EXPECT_EQ(date_and_clock_of(before_1970), "1969-12-31 23:59:59");
}

TEST(Time, ReadsOffsetsWithAndWithoutAColon) {
  EXPECT_EQ(at("2026-11-21T01:36:06+01:00"), at("2026-11-21T00:36:06Z"));
  EXPECT_EQ(at("2026-11-20 19:36:06-0500"), at("2026-11-21T00:36:06Z"));
}

TEST(Time, ReadsFractionsAndCutsThemToMicroseconds) {
  EXPECT_EQ(at("2026-11-21T00:36:06.5Z") - at("2026-11-21T00:36:06Z"), 500ms);
  EXPECT_EQ(at("2026-11-21T00:36:06,072816Z") - at("2026-11-21T00:36:06Z"), 72816us);
  EXPECT_EQ(at("2026-11-21T00:36:06.123456789Z") - at("2026-11-21T00:36:06Z"), 123456us);
}

TEST(Time, RefusesWhatIsNoDateOrHasNoZone) {
  for (const auto* text :
       {"", "2026-11-21", "2026-11-21T00:36:06", "2026-02-30T00:00:00Z", "2026-13-01T00:00:00Z", "2026-11-21T24:00:00Z",
        "2026-11-21T00:60:00Z", "2026-11-21T00:36:06+25:00", "2026-11-21T00:36:06Z and more"}) {
    EXPECT_EQ(parse_rfc3339(text), std::nullopt) << text;
  }
}

TEST(Time, TellsHowMuchItReadWhenAsked) {
  std::size_t consumed = 0;
  EXPECT_TRUE(parse_rfc3339("2026-11-21T00:36:06Z web1 haproxy", &consumed).has_value());
  EXPECT_EQ(consumed, 20u);
}

TEST(Duration, ReadsUnitsAndTheirSums) {
  EXPECT_EQ(parse_duration("500ms"), 500ms);
  EXPECT_EQ(parse_duration("1h30m"), 90min);
  EXPECT_EQ(parse_duration("2d"), 48h);
  EXPECT_EQ(parse_duration("0"), 0s);
}

TEST(Duration, RefusesNumbersWithoutAUnitAndOverflow) {
  for (const auto* text : {"", "5", "s", "5x", "-5s", "1.5s", "5 s", "9223372036854775807d"}) {
    EXPECT_EQ(parse_duration(text), std::nullopt) << text;
  }
}

TEST(Duration, IsWrittenAsItIsRead) {
  for (const auto* text : {"0s", "500ms", "1h30m", "1d2h3m4s5ms6us"}) {
    EXPECT_EQ(to_text(parse_duration(text).value()), text);
  }
}

TEST(CivilTime, IsCompletedByAnOffset) {
  const CivilTime civil{.year = 2026, .month = 11, .day = 20, .hour = 20, .minute = 13, .second = 47};
  EXPECT_EQ(from_civil(civil, -5h), at("2026-11-21T01:13:47Z"));
}

}  // namespace
}  // namespace triaged::inline base
