// Requests that come as chance has it, simulated one by one, and what is an absence after them.
#include "diagnosis/absence_window.hpp"

#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "diagnosis/timed_matches.hpp"
#include "diagnosis/timed_window.hpp"
#include "tests/support/diagnosis_fixture.hpp"

namespace triaged::diagnosis {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

knowledge::TimedMatch absence() {
  knowledge::TimedMatch timed;
  timed.kind = knowledge::TimedKind::absence;
  timed.window = 1min;
  timed.at_least = 100;
  timed.of.resize(1);
  return timed;
}

class AbsenceWindowTest : public testing::Test {
 protected:
  void line(TimePoint at, std::uint64_t lines = 1) {
    window.add(TermCount{symptom("nginx/requests-stopped", at, ""), 1, lines}, at, start);
    look(at);
  }
  void look(TimePoint now, TimePoint watched_since = start) {
    if (auto reached = window.take_reached(now, watched_since)) told.push_back(*reached);
    window.forget_before(now);
  }
  void look_until(TimePoint now) {
    for (auto at = window.memory().latest; at <= now; at += 1s) look(at);
  }
  /// One every `between` from `from` on, for `length`; gives the time of the last.
  TimePoint steady(TimePoint from, Microseconds length, Microseconds between) {
    auto at = from;
    for (; at < from + length; at += between) line(at);
    return at - between;
  }

  const knowledge::TimedMatch timed = absence();
  AbsenceWindow window{timed};
  std::vector<AbsenceWindow::Reached> told;
};

TEST_F(AbsenceWindowTest, IsReachedTenOfTheLongestPausesAfterTheLastLine) {
  const auto last = steady(start, 40min, 15s);
  look(last + 150s - 1us);
  EXPECT_THAT(told, IsEmpty());
  look(last + 150s);
  ASSERT_THAT(told, SizeIs(1));
  EXPECT_EQ(told[0].since, last);
  EXPECT_EQ(told[0].line.at, last + 150s);
  EXPECT_NEAR(told[0].a_minute, 4, 0.1);
}

TEST_F(AbsenceWindowTest, IsNotReachedBeforeTheShortestThatTheRuleAsksFor) {
  const auto last = steady(start, 40min, 500ms);
  look(last + 1min - 1us);
  EXPECT_THAT(told, IsEmpty());
  look(last + 1min);
  EXPECT_THAT(told, SizeIs(1));
}

TEST_F(AbsenceWindowTest, IsToldAgainAfterItsLengthForAsLongAsItLasts) {
  const auto last = steady(start, 40min, 500ms);
  look_until(last + 3min + 30s);
  ASSERT_THAT(told, SizeIs(3));
  EXPECT_EQ(told[2].line.at, last + 3min);
  line(last + 4min);
  look_until(last + 4min + 30s);
  EXPECT_THAT(told, SizeIs(3));
}

TEST_F(AbsenceWindowTest, IsToldByTheLineThatEndsItWhenNobodyWatched) {
  const auto last = steady(start, 40min, 15s);
  line(last + 10min);
  ASSERT_THAT(told, SizeIs(1));
  EXPECT_EQ(told[0].since, last);
  EXPECT_EQ(told[0].line.at, last + 150s);
  EXPECT_EQ(told[0].line.offset + 1, window.memory().last->offset);
}

TEST_F(AbsenceWindowTest, NeedsHalfAnHourOfLines) {
  const auto last = steady(start, 29min, 1s);
  look(last + 20min);
  line(last + 20min);
  EXPECT_THAT(told, IsEmpty());
}

TEST_F(AbsenceWindowTest, NeedsSoManyLinesAsTheRuleSays) {
  auto last = steady(start, 60min, 19s);  // 95 in half an hour
  look(last + 1h);
  EXPECT_THAT(told, IsEmpty());
  window.restore({});
  last = steady(start + 2h, 60min, 17s);
  look(last + 1h);
  EXPECT_THAT(told, SizeIs(1));
}

TEST_F(AbsenceWindowTest, DoesNotTakeWhatWasNotReadYetForSilent) {
  const auto last = steady(start, 40min, 15s);
  look(last + 1h, last + 1h);
  look(last + 1h + 150s - 1us, last + 1h);
  EXPECT_THAT(told, IsEmpty());
  look(last + 1h + 150s, last + 1h);
  EXPECT_THAT(told, SizeIs(1));
}

TEST_F(AbsenceWindowTest, DoesNotTakeTheEndOfTheStoryForOne) {
  steady(start, 40min, 1s);
  look(TimePoint::max());
  EXPECT_THAT(told, IsEmpty());
}

TEST_F(AbsenceWindowTest, WaitsLongerForLinesThatArriveInBursts) {
  // nginx writes a buffer of them every two minutes.
  for (auto flush = start; flush < start + 40min; flush += 2min) {
    for (auto at = flush - 2min; at < flush; at += 1s) {
      window.add(TermCount{symptom("nginx/requests-stopped", at, ""), 1, 1}, flush, start);
      look(flush);
    }
  }
  const auto last = start + 38min;
  look(last + 19min);
  EXPECT_THAT(told, IsEmpty());
  look(last + 21min);
  EXPECT_THAT(told, SizeIs(1));
}

TEST_F(AbsenceWindowTest, DoesNotCountThePauseOfTheDaemonItself) {
  auto last = steady(start, 40min, 1s);
  for (int i = 0; i < 600; ++i) {  // written while nobody read, read at once
    window.add(TermCount{symptom("nginx/requests-stopped", last += 1s, ""), 1, 1}, start + 51min, start + 51min);
  }
  look(start + 51min + 1min, start + 51min);
  EXPECT_THAT(told, SizeIs(1));
}

TEST_F(AbsenceWindowTest, BecomesNoNewsWhenItComesAgainAndAgain) {
  // A job that works for forty minutes of every hour.
  for (auto hour = start; hour < start + 6h; hour += 1h) look_until(steady(hour, 40min, 1s) + 20min);
  ASSERT_FALSE(told.empty());
  EXPECT_LT(told.back().line.at, start + 1h);
}

TEST_F(AbsenceWindowTest, IsToldAgainOnTheSameDayWhenItIsHalfAsLongAgain) {
  const auto first = steady(start, 40min, 1s);
  line(first + 10min);
  EXPECT_THAT(told, SizeIs(1));
  const auto second = steady(first + 10min + 1s, 40min, 1s);
  look(second + 10min);
  EXPECT_THAT(told, SizeIs(1));
  look(second + 15min);
  EXPECT_THAT(told, SizeIs(2));
}

TEST_F(AbsenceWindowTest, ForgetsWhatAClockThatIsSetBackHasSaid) {
  steady(start + 2h, 40min, 1s);
  const auto last = steady(start, 29min, 1s);
  line(last + 10min);
  EXPECT_THAT(told, IsEmpty());
}

TEST_F(AbsenceWindowTest, DoesNotComeByChanceInAMonthOfDaysAndNights) {
  std::mt19937 random(17);
  for (auto at = start; at < start + 30 * 24h;) {
    const double hour = std::chrono::duration<double>(at - start).count() / 3600;
    const double a_minute = 12 * (1.1 + std::sin(hour / 24 * 2 * 3.14159265)) + 0.5;
    std::exponential_distribution<double> pause(a_minute / 60);
    at += Microseconds(static_cast<std::int64_t>(pause(random) * 1e6));
    if (const auto due = window.next_deadline(start); due && *due < at) look(*due);
    line(at);
  }
  EXPECT_THAT(told, IsEmpty());
}

TEST_F(AbsenceWindowTest, SurvivesARestartInWords) {
  const auto last = steady(start, 40min, 15s);
  look(last + 150s);
  auto saved = window_from_json(timed, to_json(window, "access.log", last + 150s));
  ASSERT_TRUE(saved);
  EXPECT_EQ(saved->by, "access.log");
  window = std::get<AbsenceWindow>(saved->window);
  EXPECT_EQ(to_json(window, "access.log", last + 150s), to_json(saved->window, "access.log", last + 150s));
  look(last + 200s);
  EXPECT_THAT(told, SizeIs(1));
  look(last + 210s);
  EXPECT_THAT(told, SizeIs(2));
}

class AbsenceInRules : public testing::Test {
 protected:
  AbsenceInRules() {
    knowledge::Rule made;
    made.id = "nginx/requests-stopped";
    made.timed_matches = {absence()};
    made.timed_matches[0].by = "source";
    rules = rule_set({made});
    matches = std::make_unique<TimedMatches>(*rules);
  }
  void line(TimePoint at) {
    matches->advance_to(at, fired);
    matches->on_count(TermCount{symptom("nginx/requests-stopped", at, ""), 1, 1}, fired);
  }
  void watch(TimePoint from, TimePoint to, Microseconds every) {
    for (auto at = from; at <= to; at += every) matches->advance_to(at, fired);
  }

