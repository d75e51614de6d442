// Which symptoms are one story: by entity, by transitions between rules, and by what the logs told of processes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "diagnosis/diagnoser.hpp"
#include "diagnosis/process_addresses.hpp"
#include "tests/support/diagnosis_fixture.hpp"

namespace triaged {
namespace {

using testing::ElementsAre;
using testing::UnorderedElementsAre;

Transition leading_to(const char* rule) { return {.rule = rule, .within = 60s}; }

Workaround workaround(std::string id, double success_rate) {
  return {.id = id, .action = {id, ""}, .success_rate = success_rate};
}

class JoiningTest : public testing::Test {
 protected:
  JoiningTest() {
    auto oom = rule("kernel/oom-kill", {cause("oom-kill", 0.9)});
    oom.entity = "process";
    oom.causes[0].workarounds = {"raise-memory"};
    oom.workarounds = {workaround("raise-memory", 0.5)};
    oom.leads_to = {leading_to("gunicorn/worker-killed"), leading_to("nginx/refused")};
    auto refused = rule("nginx/refused", {cause("upstream-down", 0.9)});
    refused.causes[0].workarounds = {"start-it"};
    refused.workarounds = {workaround("start-it", 0.9)};
    rules = rule_set({oom, refused, rule("gunicorn/worker-killed", {cause("worker-killed-sigkill", 0.5)}),
                      rule("gunicorn/worker-booted", {cause("deploy-restart", 0.01)}, Severity::info)});
    diagnoser = Diagnoser(rules, options);
  }

  void see(const Symptom& seen) { diagnoser.on_symptoms({&seen, 1}); }
  void boot(std::string pid, std::string upstream) {
    auto booted = symptom("gunicorn/worker-booted", start - 1h, std::move(upstream));
    booted.fields.push_back({"worker_pid", std::move(pid)});
    see(booted);
  }
  static Symptom oom_kill(std::string pid, std::string host = "") {
    auto kill = symptom("kernel/oom-kill", start, "");
    kill.format = "kernel";
    kill.host = std::move(host);
    kill.fields = {{"process", "gunicorn"}, {"pid", std::move(pid)}};
    return kill;
  }
  /// The root cause and the rules of every open incident.
  std::vector<std::pair<std::string, std::vector<std::string>>> stories() {
    diagnoser.advance_to(start + 1min);
    std::vector<std::pair<std::string, std::vector<std::string>>> told;
    for (const auto& incident : diagnoser.open_incidents()) {
      told.emplace_back(incident.causes.front().cause, incident.rules);
    }
    return told;
  }

