// A server with a fixed number of places, simulated request by request: what its log shows when they are all taken, and
// what only looks like it.
#include "diagnosis/saturation_window.hpp"

#include <algorithm>
#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "diagnosis/timed_window.hpp"
#include "tests/support/diagnosis_fixture.hpp"

namespace triaged::diagnosis {
namespace {

using std::chrono::milliseconds;

knowledge::TimedMatch saturation() {
  knowledge::TimedMatch timed;
  timed.kind = knowledge::TimedKind::saturation;
  timed.window = 5min;
  timed.of.resize(1);
  timed.share_of.emplace();
  timed.duration_field = "time";
  timed.duration_unit = milliseconds(1);
  return timed;
}

class SaturationWindowTest : public testing::Test {
 protected:
  /// A request that ends at `end` after `held`; it counts as one of `of` when it is longer than 300 ms.
  void answer(TimePoint end, milliseconds held) {
    auto line = symptom("haproxy/saturated", end, "");
    line.fields = {{"time", std::to_string(held.count())}};
    window.add(TermCount{line, 2, 1}, end);
    if (held > 300ms) window.add(TermLine{line, 1}, end);
    if (auto reached = window.take_reached(end)) told.push_back(*reached);
  }
  void healthy(TimePoint from, int requests, milliseconds between) {
    for (int i = 0; i < requests; ++i) answer(from + i * between, 2ms);
  }
  /// `places` work off a queue that is never empty.
  void full(TimePoint from, int places, int rounds, milliseconds held) {
    for (int round = 1; round <= rounds; ++round) {
      for (int place = 0; place < places; ++place) answer(from + round * held + place * 10ms, held);
    }
  }
  void wait_until(TimePoint now) {
    if (auto reached = window.take_reached(now)) told.push_back(*reached);
  }

  const knowledge::TimedMatch timed = saturation();
  SaturationWindow window{timed};
  std::vector<SaturationWindow::Reached> told;
};

TEST_F(SaturationWindowTest, IsReachedWhenAllPlacesAreTakenAllTheTime) {
  healthy(start, 60, 50ms);
  full(start + 3s, 5, 6, 700ms);
  wait_until(start + 20s);
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told[0].places, 5u);
  EXPECT_EQ(told[0].requests, 30u);
  EXPECT_EQ(told[0].held, Microseconds(700ms));
}

TEST_F(SaturationWindowTest, TakesTheRoundingOfALogIntoAccount) {
  healthy(start, 50, 20ms);
  for (int round = 1; round <= 4; ++round) {
    for (int place = 0; place < 2; ++place) answer(start + 1s + round * 3s, 3000ms);
  }
  wait_until(start + 20s);
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told[0].places, 2u);
}

TEST_F(SaturationWindowTest, IsNotReachedByAHandful) {
  healthy(start, 60, 50ms);
  full(start + 3s, 2, 3, 700ms);
  wait_until(start + 20s);
  EXPECT_TRUE(told.empty());
}

TEST_F(SaturationWindowTest, IsNotReachedWhileOthersAreServedAsUsual) {
  healthy(start, 60, 50ms);
  for (int round = 1; round <= 10; ++round) {  // a job with two connections
    answer(start + 3s + round * 700ms, 700ms);
    answer(start + 3s + round * 700ms + 10ms, 700ms);
    healthy(start + 3s + round * 700ms + 20ms, 13, 50ms);
  }
  wait_until(start + 30s);
  EXPECT_TRUE(told.empty());
}

TEST_F(SaturationWindowTest, IsNotReachedByOneClientThatWaitsForEachAnswer) {
  healthy(start, 60, 50ms);
  full(start + 3s, 1, 40, 700ms);
  wait_until(start + 60s);
  EXPECT_TRUE(told.empty());
}

TEST_F(SaturationWindowTest, IsNotReachedWithoutAPastToCompareWith) {
  full(start, 5, 20, 700ms);
  wait_until(start + 30s);
  EXPECT_TRUE(told.empty());
}

