#include "diagnosis/usual_rates.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/diagnosis_fixture.hpp"

namespace triaged {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

class UsualRatesTest : public testing::Test {
 protected:
  UsualRates::Rate see(TimePoint at, std::uint64_t lines = 1, const std::string& upstream = "10.0.0.1:80") {
    auto line = symptom("nginx/access-500", at, upstream);
    line.lines = lines;
    return rates.add(line, {"upstream", upstream});
  }
  /// So many lines every ten minutes, from the start on.
  UsualRates::Rate every_ten_minutes(std::uint64_t lines, Microseconds during) {
    UsualRates::Rate last;
    for (Microseconds at{0}; at < during; at += 10min) last = see(begin + at, lines);
    return last;
  }
  void restart() {
    auto saved = rates.take_changes();
    rates = UsualRates();
    for (const auto& [id, text] : saved.changed) EXPECT_TRUE(UsualRates::is_saved_id(id) && rates.restore(text));
  }

  const TimePoint begin = std::chrono::floor<std::chrono::days>(start);
  UsualRates rates;
};

TEST_F(UsualRatesTest, CountsLinesAboutOneThingInTenMinutes) {
  EXPECT_EQ(see(begin, 3).lines, 3u);
  EXPECT_EQ(see(begin + 9min + 59s, 2).lines, 5u);
  EXPECT_EQ(see(begin + 9min + 59s, 2, "10.0.0.2:80").lines, 2u);
  EXPECT_EQ(see(begin + 10min).lines, 3u) << "the first minute is too old";
  EXPECT_EQ(see(begin + 9min).lines, 4u) << "late, and counted where it belongs";
}

TEST_F(UsualRatesTest, KnowsNothingUntilALogWasReadForSixHours) {
  EXPECT_EQ(every_ten_minutes(2, UsualRates::known_after).usual, std::nullopt);
  EXPECT_EQ(see(begin + UsualRates::known_after).usual, 2u);
}

TEST_F(UsualRatesTest, OfALogThatNeverHeldSuchLinesNoneIsUsual) {
  rates.on_source("error.log", begin);
  const auto rate = see(begin + 7h);
  EXPECT_EQ(rate.usual, 0u);
  EXPECT_FALSE(rate.is_everyday());
}

TEST_F(UsualRatesTest, UpToThreeTimesAsManyAreEveryday) {
  every_ten_minutes(4, 24h);
  const auto three_times = see(begin + 24h, 12);
  EXPECT_EQ(three_times.usual, 4u);
  EXPECT_TRUE(three_times.is_everyday());
  EXPECT_FALSE(see(begin + 24h).is_everyday());
}

TEST_F(UsualRatesTest, ComparesLinesAboutOneThingWithAllThatTheLogUsuallyHolds) {
  for (Microseconds at{0}; at < 24h; at += 10min) {
    see(begin + at, 2, "10.0.0.1:80");
    see(begin + at, 2, "10.0.0.2:80");
  }
  EXPECT_EQ(see(begin + 24h, 12, "10.0.0.3:80").usual, 4u) << "a new address has the log's past";
  EXPECT_FALSE(see(begin + 24h, 1, "10.0.0.3:80").is_everyday());
  EXPECT_TRUE(see(begin + 24h, 2, "10.0.0.1:80").is_everyday()) << "what fails beside it is not news";
}

TEST_F(UsualRatesTest, TheBusyHoursOfADayAreUsual) {
  for (Microseconds at{0}; at < 24h; at += 10min) see(begin + at, at >= 9h && at < 17h ? 10 : 1);
  EXPECT_TRUE(see(begin + 24h + 9h, 30).is_everyday());
}

TEST_F(UsualRatesTest, AnOutageOfFourHoursIsNotUsual) {
  for (Microseconds at{0}; at < 24h; at += 10min) see(begin + at, at >= 9h && at < 13h ? 1000 : 1);
  const auto rate = see(begin + 24h, 20);
  EXPECT_EQ(rate.usual, 1u);
  EXPECT_FALSE(rate.is_everyday());
}

TEST_F(UsualRatesTest, WhatWasADayAgoIsForgotten) {
  every_ten_minutes(4, 24h);
  EXPECT_EQ(see(begin + 48h).usual, 0u);
}

TEST_F(UsualRatesTest, AClockThatIsSetBackBeginsAnew) {
  every_ten_minutes(4, 24h);
  EXPECT_EQ(see(begin + 20h).usual, std::nullopt);
  EXPECT_EQ(see(begin + 20h + 6h).usual, 0u);
}

TEST_F(UsualRatesTest, SurvivesARestart) {
  every_ten_minutes(4, 24h);
  (void)see(begin + 24h, 5);
  restart();
  const auto rate = see(begin + 24h + 1min);
  EXPECT_EQ(rate.usual, 4u);
  EXPECT_EQ(rate.lines, 6u);
  restart();
  EXPECT_EQ(see(begin + 24h + 1min).lines, 7u);
}

TEST_F(UsualRatesTest, IsSavedWhenSomethingChanged) {
  rates.on_source("/var/log/nginx/access.log", begin);
  EXPECT_THAT(rates.take_changes().changed, SizeIs(1));
  rates.on_source("/var/log/nginx/access.log", begin + 1h);
  EXPECT_THAT(rates.take_changes().changed, IsEmpty()) << "a line that means nothing changes nothing";
  EXPECT_FALSE(rates.restore("{}"));
  EXPECT_FALSE(rates.restore(R"({"source":"a","since":1,"latest":2,"rules":{"b":{"all":3}}})"));
}

TEST_F(UsualRatesTest, RemembersTheLogsThatWereReadLast) {
  for (std::size_t i = 0; i <= UsualRates::most_sources; ++i) rates.on_source(std::to_string(i), begin + i * 1ms);
  EXPECT_EQ(rates.source_count(), UsualRates::most_sources);
  auto changes = rates.take_changes();
  EXPECT_THAT(changes.changed, SizeIs(UsualRates::most_sources));
  ASSERT_THAT(changes.ended, SizeIs(1));
  rates.on_source("0", begin + 1min);
  changes = rates.take_changes();
  EXPECT_THAT(changes.changed, SizeIs(1));
  EXPECT_THAT(changes.ended, SizeIs(1)) << "the next oldest";
}

TEST_F(UsualRatesTest, CountsThingsThatThereIsNoRoomForTogether) {
  for (std::size_t i = 0; i < UsualRates::most_entities; ++i) (void)see(begin, 1, std::to_string(i));
  EXPECT_EQ(see(begin, 1, "one").lines, 1u);
  EXPECT_EQ(see(begin, 1, "another").lines, 2u);
  EXPECT_EQ(see(begin, 1, "0").lines, 2u);
  EXPECT_EQ(see(begin + 11min, 1, "another").lines, 1u) << "the others were long ago";
}

}  // namespace
}  // namespace triaged
