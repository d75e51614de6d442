// Rules that mean something only in numbers, over days: what comes every day is no news, what comes more often is.
#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "diagnosis/diagnoser.hpp"
#include "tests/support/diagnosis_fixture.hpp"

namespace triaged::diagnosis {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class EverydayLinesTest : public testing::Test {
 protected:
  EverydayLinesTest() {
    auto answered_500 = rule("nginx/access-500", {cause("app-exception", 0.6)}, Severity::warning);
    answered_500.alone_from = 5;
    diagnoser = Diagnoser(rule_set({answered_500, rule("nginx/refused", {cause("upstream-down", 0.7)})}), options);
  }

  /// A line that is the last of `log_lines`.
  void see(std::string rule, TimePoint at, std::string upstream = "10.0.1.5:8080", std::uint64_t log_lines = 1) {
    auto seen = symptom(std::move(rule), at, std::move(upstream));
    seen.log_lines = log_lines;
    diagnoser.on_findings(std::vector<Finding>{seen});
    pass(at);
  }
  void pass(TimePoint now) {
    diagnoser.advance_to(now);
    for (auto& change : diagnoser.take_changes()) told.push_back(std::move(change));
  }
  /// One line each `pause`, as chance has it, in a log of one line each `log_pause`.
  void chatter(TimePoint from, TimePoint to, Microseconds pause, const std::string& upstream = "10.0.1.5:8080",
               Microseconds log_pause = 1s) {
    std::exponential_distribution<double> chance(1.0 / static_cast<double>(pause.count()));
    const auto next = [&](TimePoint at) { return at + Microseconds(static_cast<std::int64_t>(chance(random))); };
    for (auto before = from, at = next(from); at < to; before = at, at = next(at)) {
      see("nginx/access-500", at, upstream, static_cast<std::uint64_t>((at - before) / log_pause) + 1);
    }
  }
  [[nodiscard]] std::vector<Change> changes() const {
    std::vector<Change> kinds;
    for (const auto& incident : told) kinds.push_back(incident.change);
    return kinds;
  }

