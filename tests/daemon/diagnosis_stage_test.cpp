#include "daemon/diagnosis_stage.hpp"

#include <thread>

#include <gtest/gtest.h>

#include "base/clock.hpp"
#include "store/stored_incidents.hpp"
#include "tests/support/diagnosis_fixture.hpp"
#include "tests/support/must.hpp"
#include "tests/support/temporary_folder.hpp"

namespace triaged::daemon {
namespace {

/// Runs of a daemon on one ledger: each begins with what the last one left.
class DiagnosisStages : public testing::Test {
 protected:
  DiagnosisStages() : DiagnosisStages(must(store::Ledger::in_memory())) {}
  explicit DiagnosisStages(std::unique_ptr<store::Ledger> ledger) : ledger_(std::move(ledger)) {}

  void run(std::vector<notify::Route> routes, std::vector<Finding> findings) {
    diagnosis::Diagnoser diagnoser(rule_set({rule("refused", {cause("down", 1)}, Severity::info)}),
                                   {.settle = 0s, .resolve_after = 1h});
    const auto state = must(ledger_->state());
    EXPECT_TRUE(diagnoser.restore(state, clock_.now()).empty());
    BoundedQueue<MatchedBatch> matched(1);
    EXPECT_TRUE(matched.push({std::move(findings), {}, {}}));
    matched.close();
    const DiagnosisStage stage(std::move(diagnoser),
                               {.policy = {.routes = std::move(routes), .update_every = 0s},
                                .checkpoint = must(ledger_->cursors()),
                                .state = state,
                                .committed = [] {},
                                .tell_directly = [](const Incident&) {}},
                               *ledger_, matched);
  }

  Symptom refused() { return symptom("refused", clock_.now(), "10.0.0.5:8080"); }

  std::vector<std::string> told(const std::string& sink) const {
    std::vector<std::string> changes;
    for (const auto& notification : must(ledger_->pending(sink, 100))) {
      changes.emplace_back(name_of(notification.incident.change));
    }
    return changes;
  }

  ForwardClock clock_;
  const std::unique_ptr<store::Ledger> ledger_;
  const notify::Route all_{.sink = "all", .min_severity = Severity::info};
  const notify::Route added_{.sink = "added", .min_severity = Severity::info};
  const notify::Route errors_{.sink = "all", .min_severity = Severity::error};
  using Changes = std::vector<std::string>;
};

TEST_F(DiagnosisStages, OpenAnIncidentToASinkThatAReloadAdded) {
  run({all_}, {refused()});
  run({all_, added_}, {refused()});
  run({all_, added_}, {refused()});
  EXPECT_EQ(told("all"), (Changes{"opened", "updated", "updated"}));
  EXPECT_EQ(told("added"), (Changes{"opened", "updated"}));
}

TEST_F(DiagnosisStages, GoOnTellingASinkThatHeardOfItAndIsLessCuriousNow) {
  run({all_}, {refused()});
  run({errors_}, {refused()});
  EXPECT_EQ(told("all"), (Changes{"opened", "updated"}));
}

struct WithFolder {
  TemporaryFolder folder_;
};

/// The same with a ledger that operators can reach.
class DiagnosisStagesBesideOperators : protected WithFolder, public DiagnosisStages {
 protected:
  DiagnosisStagesBesideOperators()
      : DiagnosisStages(must(store::Ledger::open(folder_.path(), store::Durability::process))) {}

  void ask(IncidentAction action) const {
    const auto incidents = must(store::StoredIncidents::open(folder_.path(), store::StoredFor::changing));
    const auto story = must(incidents.all()).at(0);
    must(incidents.ask({.id = "r", .incident = story.incident.id, .action = action, .at = triaged::now()}));
  }
  [[nodiscard]] store::StoredStory story() const {
    return must(must(store::StoredIncidents::open(folder_.path(), store::StoredFor::reading)).all()).at(0);
  }
};

TEST_F(DiagnosisStagesBesideOperators, ResolveWhatSomebodyAskedToAndForgetThatTheyDid) {
  run({all_}, {refused()});
  ask(IncidentAction::resolve);
  run({all_}, {});
  run({all_}, {});
  EXPECT_EQ(told("all"), (Changes{"opened", "resolved"}));
  for (const auto& row : must(ledger_->state())) EXPECT_NE(row.id, story().incident.id);
  EXPECT_TRUE(must(ledger_->requests()).empty());
  EXPECT_EQ(story().incident.state, IncidentState::resolved);
}

TEST_F(DiagnosisStagesBesideOperators, TellNoMoreOfWhatIsAcknowledged) {
  run({all_}, {refused()});
  ask(IncidentAction::acknowledge);
  EXPECT_EQ(story().requested, IncidentAction::acknowledge);
  run({all_}, {refused()});
  run({all_}, {refused()});
  EXPECT_EQ(told("all"), (Changes{"opened"}));
  EXPECT_EQ(story().requested, std::nullopt);
  EXPECT_NE(story().incident.acknowledged, TimePoint{});
  EXPECT_TRUE(must(ledger_->requests()).empty());
}

TEST_F(DiagnosisStagesBesideOperators, ForgetARequestAboutAnIncidentThatIsOver) {
  run({all_}, {refused()});
  ask(IncidentAction::resolve);
  run({all_}, {});
  ask(IncidentAction::acknowledge);
  run({all_}, {});
  EXPECT_TRUE(must(ledger_->requests()).empty());
  EXPECT_EQ(told("all"), (Changes{"opened", "resolved"}));
}

TEST(DiagnosisStage, ForgetsWhatCouldNotBeRead) {
  const auto ledger = must(store::Ledger::in_memory());
  must(ledger->commit({.state = {{StateKind::incident, "bad", "?"}, {StateKind::incident, "good", "{}"}}}));
  BoundedQueue<MatchedBatch> matched(1);
  matched.close();
  {
    const DiagnosisStage stage(
        diagnosis::Diagnoser(std::make_shared<const knowledge::RuleSet>(std::vector<knowledge::Rule>{}), {}),
        {.unreadable = {{StateKind::incident, "bad"}}, .committed = [] {}, .tell_directly = [](const Incident&) {}},
        *ledger, matched);
  }
  EXPECT_EQ(must(ledger->state()), (std::vector<SavedState>{{StateKind::incident, "good", "{}"}}));
}

TEST(DiagnosisStage, CommitsWhatIsDueInPartsThatDoNotTakeLong) {
  constexpr int many = 8000;
  const auto ledger = must(store::Ledger::in_memory());
  const notify::Route all{.sink = "all", .min_severity = Severity::info};
  std::vector<Finding> findings;
  const auto at = now();
  for (int i = 0; i < many; ++i) findings.push_back(symptom("refused", at, "upstream" + std::to_string(i)));
  diagnosis::Diagnoser diagnoser(rule_set({rule("refused", {cause("down", 1)})}), {.settle = 0s});
  diagnoser.on_findings(findings);
  BoundedQueue<MatchedBatch> matched(1);
  std::uint64_t commits = 0;
  {
    const DiagnosisStage stage(
        std::move(diagnoser),
        {.policy = {.routes = {all}}, .committed = [] {}, .tell_directly = [](const Incident&) {}}, *ledger, matched);
    while (stage.counts().notifications < many) std::this_thread::yield();
    commits = stage.counts().commits;
  }
  EXPECT_GE(commits, 3U);
}

}  // namespace
}  // namespace triaged::daemon