TEST_F(SaturationWindowTest, IsNotReachedByCrowdsThatComeByChance) {
  std::mt19937 random(7);
  int reached = 0;
  for (int run = 0; run < 200; ++run) {
    window = SaturationWindow(timed);
    told.clear();
    healthy(start, 200, 10ms);
    // Slow requests that come independently of each other, four at a time on average.
    std::exponential_distribution<double> gap(4.0), length(1.0);
    std::vector<std::pair<TimePoint, milliseconds>> requests;
    auto at = start + 2s;
    for (int i = 0; i < 60; ++i) {
      at += milliseconds(static_cast<int>(gap(random) * 1000));
      const milliseconds held(301 + static_cast<int>(length(random) * 1000));
      requests.emplace_back(at + held, held);
    }
    std::sort(requests.begin(), requests.end());
    for (const auto& [end, held] : requests) answer(end, held);
    wait_until(at + 1min);
    reached += told.empty() ? 0 : 1;
  }
  EXPECT_EQ(reached, 0);
}

TEST_F(SaturationWindowTest, IsSilentForItsWindowAndToldAgainWhileItGoesOn) {
  healthy(start, 60, 50ms);
  full(start + 3s, 5, 1000, 700ms);  // almost twelve minutes
  EXPECT_EQ(told.size(), 3u);
}

TEST_F(SaturationWindowTest, RemembersAllOfItWhenSavedAndRestored) {
  healthy(start, 60, 50ms);
  for (int round = 1; round <= 6; ++round) {
    full(start + 3s + (round - 1) * 700ms, 5, 1, 700ms);
    auto saved = window_from_json(timed, to_json(AnyWindow(window), "www", start));
    ASSERT_TRUE(saved);
    window = std::get<SaturationWindow>(saved->window);
  }
  wait_until(start + 20s);
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told[0].places, 5u);
  EXPECT_EQ(told[0].requests, 30u);
}

TEST_F(SaturationWindowTest, PassesOverALineThatDoesNotSayHowLongItTook) {
  auto line = symptom("haproxy/saturated", start, "");
  for (const auto* text : {"", "-", "1e99", "999999999999999", "300001", "0", "0.0001", "-5", "nan", "12x"}) {
    line.fields = {{"time", text}};
    EXPECT_FALSE(window.add(TermLine{line, 1}, start));
    EXPECT_TRUE(window.memory().holds.empty()) << text;
  }
}

TEST_F(SaturationWindowTest, GivesUpTheOldestRequestsBeyondItsBound) {
  std::size_t given_up = 0;
  for (int i = 0; i < 600; ++i) {
    auto line = symptom("haproxy/saturated", start + i * 10ms, "");
    line.fields = {{"time", "500"}};
    given_up += window.add(TermLine{line, 1}, start + i * 10ms) ? 1 : 0;
  }
  EXPECT_EQ(given_up, 88u);
  EXPECT_EQ(window.memory().holds.size(), SaturationWindow::most_holds);
}

TEST_F(SaturationWindowTest, BeginsAnewWhenTheClockOfALogWasWrongForALine) {
  answer(start + 24h * 365, 700ms);
  healthy(start, 60, 50ms);
  full(start + 3s, 5, 6, 700ms);
  wait_until(start + 20s);
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told[0].requests, 30u);
}

TEST_F(SaturationWindowTest, IsSavedInAFewKilobytesHoweverBusyItIs) {
  healthy(start, 60, 50ms);
  full(start + 3s, 5, 500, 700ms);
  EXPECT_LT(to_json(AnyWindow(window), "www", start).size(), 10'000u);
}

TEST_F(SaturationWindowTest, ForgetsEverythingAfterAQuietWindow) {
  healthy(start, 60, 50ms);
  full(start + 3s, 5, 6, 700ms);
  window.forget_before(start + 1min);
  EXPECT_NE(window.next_deadline(), std::nullopt);
  window.forget_before(start + 10min);
  EXPECT_EQ(window.next_deadline(), std::nullopt);
}

}  // namespace
}  // namespace triaged::diagnosis
