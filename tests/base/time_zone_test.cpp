#include "base/time_zone.hpp"

#include <cstdlib>
#include <ctime>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/posix_zone.hpp"

namespace triaged::inline base {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::StartsWith;

std::string at(std::string_view zone, const char* time) {
  const auto named = TimeZone::named(zone);
  if (!named) return named.error().message;
  const auto offset = named->at(parse_rfc3339(time).value());
  return offset.abbreviation + " " + std::to_string(offset.from_utc.count());
}

TEST(TimeZone, FollowsSummerTime) {
  EXPECT_EQ(at("Europe/Berlin", "2026-03-29T00:59:59Z"), "CET 3600");
  EXPECT_EQ(at("Europe/Berlin", "2026-03-29T01:00:00Z"), "CEST 7200");
  EXPECT_EQ(at("Europe/Berlin", "2026-10-25T00:59:59Z"), "CEST 7200");
  EXPECT_EQ(at("Europe/Berlin", "2026-10-25T01:00:00Z"), "CET 3600");
}

TEST(TimeZone, FollowsTheRuleAfterTheLastChangeOfTheFile) {
  EXPECT_EQ(at("Europe/Berlin", "2101-07-01T00:00:00Z"), "CEST 7200");
  EXPECT_EQ(at("Europe/Berlin", "2101-12-01T00:00:00Z"), "CET 3600");
  EXPECT_EQ(at("Australia/Sydney", "2101-01-01T00:00:00Z"), "AEDT 39600");
  EXPECT_EQ(at("Australia/Sydney", "2101-07-01T00:00:00Z"), "AEST 36000");
}

TEST(TimeZone, KnowsWhatHeldLongAgo) { EXPECT_EQ(at("Europe/Berlin", "1880-01-01T00:00:00Z"), "LMT 3208"); }

TEST(TimeZone, SaysThatAnAbbreviationOfDigitsIsAnOffset) {
  EXPECT_EQ(at("America/Sao_Paulo", "2026-11-21T00:00:00Z"), "UTC-03 -10800");
  EXPECT_EQ(at("Asia/Kolkata", "2026-11-21T00:00:00Z"), "IST 19800");
}

TEST(TimeZone, TakesUtcAndOffsetsWithoutZoneData) {
  EXPECT_EQ(at("UTC", "2026-11-21T00:00:00Z"), "UTC 0");
  EXPECT_EQ(at("+05:30", "2026-11-21T00:00:00Z"), "UTC+05:30 19800");
  EXPECT_EQ(at("-03:00", "2026-11-21T00:00:00Z"), "UTC-03:00 -10800");
}

TEST(TimeZone, NamesTheNearestOneAndKnowsCities) {
  EXPECT_EQ(at("Europe/Berln", "2026-11-21T00:00:00Z"), "there is no such time zone; did you mean 'Europe/Berlin'?");
  EXPECT_EQ(at("Berlin", "2026-11-21T00:00:00Z"), "there is no such time zone; did you mean 'Europe/Berlin'?");
  EXPECT_THAT(at("somewhere else", "2026-11-21T00:00:00Z"), HasSubstr("an offset such as +01:00"));
}

TEST(TimeZone, OpensNothingOutsideTheZoneData) {
  for (const auto* name : {"../../etc/passwd", "/etc/localtime", "posix/Europe/Berlin", "zone.tab", "Europe", ""}) {
    EXPECT_THAT(at(name, "2026-11-21T00:00:00Z"), StartsWith("there is no such time zone")) << name;
  }
}

TEST(TimeZone, IsThisHostsWithoutAName) {
  const char* before = std::getenv("TZ");
  const std::string kept = before == nullptr ? "" : before;
  ::setenv("TZ", "Asia/Tokyo", 1);
  ::tzset();
  const auto offset = TimeZone().at(parse_rfc3339("2026-11-21T00:00:00Z").value());
  before == nullptr ? ::unsetenv("TZ") : ::setenv("TZ", kept.c_str(), 1);
  ::tzset();
  EXPECT_EQ(offset.abbreviation, "JST");
  EXPECT_EQ(offset.from_utc, std::chrono::hours(9));
}

TEST(TimeZone, ListsTheNamesOfTheHost) { EXPECT_THAT(time_zone_names(), Contains("Europe/Berlin")); }

TEST(PosixZone, CountsDaysInBothWays) {
  const auto noon_of = [](const char* rule, const char* day) {
    return PosixZone::read(rule).value().at(parse_rfc3339(std::string(day) + "T12:00:00Z").value()).abbreviation;
  };
  EXPECT_EQ(noon_of("WWW0SSS,J60/0,J300/0", "2028-02-29"), "WWW") << "day 60 without leap days is 1 March";
  EXPECT_EQ(noon_of("WWW0SSS,J60/0,J300/0", "2028-03-01"), "SSS");
  EXPECT_EQ(noon_of("WWW0SSS,59/0,300/0", "2028-02-29"), "SSS") << "day 59 from 0 is 29 February";
}

TEST(PosixZone, RefusesWhatIsNoRule) {
  for (const auto* rule :
       {"", "CET", "CET-1CEST", "CET-1CEST,M3.5.0", "CET-1CEST,M13.5.0,M10.5.0", "1", "CET-1CEST,M3.5.0,x"}) {
    EXPECT_FALSE(PosixZone::read(rule)) << rule;
  }
}

}  // namespace
}  // namespace triaged::inline base
