// The past is not news: which incidents are history, and what makes one news.
#include <gmock/gmock.h>

#include "tests/support/diagnosis_fixture.hpp"

namespace triaged::diagnosis {
namespace {

using testing::ElementsAre;

constexpr auto server = "10.0.1.5:8080";
const TimePoint days_ago = start - 24h * 9;

Symptom from_before(Symptom symptom) {
  symptom.predates_following = true;
  return symptom;
}
Symptom undated(Symptom symptom) {
  symptom.has_own_time = false;
  return symptom;
}

/// A daemon that starts at `start`. An incident is "opened", and "opened as history" when nobody is to be notified.
class DiagnoserOfThePast : public testing::Test {
 protected:
  DiagnoserOfThePast() { EXPECT_TRUE(diagnoser.restore({}, start).empty()); }

  void see(const Symptom& seen) { diagnoser.on_findings(std::vector<Finding>{seen}); }
  std::vector<std::string> changes_until(TimePoint now) {
    diagnoser.advance_to(now);
    std::vector<std::string> changes;
    for (const auto& incident : diagnoser.take_changes()) {
      changes.push_back(std::string(name_of(incident.change)) + (incident.is_history ? " as history" : ""));
    }
    return changes;
  }
  void restart(TimePoint now) {
    const auto saved = diagnoser.saved_state();
    diagnoser = make();
    EXPECT_TRUE(diagnoser.restore(saved, now).empty());
  }
  static Diagnoser make() {
    return {rule_set({rule("nginx/refused", {cause("app-down", 0.7)}),
                      rule("nginx/started", {cause("restart", 0.7)}, Severity::info)}),
            {.settle = 2s, .resolve_after = 10min, .max_age = 1h}};
  }

  Diagnoser diagnoser = make();
};

TEST_F(DiagnoserOfThePast, ReportsAsHistoryWhatIsOldAndWasThereBefore) {
  see(from_before(symptom("nginx/refused", days_ago, server)));
  EXPECT_THAT(changes_until(start + 3s), ElementsAre("opened as history"));
  EXPECT_THAT(changes_until(start + 11min), ElementsAre("resolved as history"));
}

TEST_F(DiagnoserOfThePast, ReportsAsNewsWhatIsOldAndCameWhileItFollowed) {
  see(symptom("nginx/refused", days_ago, server));
  EXPECT_THAT(changes_until(start + 3s), ElementsAre("opened"));
}

TEST_F(DiagnoserOfThePast, ReportsAsNewsWhatWasThereBeforeAndIsYoungEnough) {
  see(from_before(symptom("nginx/refused", start - 1h, server)));
  EXPECT_THAT(changes_until(start + 3s), ElementsAre("opened"));
}

TEST_F(DiagnoserOfThePast, TakesForHistoryWhatWasThereBeforeAndSaysNoTime) {
  see(from_before(undated(symptom("nginx/refused", start, server))));
  EXPECT_THAT(changes_until(start + 3s), ElementsAre("opened as history"));
}

TEST_F(DiagnoserOfThePast, ReportsAnIncidentOfHistoryAtOnceWhenNewsJoinIt) {
  see(from_before(undated(symptom("nginx/refused", start, server))));
  see(from_before(undated(symptom("nginx/refused", start, server))));
  see(from_before(undated(symptom("nginx/refused", start, server))));
  see(from_before(undated(symptom("nginx/refused", start, server))));
  EXPECT_THAT(changes_until(start + 3s), ElementsAre("opened as history"));
  see(symptom("nginx/refused", start + 4s, server));
  EXPECT_THAT(changes_until(start + 8s), ElementsAre("updated"));
  EXPECT_THAT(changes_until(start + 11min), ElementsAre("resolved"));
}

TEST_F(DiagnoserOfThePast, IsNotMadeNewsByMereContext) {
  see(from_before(undated(symptom("nginx/refused", start, server))));
  see(symptom("nginx/started", start + 1s, server));
  EXPECT_THAT(changes_until(start + 4s), ElementsAre("opened as history"));
}

TEST_F(DiagnoserOfThePast, StaysWhatItWasOverARestart) {
  see(from_before(symptom("nginx/refused", days_ago, server)));
  restart(start + 1s);
  EXPECT_THAT(changes_until(start + 3s), ElementsAre("opened as history"));
  restart(start + 4s);
  see(symptom("nginx/refused", days_ago + 1min, server));
  EXPECT_THAT(changes_until(start + 9s), ElementsAre("updated"));
}

TEST_F(DiagnoserOfThePast, IsNewsWhenAnEarlierVersionKeptIt) {
  see(from_before(symptom("nginx/refused", days_ago, server)));
  auto saved = diagnoser.saved_state();
  for (auto& row : saved) {
    const std::string said = R"("has_news":false,"told_news":false,)";
    if (row.kind == StateKind::incident) row.value.erase(row.value.find(said), said.size());
  }
  diagnoser = make();
  EXPECT_TRUE(diagnoser.restore(saved, start).empty());
  EXPECT_THAT(changes_until(start + 3s), ElementsAre("opened"));
}

}  // namespace
}  // namespace triaged::diagnosis
