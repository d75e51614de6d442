// One failure is one incident: when its servers answer again it is over, the next failure is the next incident, and the
// same failure once more is the same incident.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "diagnosis/diagnoser.hpp"
#include "tests/support/diagnosis_fixture.hpp"

namespace triaged::diagnosis {
namespace {

using testing::ElementsAre;

class RecoveryTest : public testing::Test {
 protected:
  RecoveryTest() {
    auto refused = rule("nginx/refused", {cause("upstream-down", 0.9)});
    refused.leads_to = {{.rule = "nginx/relayed", .within = 10s}};
    auto relayed = rule("nginx/relayed", {cause("upstream-app-returned-5xx", 0.3)}, Severity::error);
    diagnoser = Diagnoser(rule_set({refused, relayed, rule("nginx/timeout", {cause("upstream-slow", 0.9)}),
                                    rule("gunicorn/booted", {cause("deploy-restart", 0.01)}, Severity::info)}),
                          {.settle = 2s, .resolve_after = 10min, .language = Language::english, .host = "web-1"});
  }

  static Answers answers(TimePoint at, std::uint64_t lines, std::string upstream) {
    Answers made{{.format = "nginx.access", .source = "access.log", .at = at, .has_own_time = true}, lines};
    if (!upstream.empty()) made.fields = {{"upstream", std::move(upstream)}};
    return made;
  }
  void see(const Finding& finding) {
    diagnoser.on_findings({&finding, 1});
    advance_to(matched_line(finding).at);
  }
  void advance_to(TimePoint now) {
    diagnoser.advance_to(now);
    for (auto& change : diagnoser.take_changes()) changes.push_back(std::move(change));
  }
  /// A failure a second for ten seconds.
  void fail(const char* rule, TimePoint at) {
    for (int i = 0; i < 10; ++i) see(symptom(rule, at + i * 1s, address));
    advance_to(at + 12s);
  }
  /// A good answer a second.
  void answer(TimePoint from, TimePoint to, const std::string& upstream = address) {
    for (auto at = from; at < to; at += 1s) see(answers(at, 1, upstream));
  }
  std::vector<std::pair<Change, std::string>> told() const {
    std::vector<std::pair<Change, std::string>> all;
    for (const auto& change : changes) all.emplace_back(change.change, change.causes.front().cause);
    return all;
  }