  DiagnosisOptions options{.settle = 2s, .resolve_after = 10min, .language = Language::english, .host = "web-1"};
  Diagnoser diagnoser{rule_set({}), options};
  std::vector<Incident> told;
  std::mt19937 random{7};
};

TEST_F(EverydayLinesTest, ASteadyTrickleIsToldUntilItIsKnownToBeUsualAndThenNeverAgain) {
  chatter(start, start + 7h, 2min);
  ASSERT_FALSE(told.empty());
  EXPECT_EQ(told.front().change, Change::opened);
  EXPECT_EQ(told.back().change, Change::resolved);
  told.clear();
  (void)diagnoser.take_state_changes();
  chatter(start + 7h, start + 7h + std::chrono::days(30), 2min);
  EXPECT_THAT(changes(), IsEmpty());
  EXPECT_THAT(forgotten(diagnoser.take_state_changes()), IsEmpty()) << "incidents that nobody was told of";
}

TEST_F(EverydayLinesTest, DaysAndNightsAreLearntInADay) {
  const auto day = [&](int number) {
    const auto midnight = start + std::chrono::days(number);
    chatter(midnight, midnight + 8h, 10min, "10.0.1.5:8080", 10s);
    chatter(midnight + 8h, midnight + 20h, 30s, "10.0.1.5:8080", 500ms);
    chatter(midnight + 20h, midnight + 24h, 5min, "10.0.1.5:8080", 5s);
  };
  day(0);
  pass(start + 24h);
  told.clear();
  for (int number = 1; number <= 30; ++number) day(number);
  EXPECT_THAT(changes(), IsEmpty());
}

TEST_F(EverydayLinesTest, AWeekendWithoutRequestsMakesNoNewsOfMonday) {
  chatter(start, start + 30h, 2min);
  told.clear();
  chatter(start + 78h, start + 100h, 2min);
  EXPECT_THAT(changes(), IsEmpty());
}

TEST_F(EverydayLinesTest, TheSameOutageAgainIsNewsAgain) {
  chatter(start, start + 30h, 2min);
  told.clear();
  chatter(start + 30h, start + 40h, 2s);
  chatter(start + 40h, start + 42h, 2min);
  pass(start + 42h);
  ASSERT_FALSE(told.empty());
  EXPECT_EQ(told.front().change, Change::opened);
  EXPECT_EQ(told.back().change, Change::resolved);
  told.clear();
  chatter(start + 42h, start + 45h, 2s);
  ASSERT_FALSE(told.empty());
  EXPECT_EQ(told.front().change, Change::opened);
  EXPECT_THAT(changes(), testing::Not(testing::Contains(Change::resolved)));
}

TEST_F(EverydayLinesTest, AnOutageFromTheFirstLineOnIsNotOverBeforeItIs) {
  chatter(start, start + 24h, 2s);
  ASSERT_FALSE(told.empty());
  EXPECT_EQ(told.front().change, Change::opened);
  EXPECT_THAT(changes(), testing::Not(testing::Contains(Change::resolved)));
}

TEST_F(EverydayLinesTest, OneLateLineForgetsNothing) {
  chatter(start, start + 30h, 2min);
  told.clear();
  see("nginx/access-500", start + 25h);
  chatter(start + 30h, start + 35h, 2min);
  EXPECT_THAT(changes(), IsEmpty());
}

TEST_F(EverydayLinesTest, ManyTimesAsManyAreToldFromTheMomentTheyCome) {
  chatter(start, start + 30h, 2min);
  told.clear();
  const auto failure = start + 30h;
  for (int second = 0; second < 300; ++second) see("nginx/access-500", failure + second * 1s);
  ASSERT_THAT(changes(), ElementsAre(Change::opened));
  EXPECT_GE(told[0].first_seen, failure);
  EXPECT_LE(told[0].first_seen, failure + 60s);
  const auto& reason = told[0].causes.front().because.front().text;
  EXPECT_THAT(reason, testing::MatchesRegex(
                          "nginx/access-500 at 10[.]0[.]1[.]5:8080 [(][0-9]+ times, usually one line in 1[0-9][0-9] "
                          "of its log[)]"));
  chatter(failure + 300s, failure + 1h, 2min);
  pass(failure + 1h);
  ASSERT_EQ(told.back().change, Change::resolved) << "the everyday lines after it do not keep it open";
  EXPECT_LE(told.back().last_seen, failure + 30min);
}

TEST_F(EverydayLinesTest, AFailureThatLastsForADayIsNotOverBeforeItIs) {
  see("nginx/refused", start, "10.0.9.9:1");  // the log is read, and holds no such line
  pass(start + 12h);
  told.clear();
  chatter(start + 12h, start + 36h, 10s);
  ASSERT_FALSE(told.empty());
  EXPECT_EQ(told.front().change, Change::opened);
  EXPECT_THAT(changes(), testing::Not(testing::Contains(Change::resolved)));
  pass(start + 37h);
  EXPECT_EQ(told.back().change, Change::resolved);
}

TEST_F(EverydayLinesTest, AMildFailureThatLastsForDaysIsMeasuredByWhatWasUsualBefore) {
  chatter(start, start + 30h, 10min);
  told.clear();
  chatter(start + 30h, start + 30h + std::chrono::days(5), 30s);
  ASSERT_FALSE(told.empty());
  EXPECT_EQ(told.front().change, Change::opened);
  EXPECT_THAT(changes(), testing::Not(testing::Contains(Change::resolved)));
}

TEST_F(EverydayLinesTest, StillBelongToAFailureThatOtherLinesTellOf) {
  chatter(start, start + 30h, 2min);
  told.clear();
  see("nginx/refused", start + 30h);
  see("nginx/access-500", start + 30h + 1s);
  pass(start + 30h + 5s);
  ASSERT_THAT(changes(), ElementsAre(Change::opened));
  EXPECT_EQ(told[0].count, 2u);
}

TEST_F(EverydayLinesTest, OneServerThatFailsDoesNotMakeNewsOfTheEverydayLinesOfOthers) {
  for (int hour = 0; hour < 60; ++hour) {
    chatter(start + hour * 1h, start + hour * 1h + 30min, 4min, "10.0.1.5:8080");
    chatter(start + hour * 1h + 30min, start + hour * 1h + 60min, 4min, "10.0.1.6:8080");
  }
  told.clear();
  const auto failure = start + 60h;
  for (int second = 0; second < 600; ++second) {
    see("nginx/access-500", failure + second * 1s, "10.0.1.6:8080");
    if (second % 100 == 0) see("nginx/access-500", failure + second * 1s + 1ms, "10.0.1.5:8080");
  }
  ASSERT_THAT(changes(), ElementsAre(Change::opened));
  EXPECT_EQ(told[0].entity.value, "10.0.1.6:8080");
}

TEST_F(EverydayLinesTest, AreRememberedOverARestart) {
  chatter(start, start + 30h, 2min);
  const auto rules = [] {
    auto answered_500 = rule("nginx/access-500", {cause("app-exception", 0.6)}, Severity::warning);
    answered_500.alone_from = 5;
    return rule_set({answered_500});
  }();
  const auto saved = kept(diagnoser.take_state_changes());
  diagnoser = Diagnoser(rules, options);
  told.clear();
  EXPECT_THAT(diagnoser.restore(saved, start + 30h), IsEmpty());
  chatter(start + 30h, start + 40h, 2min);
  EXPECT_THAT(changes(), IsEmpty());
}

}  // namespace
}  // namespace triaged::diagnosis
