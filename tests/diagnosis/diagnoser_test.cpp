#include "diagnosis/diagnoser.hpp"

#include <gtest/gtest.h>

#include "tests/support/diagnosis_fixture.hpp"

namespace triaged::diagnosis {
namespace {

class DiagnoserTest : public testing::Test {
 protected:
  void use(std::vector<knowledge::Rule> rules) { diagnoser = Diagnoser(rule_set(std::move(rules)), options); }
  void see(const Symptom& seen) { diagnoser.on_findings(std::vector<Finding>{seen}); }
  std::vector<Incident> changes_until(TimePoint now, const Diagnoser::WantsUpdate& wants_update = {}) {
    diagnoser.advance_to(now, wants_update);
    return diagnoser.take_changes();
  }

  DiagnosisOptions options{.settle = 2s, .resolve_after = 10min, .language = Language::english, .host = "web-1"};
  Diagnoser diagnoser{rule_set({rule("nginx/refused", {cause("upstream-down", 0.7)})}), options};
};

TEST_F(DiagnoserTest, OpensOneIncidentForManySymptomsOfOneEntityOnceItHasSettled) {
  for (int i = 0; i < 31; ++i) see(symptom("nginx/refused", start + i * 10ms, "10.0.1.5:8080"));
  EXPECT_TRUE(changes_until(start + 1s).empty());
  const auto changes = changes_until(start + 3s);
  ASSERT_EQ(changes.size(), 1u);
  EXPECT_EQ(changes[0].change, Change::opened);
  EXPECT_EQ(changes[0].change_number, 1u);
  EXPECT_EQ(changes[0].count, 31u);
  EXPECT_EQ(changes[0].title, "nginx/refused at 10.0.1.5:8080");
  EXPECT_EQ(changes[0].entity, (Entity{"upstream", "10.0.1.5:8080"}));
  EXPECT_EQ(changes[0].host, "web-1");
  EXPECT_EQ(changes[0].causes.front().cause, "upstream-down");
  EXPECT_EQ(changes[0].causes.front().text, "because of 10.0.1.5:8080");
  EXPECT_EQ(changes[0].first_seen, start);
  EXPECT_EQ(changes[0].last_seen, start + 300ms);
}

TEST_F(DiagnoserTest, KeepsTwoEntitiesApart) {
  see(symptom("nginx/refused", start, "10.0.1.5:8080"));
  see(symptom("nginx/refused", start, "10.0.1.6:8080"));
  EXPECT_EQ(changes_until(start + 3s).size(), 2u);
}

TEST_F(DiagnoserTest, SaysNothingMoreAboutAnIncidentThatOnlyGrowsUntilAnUpdateIsWanted) {
  const Diagnoser::WantsUpdate from_15min = [](const std::string&, TimePoint at) { return at >= start + 15min; };
  see(symptom("nginx/refused", start, "10.0.1.5:8080"));
  ASSERT_EQ(changes_until(start + 3s).size(), 1u);
  see(symptom("nginx/refused", start + 5min, "10.0.1.5:8080"));
  EXPECT_TRUE(changes_until(start + 6min, from_15min).empty());
  see(symptom("nginx/refused", start + 14min, "10.0.1.5:8080"));
  const auto changes = changes_until(start + 15min, from_15min);
  ASSERT_EQ(changes.size(), 1u);
  EXPECT_EQ(changes[0].change, Change::updated);
  EXPECT_EQ(changes[0].change_number, 2u);
  EXPECT_EQ(changes[0].count, 3u);
  EXPECT_TRUE(changes_until(start + 16min, from_15min).empty()) << "it has not grown since then";
}

TEST_F(DiagnoserTest, ResolvesAfterQuietAndOpensAnewWithAnotherIdAndTheSameKey) {
  see(symptom("nginx/refused", start, "10.0.1.5:8080"));
  const auto first = changes_until(start + 3s).at(0);
  const auto resolved = changes_until(start + 11min).at(0);
  EXPECT_EQ(resolved.change, Change::resolved);
  EXPECT_EQ(resolved.state, IncidentState::resolved);
  EXPECT_EQ(resolved.id, first.id);
  see(symptom("nginx/refused", start + 1h, "10.0.1.5:8080"));
  const auto again = changes_until(start + 1h + 3s).at(0);
  EXPECT_NE(again.id, first.id);
  EXPECT_EQ(again.key, first.key);
}

TEST_F(DiagnoserTest, PutsTheRootOfAChainOnTopWhicheverCameFirst) {
  auto killed = rule("kernel/oom-kill", {cause("oom-kill", 0.95)});
  killed.entity = "host";
  killed.leads_to = {{.rule = "nginx/closed", .within = 60s}};
  use({killed, rule("nginx/closed", {cause("upstream-premature-close", 0.35)}, Severity::error)});
  see(symptom("nginx/closed", start, "10.0.1.5:8080"));
  see(symptom("kernel/oom-kill", start + 500ms, ""));
  const auto changes = changes_until(start + 3s);
  ASSERT_EQ(changes.size(), 1u);
  EXPECT_EQ(changes[0].causes.front().cause, "oom-kill");
  ASSERT_EQ(changes[0].chain.size(), 2u);
  EXPECT_EQ(changes[0].chain[0].role, ChainRole::root);
  EXPECT_EQ(changes[0].chain[0].rule, "kernel/oom-kill");
  EXPECT_EQ(changes[0].chain[1].role, ChainRole::symptom);
}

TEST_F(DiagnoserTest, TellsAnUpdateWhenALateCauseChangesTheDiagnosis) {
  auto killed = rule("kernel/oom-kill", {cause("oom-kill", 0.95)});
  killed.entity = "host";
  killed.leads_to = {{.rule = "nginx/closed", .within = 60s}};
  use({killed, rule("nginx/closed", {cause("upstream-premature-close", 0.35)})});
  see(symptom("nginx/closed", start, "10.0.1.5:8080"));
  ASSERT_EQ(changes_until(start + 3s).size(), 1u);
  see(symptom("kernel/oom-kill", start, ""));
  const auto changes = changes_until(start + 6s);
  ASSERT_EQ(changes.size(), 1u);
  EXPECT_EQ(changes[0].change, Change::updated);
  EXPECT_EQ(changes[0].causes.front().cause, "oom-kill");
}

TEST_F(DiagnoserTest, NeverJoinsTwoValuesOfOneKindOfEntityByATransition) {
  auto down = rule("gunicorn/down", {cause("upstream-down", 0.9)});
  down.leads_to = {{.rule = "nginx/refused", .within = 60s}};
  use({down, rule("nginx/refused", {cause("stale-upstream-registration", 0.5)})});
  see(symptom("gunicorn/down", start, "10.0.1.5:8080"));
  see(symptom("nginx/refused", start, "10.0.1.6:8080"));
  EXPECT_EQ(changes_until(start + 3s).size(), 2u);
}

TEST_F(DiagnoserTest, MergesTwoIncidentsWhenASymptomLinksThem) {
  auto killed = rule("kernel/oom-kill", {cause("oom-kill", 0.95)});
  killed.entity = "host";
  auto worker = rule("gunicorn/worker-killed", {cause("worker-killed-sigkill", 0.5)});
  worker.preceded_by = {{.rule = "kernel/oom-kill", .within = 10s}};
  use({killed, worker, rule("nginx/closed", {cause("upstream-premature-close", 0.35)})});
  see(symptom("kernel/oom-kill", start, ""));
  see(symptom("nginx/closed", start, "10.0.1.5:8080"));
  ASSERT_EQ(changes_until(start + 3s).size(), 2u);
  see(symptom("gunicorn/worker-killed", start + 1s, "10.0.1.5:8080"));
  const auto changes = changes_until(start + 9s);
  ASSERT_FALSE(changes.empty());
  EXPECT_EQ(changes[0].change, Change::resolved);
  EXPECT_FALSE(changes[0].merged_into.empty());
  const auto open = diagnoser.open_incidents();
  ASSERT_EQ(open.size(), 1u);
  EXPECT_EQ(open[0].id, changes[0].merged_into);
  EXPECT_EQ(open[0].count, 3u);
}

TEST_F(DiagnoserTest, IsSilentAboutRulesThatNameNoCause) {
  use({rule("gunicorn/listening", {}, Severity::info)});
  see(symptom("gunicorn/listening", start, "10.0.1.5:8080"));
  EXPECT_TRUE(changes_until(start + 1h).empty());
}

TEST_F(DiagnoserTest, GivesTheSameIdsWhenTheSameLinesAreReadAgain) {
  const auto seen = symptom("nginx/refused", start, "10.0.1.5:8080");
  Diagnoser again(rule_set({rule("nginx/refused", {cause("upstream-down", 0.7)})}), options);
  see(seen);
  again.on_findings(std::vector<Finding>{seen});
  again.advance_to(start + 3s);
  EXPECT_EQ(changes_until(start + 3s).at(0).id, again.take_changes().at(0).id);
}

TEST_F(DiagnoserTest, GoesOnWhereTheLastCommitWasAfterARestart) {
  see(symptom("nginx/refused", start, "10.0.1.5:8080"));
  const auto opened = changes_until(start + 3s).at(0);
  const auto saved = kept(diagnoser.take_state_changes());
  ASSERT_FALSE(saved.empty());
  EXPECT_EQ(saved.front().id, opened.id);
  Diagnoser after(rule_set({rule("nginx/refused", {cause("upstream-down", 0.7)})}), options);
  EXPECT_TRUE(after.restore(saved, start + 3s).empty());
  const auto more = symptom("nginx/refused", start + 4s, "10.0.1.5:8080");
  after.on_findings(std::vector<Finding>{more});
  after.advance_to(start + 8s);
  EXPECT_TRUE(after.take_changes().empty()) << "it was told before the restart";
  after.advance_to(start + 11min);
  const auto resolved = after.take_changes();
  ASSERT_EQ(resolved.size(), 1u);
  EXPECT_EQ(resolved[0].id, opened.id);
  EXPECT_EQ(resolved[0].change_number, 2u);
  EXPECT_EQ(resolved[0].count, 2u);
}

TEST_F(DiagnoserTest, DoesNotResolveAnIncidentBeforeTheLinesOfThePauseWereRead) {
  see(symptom("nginx/refused", start, "10.0.1.5:8080"));
  const auto opened = changes_until(start + 3s).at(0);
  Diagnoser after(rule_set({rule("nginx/refused", {cause("upstream-down", 0.7)})}), options);
  EXPECT_TRUE(after.restore(kept(diagnoser.take_state_changes()), start + 1h).empty());
  after.advance_to(start + 1h + 59s);
  EXPECT_TRUE(after.take_changes().empty());
  const auto in_the_pause = symptom("nginx/refused", start + 5min, "10.0.1.5:8080");
  after.on_findings(std::vector<Finding>{in_the_pause});
  after.advance_to(start + 1h + 2min);
  EXPECT_EQ(after.open_count(), 1u);
  EXPECT_EQ(after.open_incidents().at(0).id, opened.id);
  EXPECT_EQ(after.open_incidents().at(0).count, 2u);
}

TEST_F(DiagnoserTest, LetsAFirstSymptomSettleThoughItIsOldWhenItIsRead) {
  EXPECT_TRUE(diagnoser.restore({}, start + 1h).empty());
  see(symptom("nginx/refused", start, "10.0.1.5:8080"));
  EXPECT_TRUE(changes_until(start + 1h + 1s).empty());
  EXPECT_EQ(changes_until(start + 1h + 3s).size(), 1u);
}

TEST_F(DiagnoserTest, JoinsALateLineToTheIncidentOfItsTimeAlsoAfterARestart) {
  see(symptom("nginx/refused", start + 1h, "10.0.1.5:8080"));
  see(symptom("nginx/refused", start, "10.0.1.5:8080"));
  ASSERT_EQ(diagnoser.open_count(), 2u);
  Diagnoser after(rule_set({rule("nginx/refused", {cause("upstream-down", 0.7)})}), options);
  EXPECT_TRUE(after.restore(kept(diagnoser.take_state_changes()), start).empty());
  const auto late = symptom("nginx/refused", start + 1s, "10.0.1.5:8080");
  after.on_findings(std::vector<Finding>{late});
  const auto incidents = after.open_incidents();
  ASSERT_EQ(incidents.size(), 2u);
  EXPECT_EQ(incidents[0].count, 2u);
  EXPECT_EQ(incidents[0].first_seen, start);
  EXPECT_EQ(incidents[1].count, 1u);
}

TEST_F(DiagnoserTest, NamesWhatItCannotReadOfItsSavedState) {
  const std::vector<SavedState> saved = {{StateKind::incident, "01BROKEN", "{\"id\": 5}"},
                                         {StateKind::incident, "01WORSE", "not json"},
                                         {StateKind::usual_share, "of a log", "{}"},
                                         {StateKind::notified, "01BROKEN", "of another stage"}};
  EXPECT_EQ(diagnoser.restore(saved, start), (std::vector<StateKey>{{StateKind::incident, "01BROKEN"},
                                                                    {StateKind::incident, "01WORSE"},
                                                                    {StateKind::usual_share, "of a log"}}));
}

TEST_F(DiagnoserTest, ForgetsAnEndedIncidentInTheLedger) {
  see(symptom("nginx/refused", start, "10.0.1.5:8080"));
  const auto id = changes_until(start + 3s).at(0).id;
  (void)diagnoser.take_state_changes();
  (void)changes_until(start + 11min);
  const auto saved = diagnoser.take_state_changes();
  EXPECT_EQ(saved, (std::vector<SavedState>{{StateKind::incident, id, ""}}));
  EXPECT_EQ(diagnoser.open_count(), 0u);
}

TEST_F(DiagnoserTest, KeepsItsMemoryBoundedWhateverClientsInvent) {
  for (int i = 0; i < 10'050; ++i) see(symptom("nginx/refused", start, "invented-" + std::to_string(i)));
  EXPECT_EQ(diagnoser.open_count(), 9'425u);
  EXPECT_EQ(diagnoser.pushed_out(), 625u) << "a sixteenth at once";
}

TEST_F(DiagnoserTest, GivesUpFirstWhatSomebodyWasToldOf) {
  for (int i = 0; i < 700; ++i) see(symptom("nginx/refused", start + 1h, "told-" + std::to_string(i)));
  ASSERT_EQ(changes_until(start + 1h + 3s).size(), 700u);
  for (int i = 0; i < 9'301; ++i) see(symptom("nginx/refused", start, "new-" + std::to_string(i)));
  const auto changes = diagnoser.take_changes();
  ASSERT_EQ(changes.size(), 625u);
  for (const auto& change : changes) {
    EXPECT_EQ(change.change, Change::resolved);
    EXPECT_EQ(change.entity.value.substr(0, 5), "told-");
  }
}

TEST_F(DiagnoserTest, TellsWhatItGivesUpBeforeAnybodyWasToldOfIt) {
  for (int i = 0; i < 10'001; ++i) see(symptom("nginx/refused", start + i * 1us, "new-" + std::to_string(i)));
  const auto changes = diagnoser.take_changes();
  ASSERT_EQ(changes.size(), 1'250u);
  for (std::size_t i = 0; i < changes.size(); i += 2) {
    EXPECT_EQ(changes[i].change, Change::opened);
    EXPECT_EQ(changes[i + 1].change, Change::resolved);
    EXPECT_EQ(changes[i].id, changes[i + 1].id);
  }
}

TEST_F(DiagnoserTest, SaysNothingOfAHandfulOfLinesThatMeanSomethingOnlyInNumbers) {
  auto answered_500 = rule("nginx/access-500", {cause("app-exception", 0.6)}, Severity::warning);
  answered_500.alone_from = 5;
  use({answered_500, rule("nginx/refused", {cause("upstream-down", 0.7)})});
  for (int i = 0; i < 4; ++i) see(symptom("nginx/access-500", start + i * 1s, "10.0.1.5:8080"));
  EXPECT_TRUE(changes_until(start + 1min).empty());
  see(symptom("nginx/access-500", start + 2min, "10.0.1.5:8080"));
  ASSERT_EQ(changes_until(start + 3min).size(), 1u);

  see(symptom("nginx/access-500", start + 2min + 50s, "10.0.1.6:8080"));
  see(symptom("nginx/refused", start + 3min, "10.0.1.6:8080"));
  const auto changes = changes_until(start + 4min);
  ASSERT_EQ(changes.size(), 1u);
  EXPECT_EQ(changes[0].count, 2u) << "one is enough when another line tells of a failure";
}

TEST_F(DiagnoserTest, GivesUpTheMildestAndOldestWhenThereAreTooMany) {
  use({rule("nginx/refused", {cause("upstream-down", 0.7)}, Severity::critical),
       rule("nginx/uri-too-long", {cause("client-bad-request", 0.7)}, Severity::warning)});
  see(symptom("nginx/refused", start, "10.0.1.5:8080"));
  const auto grave = changes_until(start + 3s).at(0);
  for (int i = 0; i < 20'000; ++i) see(symptom("nginx/uri-too-long", start + 4s, "invented-" + std::to_string(i)));
  see(symptom("nginx/refused", start + 5s, "10.0.1.5:8080"));
  const auto incidents = diagnoser.open_incidents();
  EXPECT_EQ(incidents.front().id, grave.id);
  EXPECT_EQ(incidents.front().count, 2u);
}

TEST_F(DiagnoserTest, ResolvesAnIncidentWhoseRuleIsNoLongerLoaded) {
  see(symptom("nginx/refused", start, "10.0.1.5:8080"));
  const auto opened = changes_until(start + 3s).at(0);
  Diagnoser after(rule_set({}), options);
  EXPECT_TRUE(after.restore(kept(diagnoser.take_state_changes()), start + 3s).empty());
  after.advance_to(start + 11min);
  const auto resolved = after.take_changes();
  ASSERT_EQ(resolved.size(), 1u);
  EXPECT_EQ(resolved[0].id, opened.id);
  EXPECT_EQ(resolved[0].key, opened.key);
  EXPECT_EQ(resolved[0].change, Change::resolved);
  EXPECT_EQ(resolved[0].rules, std::vector<std::string>{"nginx/refused"});
  EXPECT_EQ(resolved[0].causes.front().cause, "upstream-down");
}

TEST_F(DiagnoserTest, DoesNotWaitForATimeThatTheClockWasSetBackFrom) {
  see(symptom("nginx/refused", start + 5h, "10.0.1.5:8080"));
  Diagnoser after(rule_set({rule("nginx/refused", {cause("upstream-down", 0.7)})}), options);
  EXPECT_TRUE(after.restore(kept(diagnoser.take_state_changes()), start).empty());
  after.advance_to(start + 2s);
  EXPECT_EQ(after.take_changes().size(), 1u);
  after.advance_to(start + 10min);
  EXPECT_EQ(after.take_changes().at(0).change, Change::resolved);
}

TEST(Diagnoser, JudgesInStepsWhenItIsNotGivenTheTimeForAll) {
  Diagnoser diagnoser(rule_set({rule("refused", {cause("down", 1)})}), {.settle = 1s});
  for (int i = 0; i < 5; ++i) {
    diagnoser.on_findings(std::vector<Finding>{symptom("refused", start, "10.0.0." + std::to_string(i))});
  }
  int judged = 0;
  EXPECT_FALSE(diagnoser.advance_to(start + 2s, {}, [&] { return ++judged == 2; }));
  EXPECT_EQ(diagnoser.take_changes().size(), 2U);
  EXPECT_TRUE(diagnoser.advance_to(start + 2s + Microseconds(1)));
  EXPECT_EQ(diagnoser.take_changes().size(), 3U);
}

}  // namespace
}  // namespace triaged::diagnosis
