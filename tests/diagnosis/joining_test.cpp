// Which symptoms are one story: by entity, by transitions between rules, and by what the logs told of processes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "diagnosis/diagnoser.hpp"
#include "diagnosis/process_addresses.hpp"
#include "tests/support/diagnosis_fixture.hpp"

namespace triaged::diagnosis {
namespace {

using testing::ElementsAre;
using testing::UnorderedElementsAre;

knowledge::Transition leading_to(const char* rule) { return {.rule = rule, .within = 60s}; }

knowledge::Workaround workaround(std::string id, double success_rate) {
  return {.id = id, .action = {id, ""}, .success_rate = success_rate};
}

Symptom oom_kill_of(const std::string& unit, const std::string& pid) {
  auto kill = symptom("kernel/oom-kill", start, "");
  kill.format = "kernel";
  kill.fields = {{"process", "gunicorn"}, {"pid", pid}, {"unit", unit}};
  return kill;
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
    refused.leads_to = {leading_to("haproxy/relayed")};
    auto relayed = rule("haproxy/relayed", {cause("upstream-app-returned-5xx", 0.5)});
    relayed.entity = "server";
    rules = rule_set({oom, refused, rule("gunicorn/worker-killed", {cause("worker-killed-sigkill", 0.5)}),
                      rule("gunicorn/worker-booted", {cause("deploy-restart", 0.01)}, Severity::info), relayed,
                      rule("nginx/unrelated", {cause("upstream-slow", 0.5)})});
    diagnoser = Diagnoser(rules, options);
  }

