#include "diagnosis/patterns.hpp"

#include <gtest/gtest.h>

#include "tests/support/diagnosis_fixture.hpp"

namespace triaged::diagnosis {
namespace {

using Shown = std::optional<std::string>;

/// A line of nginx's access log that says how a request ended.
Symptom request(TimePoint at, const char* status, const char* client = "203.0.113.9") {
  static std::uint64_t offset = 0;
  auto made = symptom("nginx/access-502", at, "10.0.0.5:8000");
  made.format = "nginx.access";
  made.source = "access.log";
  made.offset = ++offset;
  made.fields.push_back({"status", status});
  made.fields.push_back({"client", client});
  return made;
}

class PatternsTest : public testing::Test {
 protected:
  PatternsTest() { incident.entity = {"upstream", "10.0.0.5:8000"}; }
  void see(const Symptom& seen) {
    add_symptom(incident, seen, incident.entity);
    note_failure(incident, seen.at);
  }
  /// One request every ten seconds.
  void fail(int requests) {
    for (int i = 0; i < requests; ++i) see(request(start + i * 10s, "502"));
  }
  Shown shown(std::string_view name) const { return pattern_shown(name, incident, answers); }

  OpenIncident incident;
  GoodAnswers answers;
};

TEST_F(PatternsTest, SaysWhetherAllRequestsFailOrFewOfThem) {
  fail(4);
  EXPECT_EQ(shown("all-requests-fail"), std::nullopt) << "four are too few to say";
  fail(1);
  EXPECT_EQ(shown("all-requests-fail"), "all 5 requests failed from the first failure to the last");
  answers.meanwhile = 99;
  EXPECT_EQ(shown("all-requests-fail"), std::nullopt);
  EXPECT_EQ(shown("few-requests-fail"), std::nullopt);
  answers.meanwhile = 100;
  EXPECT_EQ(shown("few-requests-fail"), std::nullopt) << "nobody knows whose answers they are";
  answers.are_named = true;
  EXPECT_EQ(shown("few-requests-fail"), "5 of 105 requests failed");
}

TEST_F(PatternsTest, CountsARequestOnceHoweverManyRulesKnowItsLine) {
  const auto line = request(start, "502");
  see(line);
  auto again = line;
  again.rule = "nginx/access-5xx";
  see(again);
  EXPECT_EQ(incident.statistics.failing_requests(), 1u);
}

TEST_F(PatternsTest, CountsARequestThatTwoLogsTellOfOnce) {
  see(request(start, "502"));
  auto of_haproxy = request(start, "502");
  of_haproxy.format = "haproxy.http";
  see(of_haproxy);
  EXPECT_EQ(incident.statistics.failing_requests(), 1u);
}

TEST_F(PatternsTest, SaysThatAServerNeverAnsweredAsItShould) {
  answers.are_named = true;
  fail(3);
  EXPECT_EQ(shown("never-succeeded"), std::nullopt) << "20 s are too short to say so";
  see(request(start + 40s, "502"));
  EXPECT_EQ(shown("never-succeeded"), "10.0.0.5:8000 answered no request as it should, neither before nor in 40 s");
  answers.before = 1;
  EXPECT_EQ(shown("never-succeeded"), std::nullopt);
}

TEST_F(PatternsTest, SaysWhoAnsweredMeanwhile) {
  answers.by_others = 2;
  EXPECT_EQ(shown("others-answer"), std::nullopt);
  answers.by_others = 120;
  answers.other = "10.0.0.6:8000";
  EXPECT_EQ(shown("others-answer"), "other servers answered 120 requests meanwhile, 10.0.0.6:8000 among them");
}

TEST_F(PatternsTest, SaysThatItWasOverSoon) {
  fail(2);
  EXPECT_EQ(shown("recovered-soon"), std::nullopt) << "nobody knows yet";
  answers.since = 3;
  EXPECT_EQ(shown("recovered-soon"), std::nullopt) << "nobody knows whose answers they are";
  answers.are_named = true;
  EXPECT_EQ(shown("recovered-soon"), "it was over after 10 s: 3 requests were answered since");
  EXPECT_EQ(shown("lasted-long"), std::nullopt);
  see(request(start + 31s, "502"));
  EXPECT_EQ(shown("recovered-soon"), std::nullopt);
  EXPECT_EQ(shown("lasted-long"), "it failed for 31 s");
}

TEST_F(PatternsTest, SeesWhatComesAtARhythm) {
  for (int i = 0; i < 3; ++i) see(request(start + i * 300s, "502"));
  EXPECT_EQ(shown("regular-intervals"), std::nullopt);
  see(request(start + 905s, "502"));
  EXPECT_EQ(shown("regular-intervals"), "it came 4 times, every 302 s");
  see(request(start + 1000s, "502"));
  EXPECT_EQ(shown("regular-intervals"), std::nullopt);
}

TEST_F(PatternsTest, SayWhatWasAnsweredMeanwhile) {
  answers.meanwhile = 5;
  EXPECT_EQ(shown("answers-meanwhile"), std::nullopt);  // no access log says that a request failed
  fail(3);
  EXPECT_EQ(shown("answers-meanwhile"), "5 other requests were answered meanwhile");
  answers.meanwhile = 4;
  EXPECT_EQ(shown("answers-meanwhile"), std::nullopt);
}

TEST_F(PatternsTest, TakesFailuresThatGoOnForOneBurst) {
  for (int i = 0; i < 100; ++i) see(request(start + i * 10s, "502"));
  EXPECT_EQ(incident.statistics.bursts, std::vector{start});
}

TEST_F(PatternsTest, ReadsHowManyServersAreLeftFromTheLatestLine) {
  EXPECT_EQ(shown("no-servers-left"), std::nullopt);
  auto down = symptom("haproxy/server-down", start, "");
  down.fields = {{"active_left", "1"}, {"backup_left", "0"}};
  see(down);
  EXPECT_EQ(shown("some-servers-left"), "1 of the backend's servers is left");
  down.at = start + 1s;
  down.fields = {{"active_left", "0"}, {"backup_left", "0"}};
  see(down);
  EXPECT_EQ(shown("some-servers-left"), std::nullopt);
  EXPECT_EQ(shown("no-servers-left"), "no server of the backend is left");
}

TEST_F(PatternsTest, TellsOneClientFromMany) {
  fail(5);
  EXPECT_EQ(shown("one-client"), "all 5 lines that name a client name 203.0.113.9");
  see(request(start + 60s, "502", "203.0.113.10"));
  EXPECT_EQ(shown("one-client"), std::nullopt);
  EXPECT_EQ(shown("many-clients"), std::nullopt);
  see(request(start + 61s, "502", "203.0.113.11"));
  EXPECT_EQ(shown("many-clients"), "lines of 3 different clients");
}

TEST_F(PatternsTest, DoesNotTakeAProxyForAClient) {
  for (const char* proxy : {"127.0.0.1", "172.16.0.1", "172.31.255.1", "fd00::1", "unix:"}) {
    incident = {};
    for (int i = 0; i < 5; ++i) see(request(start + i * 1s, "502", proxy));
    EXPECT_EQ(shown("one-client"), std::nullopt) << proxy;
  }
  incident = {};
  for (int i = 0; i < 5; ++i) see(request(start + i * 1s, "502", "172.32.0.1"));
  EXPECT_EQ(shown("one-client"), "all 5 lines that name a client name 172.32.0.1");
}

TEST_F(PatternsTest, KeepsItsCountsOverARestart) {
  fail(5);
  incident.statistics.hidden = 2;
  const auto kept = open_incident_from_json(to_json(incident));
  ASSERT_TRUE(kept);
  EXPECT_EQ(kept->statistics.failing_requests(), 5u);
  EXPECT_EQ(kept->statistics.hidden, 2u);
  EXPECT_EQ(kept->statistics.clients.values, incident.statistics.clients.values);
  EXPECT_EQ(kept->statistics.bursts, std::vector{start});
}

TEST_F(PatternsTest, KeepsTheRhythmWhenTheIncidentComesBack) {
  fail(1);
  OpenIncident again;
  add_symptom(again, request(start + 300s, "502"), incident.entity);
  note_failure(again, start + 300s);
  recur(again, incident);
  EXPECT_EQ(again.statistics.bursts, (std::vector<TimePoint>{start, start + 300s}));
}

}  // namespace
}  // namespace triaged::diagnosis