  std::shared_ptr<const knowledge::RuleSet> rules;
  std::unique_ptr<TimedMatches> matches;
  std::vector<Symptom> fired;
};

TEST_F(AbsenceInRules, GivesTheLastLineWithWhatWasUsual) {
  for (auto at = start; at <= start + 40min; at += 5s) line(at);
  watch(start + 40min, start + 41min, 1s);
  ASSERT_THAT(fired, SizeIs(1));
  EXPECT_EQ(fired[0].at, start + 41min);
  EXPECT_EQ(fired[0].lines, 1u);
  EXPECT_EQ(fired[0].field("usual"), "12 a minute");
  EXPECT_EQ(fired[0].field("since"), "2026-11-21T01:16:06Z");
}

TEST_F(AbsenceInRules, WaitsUntilItWasWatchedAfterALookAway) {
  for (auto at = start; at <= start + 40min; at += 5s) line(at);
  watch(start + 50min, start + 51min - 1s, 1s);
  EXPECT_THAT(fired, IsEmpty());
  watch(start + 51min, start + 51min, 1s);
  EXPECT_THAT(fired, SizeIs(1));
}

TEST_F(AbsenceInRules, IsNotToldOfTheTimeInWhichTheDaemonDidNotRun) {
  for (auto at = start; at <= start + 40min; at += 5s) line(at);
  matches->start_at(start + 60min);
  watch(start + 60min, start + 61min - 1s, 1s);
  EXPECT_THAT(fired, IsEmpty());
  watch(start + 61min, start + 61min, 1s);
  EXPECT_THAT(fired, SizeIs(1));
}

}  // namespace
}  // namespace triaged::diagnosis
