#include "diagnosis/usual_shares.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/diagnosis_fixture.hpp"

namespace triaged::diagnosis {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

class UsualSharesTest : public testing::Test {
 protected:
  /// `lines` about `upstream` at once, the last of `log_lines` lines of the log.
  LineShare see(TimePoint now, std::uint64_t lines, std::uint64_t log_lines,
                const std::string& upstream = "10.0.0.1:80") {
    auto line = symptom("nginx/access-500", now, upstream);
    line.lines = lines;
    line.log_lines = log_lines;
    return shares.add(line, {"upstream", upstream}, now);
  }
  /// Every minute `lines` of a thousand; the last one's share.
  LineShare each_minute(TimePoint from, TimePoint to, std::uint64_t lines,
                        const std::string& upstream = "10.0.0.1:80") {
    LineShare last;
    for (auto now = from; now < to; now += 1min) last = see(now, lines, 1000, upstream);
    return last;
  }
  void restart() {
    auto saved = shares.saved();
    shares = UsualShares();
    for (const auto& [id, text] : saved) EXPECT_TRUE(shares.restore(text)) << id;
  }

  const TimePoint begin = std::chrono::floor<std::chrono::days>(start);
  UsualShares shares;
};

TEST_F(UsualSharesTest, CountsLinesAboutOneThingAndOfTheLogInTenMinutes) {
  EXPECT_EQ(see(begin, 3, 100).lines, 3u);
  const auto second = see(begin + 9min + 59s, 2, 200);
  EXPECT_EQ(second.lines, 5u);
  EXPECT_EQ(second.of, 200) << "when the first hundred came is not known";
  EXPECT_EQ(see(begin + 9min + 59s, 2, 0, "10.0.0.2:80").lines, 2u);
  EXPECT_EQ(see(begin + 10min, 1, 1).lines, 3u) << "the first minute is too old";
}

TEST_F(UsualSharesTest, OfLinesThatCameLongBeforeOnlyTheLastTenMinutesCount) {
  see(begin, 1, 1);
  EXPECT_EQ(see(begin + 100min, 1, 5000).of, 500);
}

TEST_F(UsualSharesTest, KnowsNothingBeforeSuchLinesStoodInTwelveHalfHours) {
  EXPECT_EQ(each_minute(begin, begin + 6h, 2).usual, std::nullopt);
  const auto known = see(begin + 6h, 2, 1000).usual;
  ASSERT_TRUE(known);
  EXPECT_NEAR(*known, 0.002, 0.0001);
}

TEST_F(UsualSharesTest, UpToThreeTimesAsManyAreEveryday) {
  each_minute(begin, begin + 24h, 10);
  EXPECT_TRUE(each_minute(begin + 24h, begin + 25h, 29).is_everyday());
  EXPECT_FALSE(each_minute(begin + 25h, begin + 25h + 15min, 40).is_everyday());
}

TEST_F(UsualSharesTest, WhatChanceMakesOfAFewIsEveryday) {
  EXPECT_TRUE((LineShare{.lines = 5, .of = 1000, .usual = 0.001}.is_everyday())) << "six is five deviations from one";
  EXPECT_TRUE((LineShare{.lines = 6, .of = 1000, .usual = 0.001}.is_everyday()));
  EXPECT_FALSE((LineShare{.lines = 7, .of = 1000, .usual = 0.001}.is_everyday()));
  EXPECT_FALSE((LineShare{.lines = 1, .of = 1000, .usual = 0.0}.is_everyday())) << "there never were any";
  EXPECT_FALSE((LineShare{.lines = 1, .of = 1000, .usual = std::nullopt}.is_everyday())) << "nobody knows";
}

TEST_F(UsualSharesTest, ManyMoreRequestsWithTheSameShareAreEveryday) {
  each_minute(begin, begin + 24h, 2);
  for (auto now = begin + 24h; now < begin + 25h; now += 1min) {
    EXPECT_TRUE(see(now, 200, 100'000).is_everyday());
  }
}

TEST_F(UsualSharesTest, AFailureOfMoreThanOneInTwentyLinesIsNotLearntHoweverLongItLasts) {
  each_minute(begin, begin + 24h, 2);
  const auto failing = each_minute(begin + 24h, begin + 36h, 1000);
  EXPECT_NEAR(failing.usual.value(), 0.002, 0.0004);
  EXPECT_FALSE(failing.is_everyday());
}

TEST_F(UsualSharesTest, ALogThatBeginsInAFailureTakesNothingForUsual) {
  const auto failing = each_minute(begin, begin + 24h, 1000);
  EXPECT_EQ(failing.usual, std::nullopt);
  EXPECT_FALSE(failing.is_everyday());
}

TEST_F(UsualSharesTest, TheSameFailureAgainIsNoMoreUsualThanBefore) {
  each_minute(begin, begin + 30h, 2);
  each_minute(begin + 30h, begin + 36h, 900);
  each_minute(begin + 36h, begin + 38h, 2);
  EXPECT_FALSE(see(begin + 38h, 40, 50).is_everyday());
}

TEST_F(UsualSharesTest, AWeekendWithoutRequestsChangesNothing) {
  each_minute(begin, begin + 30h, 2);
  EXPECT_TRUE(each_minute(begin + 78h, begin + 80h, 2).is_everyday());
}

TEST_F(UsualSharesTest, EachOfManyServersHasItsOwnPast) {
  const auto name = [](int server) { return "10.0.0." + std::to_string(server) + ":80"; };
  for (auto now = begin; now < begin + 24h; now += 1min) {
    for (int server = 0; server < 50; ++server)
      see(now, server % 10 == now.time_since_epoch() / 1min % 10 ? 1 : 0, 20, name(server));
  }
  auto at = begin + 24h;
  EXPECT_TRUE(see(at, 1, 20, name(7)).is_everyday());
  EXPECT_FALSE(see(at, 10, 20, name(7)).is_everyday()) << "a thousandth of the log's lines, but ten times its own";
  EXPECT_TRUE(see(at, 1, 20, name(8)).is_everyday()) << "what fails beside it is not news";
}

TEST_F(UsualSharesTest, AQuietServerBesideANoisyOneIsMeasuredByItself) {
  for (auto now = begin; now < begin + 24h; now += 1min) {
    see(now, 10, 1000, "10.0.0.1:80");
    if (now.time_since_epoch() % 10min == 0min) see(now, 1, 0, "10.0.0.2:80");
  }
  EXPECT_TRUE(see(begin + 24h, 100, 1000, "10.0.0.1:80").is_everyday());
  EXPECT_FALSE(see(begin + 24h, 20, 0, "10.0.0.2:80").is_everyday());
}

TEST_F(UsualSharesTest, ANewServerBesideOthersHasWhatTheyHaveOnAverage) {
  for (auto now = begin; now < begin + 24h; now += 1min) {
    for (int server = 0; server < 10; ++server) see(now, 1, 100, "10.0.0." + std::to_string(server) + ":80");
  }
  EXPECT_TRUE(see(begin + 24h, 15, 100, "10.0.1.1:80").is_everyday());
  EXPECT_FALSE(see(begin + 24h, 50, 100, "10.0.1.2:80").is_everyday()) << "half of what all of them have";
}

TEST_F(UsualSharesTest, AServerThatReplacesAnotherHasItsPast) {
  each_minute(begin, begin + 24h, 5, "10.0.0.1:80");
  EXPECT_TRUE(each_minute(begin + 24h, begin + 25h, 5, "10.0.0.2:80").is_everyday());
  EXPECT_FALSE(each_minute(begin + 25h, begin + 25h + 5min, 100, "10.0.0.3:80").is_everyday());
}

TEST_F(UsualSharesTest, WhatNoLongerComesFades) {
  each_minute(begin, begin + 24h, 20);
  each_minute(begin + 24h, begin + 24h + std::chrono::days(8), 0, "10.0.0.9:80");
  const auto faded = see(begin + 24h + std::chrono::days(8), 1, 1000).usual;
  ASSERT_TRUE(faded);
  EXPECT_LT(*faded, 0.001);
}

TEST_F(UsualSharesTest, CountsOverTheEndOfAHalfHour) {
  each_minute(begin, begin + 25min, 2);
  EXPECT_EQ(see(begin + 29min, 100, 100, "10.0.0.2:80").lines, 100u);
  EXPECT_EQ(see(begin + 31min, 1, 1, "10.0.0.2:80").lines, 101u);
}

TEST_F(UsualSharesTest, ForgetsWhatCameOnceLongAgo) {
  see(begin, 1, 1000);
  each_minute(begin + 1h, begin + 1h + std::chrono::days(9), 1, "10.0.0.2:80");
  EXPECT_THAT(shares.saved().front().second, testing::Not(testing::HasSubstr("10.0.0.1:80")));
}

TEST_F(UsualSharesTest, ATimeThatGoesBackIsTheLatest) {
  each_minute(begin, begin + 24h, 2);
  for (int i = 0; i < 60; ++i) EXPECT_TRUE(see(begin + 23h + i * 1min, 2, 1000).is_everyday()) << i;
}

TEST_F(UsualSharesTest, SurvivesARestart) {
  each_minute(begin, begin + 24h, 4);
  const auto before = see(begin + 24h, 5, 1000);
  restart();
  const auto after = see(begin + 24h, 1, 0);
  EXPECT_EQ(after.lines, before.lines + 1);
  EXPECT_EQ(after.of, before.of);
  EXPECT_DOUBLE_EQ(after.usual.value(), before.usual.value());
}

TEST_F(UsualSharesTest, IsSavedAtMostOnceInAWhile) {
  see(begin, 1, 10);
  EXPECT_THAT(shares.take_changes(begin).changed, SizeIs(1));
  see(begin + 1s, 1, 10);
  EXPECT_THAT(shares.take_changes(begin + 1s).changed, IsEmpty());
  EXPECT_THAT(shares.take_changes(begin + UsualShares::saved_every).changed, SizeIs(1)) << "nothing is forgotten";
  EXPECT_THAT(shares.take_changes(begin + 1h).changed, IsEmpty());
}

TEST_F(UsualSharesTest, RefusesWhatItDidNotWrite) {
  EXPECT_FALSE(shares.restore("{}"));
  EXPECT_FALSE(shares.restore("nonsense"));
  see(begin, 1, 10);
  auto text = shares.saved().front().second;
  EXPECT_TRUE(shares.restore(text));
  text.replace(text.find("\"tally\":["), 9, "\"tally\":[\"x\",");
  EXPECT_FALSE(shares.restore(text));
}

TEST_F(UsualSharesTest, RemembersTheLogsThatWereReadLast) {
  for (std::size_t i = 0; i <= UsualShares::most_sources; ++i) {
    auto line = symptom("nginx/access-500", begin, "10.0.0.1:80");
    line.source = "log\xff" + std::to_string(i);
    (void)shares.add(line, {"upstream", "10.0.0.1:80"}, begin + i * 1ms);
  }
  EXPECT_EQ(shares.source_count(), UsualShares::most_sources);
  const auto changes = shares.take_changes(begin + 1min);
  EXPECT_THAT(changes.changed, SizeIs(UsualShares::most_sources));
  EXPECT_THAT(changes.ended, SizeIs(1));
  const auto count = shares.source_count();
  restart();
  EXPECT_EQ(shares.source_count(), count) << "names that are no UTF-8 are themselves again";
}

TEST_F(UsualSharesTest, CountsThingsThatThereIsNoRoomForTogether) {
  for (std::size_t i = 0; i < UsualShares::most_entities; ++i) see(begin, 1, 1, std::to_string(i));
  EXPECT_EQ(see(begin, 1, 1, "one").lines, 1u);
  EXPECT_EQ(see(begin, 1, 1, "another").lines, 2u);
  EXPECT_EQ(see(begin, 1, 1, "0").lines, 2u);
  EXPECT_EQ(see(begin + 11min, 1, 1, "another").lines, 1u) << "the others were long ago";
}

}  // namespace
}  // namespace triaged::diagnosis