  static constexpr auto address = "10.0.1.5:8080";
  Diagnoser diagnoser{rule_set({}), {}};
  std::vector<Incident> changes;
};

TEST_F(RecoveryTest, EndsAStoryAMinuteAfterItsServerAnswersAgain) {
  fail("nginx/refused", start);
  answer(start + 12s, start + 60s);
  EXPECT_THAT(told(), ElementsAre(std::pair(Change::opened, "upstream-down")));
  answer(start + 60s, start + 85s);
  EXPECT_THAT(told(),
              ElementsAre(std::pair(Change::opened, "upstream-down"), std::pair(Change::resolved, "upstream-down")));
}

TEST_F(RecoveryTest, TakesTheAnswersOfTheTierWhenTheLogDoesNotSayWhoAnswered) {
  fail("nginx/refused", start);
  answer(start + 12s, start + 85s, "");
  EXPECT_EQ(told().size(), 2u);
}

TEST_F(RecoveryTest, DoesNotTakeTheAnswersOfAnotherServerForOneThatWasNeverSeenToAnswer) {
  fail("nginx/refused", start);
  answer(start + 12s, start + 5min, "10.0.1.6:8080");
  EXPECT_EQ(told().size(), 1u);
}

TEST_F(RecoveryTest, DoesNotTakeTheAnswersOfAnotherServer) {
  answer(start - 60s, start);
  fail("nginx/refused", start);
  answer(start + 12s, start + 5min, "10.0.1.6:8080");
  EXPECT_EQ(told().size(), 1u);
}

TEST_F(RecoveryTest, WaitsForMoreAnswersWhenFewRequestsFail) {
  // Two in a minute of a hundred a second.
  for (int second = 0; second <= 60; ++second) {
    see(answers(start + second * 1s, 100, address));
    if (second % 30 == 0) see(symptom("nginx/refused", start + second * 1s, address));
  }
  for (int second = 61; second < 180; ++second) see(answers(start + second * 1s, 20, address));
  EXPECT_EQ(told().size(), 1u) << "2,400 good answers are no more than came between two failures";
  for (int second = 180; second < 300; ++second) see(answers(start + second * 1s, 100, address));
  EXPECT_EQ(told().size(), 2u);
}

TEST_F(RecoveryTest, WaitsForTwiceTheLongestGapBetweenTwoFailures) {
  for (int i = 0; i < 3; ++i) see(symptom("nginx/refused", start + i * 50s, address));
  answer(start + 101s, start + 3min);
  EXPECT_EQ(told().size(), 1u);
  answer(start + 3min, start + 4min);
  EXPECT_EQ(told().size(), 2u);
}

TEST_F(RecoveryTest, OpensAnotherIncidentForTheNextFailureOfTheSameServer) {
  fail("nginx/refused", start);
  answer(start + 12s, start + 2min);
  fail("nginx/timeout", start + 2min);
  EXPECT_THAT(told(),
              ElementsAre(std::pair(Change::opened, "upstream-down"), std::pair(Change::resolved, "upstream-down"),
                          std::pair(Change::opened, "upstream-slow")));
  EXPECT_NE(changes[0].id, changes[2].id);
}

TEST_F(RecoveryTest, OpensAnotherIncidentForWhatTheOpenOneDoesNotExplain) {
  fail("nginx/timeout", start);
  see(symptom("nginx/timeout", start + 40s, address));
  see(symptom("nginx/refused", start + 50s, address));
  advance_to(start + 55s);
  EXPECT_THAT(told(),
              ElementsAre(std::pair(Change::opened, "upstream-slow"), std::pair(Change::opened, "upstream-down")));
}

TEST_F(RecoveryTest, JoinsAConsequenceThatIsSeenMinutesLater) {
  fail("nginx/refused", start);
  see(symptom("nginx/relayed", start + 5min, address));
  advance_to(start + 6min);
  EXPECT_EQ(diagnoser.open_count(), 1u);
}

TEST_F(RecoveryTest, TakesARestartMinutesLaterForNoPartOfTheFailure) {
  fail("nginx/refused", start);
  see(symptom("gunicorn/booted", start + 3min, address));
  EXPECT_EQ(diagnoser.open_incidents().front().rules, std::vector<std::string>{"nginx/refused"});
}

TEST_F(RecoveryTest, GoesOnWithTheSameIncidentWhenTheSameFailureComesBackSoon) {
  for (int i = 0; i < 5; ++i) {
    fail("nginx/refused", start + i * 4min);
    answer(start + i * 4min + 12s, start + i * 4min + 3min);
  }
  ASSERT_FALSE(changes.empty());
  for (const auto& change : changes) EXPECT_EQ(change.id, changes.front().id);
  EXPECT_EQ(diagnoser.open_count(), 1u) << "it came back every four minutes: three without it say nothing";
  const auto incident = diagnoser.open_incidents().front();
  EXPECT_EQ(incident.recurred, 4u);
  EXPECT_EQ(incident.count, 50u);
  EXPECT_EQ(incident.first_seen, start);
}

TEST_F(RecoveryTest, TellsOfTheSameFailureOnceMoreAndThenWaitsLongerBeforeItSaysThatItIsOver) {
  for (int i = 0; i < 5; ++i) {
    fail("nginx/refused", start + i * 4min);
    answer(start + i * 4min + 12s, start + i * 4min + 3min);
  }
  answer(start + 19min, start + 30min);
  const auto over = std::pair(Change::resolved, std::string("upstream-down"));
  const auto begins = std::pair(Change::opened, std::string("upstream-down"));
  EXPECT_THAT(told(), ElementsAre(begins, over, begins, over));
  EXPECT_EQ(changes.back().change_number, 4u);
}

TEST_F(RecoveryTest, TakesAnotherCauseForAnotherIncidentHoweverSoonItComes) {
  fail("nginx/refused", start);
  answer(start + 12s, start + 3min);
  fail("nginx/timeout", start + 3min);
  answer(start + 3min + 12s, start + 6min);
  fail("nginx/refused", start + 6min);
  ASSERT_EQ(changes.size(), 5u);
  EXPECT_EQ(changes[4].id, changes[0].id);
  EXPECT_EQ(changes[4].recurred, 1u);
  EXPECT_NE(changes[2].id, changes[0].id);
}

}  // namespace
}  // namespace triaged::diagnosis