  DiagnosisOptions options{
      .settle = 2s, .update_every = 15min, .resolve_after = 10min, .language = Language::english, .host = "web-1"};
  std::shared_ptr<const RuleSet> rules;
  Diagnoser diagnoser{rule_set({}), options};
};

TEST_F(JoiningTest, KeepsAKilledWorkerApartFromAnotherAddressThatRefuses) {
  boot("4242", "127.0.0.1:8000");
  see(oom_kill("4242"));
  see(symptom("nginx/refused", start, "127.0.0.1:8003"));
  EXPECT_THAT(stories(), UnorderedElementsAre(testing::Pair("oom-kill", ElementsAre("kernel/oom-kill")),
                                              testing::Pair("upstream-down", ElementsAre("nginx/refused"))));
}

TEST_F(JoiningTest, KeepsThemApartWhicheverCameFirst) {
  boot("4242", "127.0.0.1:8000");
  see(symptom("nginx/refused", start, "127.0.0.1:8003"));
  see(oom_kill("4242"));
  EXPECT_EQ(stories().size(), 2u);
}

TEST_F(JoiningTest, JoinsAKilledWorkerToTheAddressThatItServed) {
  boot("4242", "127.0.0.1:8000");
  see(oom_kill("4242"));
  see(symptom("nginx/refused", start, "127.0.0.1:8000"));
  EXPECT_THAT(stories(), ElementsAre(testing::Pair("oom-kill", ElementsAre("kernel/oom-kill", "nginx/refused"))));
}

TEST_F(JoiningTest, JoinsAKilledProcessThatNobodyKnowsToWhatFailsThen) {
  see(oom_kill("4242"));
  see(symptom("nginx/refused", start, "127.0.0.1:8003"));
  EXPECT_EQ(stories().size(), 1u);
}

TEST_F(JoiningTest, DoesNotTakeAProcessOfAnotherMachineForItsNamesake) {
  auto booted = symptom("gunicorn/worker-booted", start - 1h, "127.0.0.1:8000");
  booted.host = "app-1";
  booted.fields.push_back({"worker_pid", "4242"});
  see(booted);
  see(oom_kill("4242", "app-2"));
  see(symptom("nginx/refused", start, "127.0.0.1:8003"));
  EXPECT_EQ(stories().size(), 1u);
}

TEST_F(JoiningTest, StillKnowsTheProcessesAfterARestart) {
  boot("4242", "127.0.0.1:8000");
  const auto saved = diagnoser.take_state_changes().changed;
  Diagnoser after(rules, options);
  EXPECT_TRUE(after.restore(saved, start).empty());
  diagnoser = std::move(after);
  see(oom_kill("4242"));
  see(symptom("nginx/refused", start, "127.0.0.1:8003"));
  EXPECT_EQ(stories().size(), 2u);
}

TEST_F(JoiningTest, TreatsTheRootCauseBeforeItsConsequences) {
  see(oom_kill("4242"));
  see(symptom("nginx/refused", start, "127.0.0.1:8000"));
  diagnoser.advance_to(start + 1min);
  const auto incident = diagnoser.open_incidents().at(0);
  ASSERT_EQ(incident.workarounds.size(), 2u);
  EXPECT_EQ(incident.workarounds[0].action, "raise-memory");
  EXPECT_EQ(incident.workarounds[1].action, "start-it");
}

TEST_F(JoiningTest, ResolvesAFailureAlthoughEverydayLifeGoesOn) {
  see(symptom("nginx/refused", start, "127.0.0.1:8000"));
  for (int minute = 1; minute <= 12; ++minute) {
    auto booted = symptom("gunicorn/worker-booted", start + minute * 1min, "127.0.0.1:8000");
    see(booted);
    diagnoser.advance_to(start + minute * 1min);
  }
  const auto changes = diagnoser.take_changes();
  ASSERT_EQ(changes.size(), 2u);
  EXPECT_EQ(changes[1].change, Change::resolved);
}

TEST(ProcessAddresses, ForgetsTheOnesItHeardOfFirst) {
  ProcessAddresses processes;
  for (std::size_t i = 0; i <= ProcessAddresses::most_processes; ++i) {
    auto booted = symptom("gunicorn/worker-booted", start, "127.0.0.1:8000");
    booted.fields.push_back({"worker_pid", std::to_string(i)});
    processes.learn(booted);
  }
  auto asked = symptom("gunicorn/worker-killed", start, "");
  asked.fields = {{"worker_pid", "0"}};
  EXPECT_EQ(processes.of(asked), "");
  asked.fields = {{"worker_pid", "1"}};
  EXPECT_EQ(processes.of(asked), "127.0.0.1:8000");
}

TEST(ProcessAddresses, RefusesWhatItDidNotWrite) {
  ProcessAddresses processes;
  EXPECT_FALSE(processes.restore("{}"));
  EXPECT_FALSE(processes.restore("[[1]]"));
  EXPECT_FALSE(processes.restore("not json"));
}

TEST(Addresses, OfOneMachineMayHaveSeveralNames) {
  EXPECT_TRUE(may_be_same_address("10.0.1.5:8000", "10.0.1.5:8000"));
  EXPECT_TRUE(may_be_same_address("10.0.1.5:8000", "127.0.0.1:8000"));
  EXPECT_TRUE(may_be_same_address("[::1]:8000", "10.0.1.5:8000"));
  EXPECT_FALSE(may_be_same_address("10.0.1.5:8000", "127.0.0.1:8001"));
  EXPECT_FALSE(may_be_same_address("10.0.1.5:8000", "10.0.1.6:8000"));
  EXPECT_FALSE(may_be_same_address("unix:/run/a.sock", "unix:/run/b.sock"));
}

}  // namespace
}  // namespace triaged