  void see(const Symptom& seen) { diagnoser.on_findings(std::vector<Finding>{seen}); }
  void boot(std::string pid, std::string upstream) {
    auto booted = symptom("gunicorn/worker-booted", start - 1h, std::move(upstream));
    booted.format = "gunicorn.error";
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

  DiagnosisOptions options{.settle = 2s, .resolve_after = 10min, .language = Language::english, .host = "web-1"};
  std::shared_ptr<const knowledge::RuleSet> rules;
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
  booted.format = "gunicorn.error";
  booted.host = "app-1";
  booted.fields.push_back({"worker_pid", "4242"});
  see(booted);
  see(oom_kill("4242", "app-2"));
  see(symptom("nginx/refused", start, "127.0.0.1:8003"));
  EXPECT_EQ(stories().size(), 1u);
}

TEST_F(JoiningTest, StillKnowsTheProcessesAfterARestart) {
  boot("4242", "127.0.0.1:8000");
  const auto saved = kept(diagnoser.take_state_changes());
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

class JoiningByTopology : public JoiningTest {
 protected:
  /// HAProxy has nginx on two addresses, which passes on to one application each.
  JoiningByTopology() {
    topology::Topology topology;
    for (const int site : {1, 2}) {
      const auto nginx = "127.0.0.1:900" + std::to_string(site), application = "127.0.0.1:800" + std::to_string(site);
      topology.add_server("app/web" + std::to_string(site), nginx);
      topology.add_forward("127.0.0.1:8080", nginx);
      topology.add_forward(nginx, application);
    }
    diagnoser.use_topology(topology);
  }

  static Symptom at_haproxy(const std::string& server) {
    auto line = symptom("haproxy/relayed", start + 1s, "");
    line.fields = {{"server", server}};
    return line;
  }
};

TEST_F(JoiningByTopology, LinksAServerWithWhatStandsBehindIt) {
  see(symptom("nginx/refused", start, "127.0.0.1:8001"));
  see(at_haproxy("app/web1"));
  EXPECT_EQ(stories().size(), 1u);
}

TEST_F(JoiningByTopology, KeepsAServerApartFromWhatStandsBehindAnother) {
  see(symptom("nginx/refused", start, "127.0.0.1:8001"));
  see(at_haproxy("app/web2"));
  EXPECT_EQ(stories().size(), 2u);
}

TEST_F(JoiningByTopology, LinksWhatTheConfigurationDoesNotName) {
  see(symptom("nginx/refused", start, "10.0.0.5:9999"));
  see(at_haproxy("app/web2"));
  EXPECT_EQ(stories().size(), 1u);
}

TEST_F(JoiningByTopology, LinksAProcessWithTheProxyBeforeItsProxy) {
  boot("4242", "127.0.0.1:8001");
  see(oom_kill("4242"));
  see(symptom("nginx/refused", start + 1s, "127.0.0.1:9001"));
  EXPECT_EQ(stories().size(), 1u);
  see(symptom("nginx/refused", start + 1s, "127.0.0.1:9002"));
  EXPECT_EQ(stories().size(), 2u);
}

TEST_F(JoiningByTopology, TakesAServerForItsAddress) {
  see(at_haproxy("app/web1"));
  see(symptom("nginx/unrelated", start + 2s, "127.0.0.1:9001"));
  EXPECT_EQ(stories().size(), 1u);
}

TEST_F(JoiningByTopology, TakesOpenIncidentsAlongWhenTheConfigurationChanges) {
  see(at_haproxy("app/web1"));
  topology::Topology moved;
  moved.add_server("app/web1", "127.0.0.1:9100");
  diagnoser.use_topology(moved);
  see(symptom("nginx/unrelated", start + 2s, "127.0.0.1:9001"));
  EXPECT_EQ(stories().size(), 2u);
  see(symptom("nginx/unrelated", start + 3s, "127.0.0.1:9100"));
  EXPECT_EQ(stories().size(), 2u);
}

TEST(ProcessAddresses, ForgetsTheOnesItHeardOfFirst) {
  ProcessAddresses processes;
  for (std::size_t i = 0; i <= ProcessAddresses::most_processes; ++i) {
    auto booted = symptom("gunicorn/worker-booted", start, "127.0.0.1:8000");
    booted.format = "gunicorn.error";
    booted.fields.push_back({"worker_pid", std::to_string(i)});
    processes.learn(booted, {"upstream", "127.0.0.1:8000"});
  }
  auto asked = symptom("gunicorn/worker-killed", start, "");
  asked.fields = {{"worker_pid", "0"}};
  EXPECT_EQ(processes.of(asked), "");
  asked.fields = {{"worker_pid", "1"}};
  EXPECT_EQ(processes.of(asked), "127.0.0.1:8000");
}

TEST(ProcessAddresses, ReadsWhatAnEarlierVersionWrote) {
  ProcessAddresses processes;
  EXPECT_TRUE(processes.restore(R"([["7","","127.0.0.1:8000"],["8","","127.0.0.1:8001","shop.service"]])"));
  auto asked = symptom("gunicorn/worker-killed", start, "");
  asked.fields = {{"worker_pid", "7"}};
  EXPECT_EQ(processes.of(asked), "127.0.0.1:8000");
  EXPECT_EQ(processes.unit_of(asked), "");
  asked.fields = {{"worker_pid", "8"}};
  EXPECT_EQ(processes.unit_of(asked), "shop.service");
}

TEST(ProcessAddresses, DoNotTakeTheAddressThatAProxyPassesOnToForItsOwn) {
  ProcessAddresses processes;
  auto disk_full = symptom("nginx/disk-full", start, "127.0.0.1:8000");
  disk_full.fields.insert(disk_full.fields.end(), {{"pid", "7"}, {"unit", "nginx.service"}});
  processes.learn(disk_full, {"host", "web-1"});
  EXPECT_TRUE(processes.addresses_of("nginx.service", "web-1").empty());
}

TEST(ProcessAddresses, KeepWhatIsKnownWhenOnlyALaterLineNamesTheHost) {
  ProcessAddresses processes;
  auto booted = symptom("gunicorn/worker-booted", start, "127.0.0.1:8000");
  booted.format = "gunicorn.error";
  booted.fields.push_back({"worker_pid", "7"});
  processes.learn(booted, {"upstream", "127.0.0.1:8000"});
  auto killed = oom_kill_of("shop.service", "7");
  killed.host = "web-1";
  processes.learn(killed, {"process", "gunicorn"});
  EXPECT_EQ(processes.of(killed), "127.0.0.1:8000");
  EXPECT_THAT(processes.addresses_of("shop.service", "web-1"), ElementsAre("127.0.0.1:8000"));
  killed.host = "web-2";
  EXPECT_EQ(processes.of(killed), "") << "the later line said that it is of web-1";
}

TEST(ProcessAddresses, OfAUnitAreThoseOfItsMachine) {
  ProcessAddresses processes;
  for (const int number : {1, 2}) {
    auto booted = symptom("gunicorn/worker-booted", start, "10.0.0." + std::to_string(number) + ":8000");
    booted.format = "gunicorn.error";
    booted.host = "web-" + std::to_string(number);
    booted.fields.insert(booted.fields.end(), {{"pid", std::to_string(number)}, {"unit", "shop.service"}});
    processes.learn(booted, {"source", "gunicorn.log"});
  }
  EXPECT_THAT(processes.addresses_of("shop.service", "web-1"), ElementsAre("10.0.0.1:8000"));
  EXPECT_THAT(processes.addresses_of("shop.service", ""), UnorderedElementsAre("10.0.0.1:8000", "10.0.0.2:8000"));
}

TEST(ProcessAddresses, RefusesWhatItDidNotWrite) {
  ProcessAddresses processes;
  EXPECT_FALSE(processes.restore("{}"));
  EXPECT_FALSE(processes.restore("[[1]]"));
  EXPECT_FALSE(processes.restore("not json"));
}

TEST_F(JoiningTest, DatesALineWithoutATimeByItsArrivalWhichIsALittleLater) {
  auto refused = symptom("nginx/refused", start, "10.0.1.5:8080");
  see(refused);
  auto late = oom_kill("7");
  late.at = start + 2900ms;
  late.has_own_time = false;
  see(late);
  EXPECT_EQ(stories().size(), 1u);
}

TEST_F(JoiningTest, LeavesACauseThatWasWrittenAfterItsSymptomAlone) {
  see(symptom("nginx/refused", start, "10.0.1.5:8080"));
  auto after = oom_kill("7");
  after.at = start + 2900ms;
  see(after);
  EXPECT_EQ(stories().size(), 2u);
}

TEST_F(JoiningTest, NamesTheSameOfTwoThatFailInOneMomentWhereverTheirLogsLie) {
  for (const auto* log : {"/a/error.log", "/b/error.log", "/c/error.log", "/d/error.log", "/e/error.log"}) {
    for (const bool is_turned : {false, true}) {
      Diagnoser fresh(rules, options);
      auto first = symptom("nginx/refused", start, "10.0.1.5:8080", "10.0.1.5 refuses");
      auto second = symptom("nginx/refused", start, "10.0.1.6:8080", "10.0.1.6 refuses");
      auto third = oom_kill("7");
      for (auto* line : {&first, &second, &third}) line->source = log;
      if (is_turned) std::swap(first, second);
      for (const auto* line : {&first, &second, &third}) fresh.on_findings(std::vector<Finding>{*line});
      fresh.advance_to(start + 1min);
      const auto incidents = fresh.open_incidents();
      ASSERT_EQ(incidents.size(), 1u);
      const auto& shown = incidents[0].evidence;
      const auto found = std::find_if(shown.begin(), shown.end(), [](const auto& e) { return e.line != "a line"; });
      ASSERT_NE(found, shown.end());
      EXPECT_EQ(found->line, "10.0.1.5 refuses") << log << is_turned;
    }
  }
}

TEST_F(JoiningTest, TakesTheTimesOfItsLinesForWhenItWasWhateverArrivedFirst) {
  auto first = symptom("nginx/refused", start + 5s, "10.0.1.5:8080");
  first.has_own_time = false;
  see(first);
  see(symptom("nginx/refused", start, "10.0.1.5:8080"));
  see(symptom("nginx/refused", start + 1s, "10.0.1.5:8080"));
  auto late = symptom("nginx/refused", start + 9s, "10.0.1.5:8080");
  late.has_own_time = false;
  see(late);
  diagnoser.advance_to(start + 1min);
  const auto incident = diagnoser.open_incidents().at(0);
  EXPECT_EQ(incident.count, 4u);
  EXPECT_EQ(incident.first_seen, start);
  EXPECT_EQ(incident.last_seen, start + 1s);
}

TEST_F(JoiningTest, TakesTheirArrivalWhenNoLineHasATime) {
  for (const auto at : {start, start + 9s}) {
    auto line = symptom("nginx/refused", at, "10.0.1.5:8080");
    line.has_own_time = false;
    see(line);
  }
  diagnoser.advance_to(start + 1min);
  const auto incident = diagnoser.open_incidents().at(0);
  EXPECT_EQ(incident.first_seen, start);
  EXPECT_EQ(incident.last_seen, start + 9s);
}

TEST_F(JoiningTest, SaysWhenByTheArrivalOfWhatItTellsWhenOnlyContextHasATime) {
  boot("7", "10.0.1.5:8080");
  auto line = symptom("nginx/refused", start - 1h + 5s, "10.0.1.5:8080");
  line.has_own_time = false;
  see(line);
  diagnoser.advance_to(start - 59min);
  const auto incident = diagnoser.open_incidents().at(0);
  EXPECT_EQ(incident.count, 1u);
  EXPECT_EQ(incident.first_seen, start - 1h + 5s);
}

}  // namespace
}  // namespace triaged::diagnosis
