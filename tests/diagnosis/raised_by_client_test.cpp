// What clients raise (`raised_by: client`), over days: no news at any share, until it is more than usual.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "diagnosis/diagnoser.hpp"
#include "tests/support/diagnosis_fixture.hpp"

namespace triaged::diagnosis {
namespace {

using testing::Each;
using testing::IsEmpty;
using testing::Not;

class RaisedByClientTest : public testing::Test {
 protected:
  RaisedByClientTest() {
    auto bad_request = rule("nginx/client-bad-request", {cause("client-bad-request", 0.9)}, Severity::warning);
    bad_request.alone_from = 20;
    bad_request.matches.push_back({.regex = "client sent", .is_raised_by_client = true});
    std::vector<knowledge::Rule> rules = {rule("nginx/refused", {cause("upstream-down", 0.7)}),
                                          rule("nginx/started", {cause("deploy-restart", 0.02)}, Severity::info)};
    for (const auto* id : {"nginx/client-timeout", "nginx/client-body-too-large", "nginx/client-tls-handshake"}) {
      bad_request.id = id;
      bad_request.causes = {cause(id, 0.9)};
      rules.push_back(bad_request);
    }
    bad_request.id = "nginx/client-bad-request";
    bad_request.causes = {cause("client-bad-request", 0.9)};
    rules.push_back(bad_request);
    diagnoser = Diagnoser(rule_set(std::move(rules)), options);
  }

  /// A line that is the last of `log_lines`.
  void see(const std::string& rule, TimePoint at, std::uint64_t log_lines = 1) {
    auto seen = symptom(rule, at, "10.0.1.5:8080");
    seen.log_lines = log_lines;
    diagnoser.on_findings(std::vector<Finding>{seen});
    diagnoser.advance_to(at);
    for (auto& change : diagnoser.take_changes()) told.push_back(std::move(change));
  }
  /// One line each `pause`, of `log_lines` in the log.
  void bad_requests(TimePoint from, TimePoint to, Microseconds pause, std::uint64_t log_lines) {
    for (auto at = from; at < to; at += pause) see("nginx/client-bad-request", at, log_lines);
  }
  [[nodiscard]] std::vector<Severity> severities() const {
    std::vector<Severity> all;
    for (const auto& incident : told) all.push_back(incident.severity);
    return all;
  }

  DiagnosisOptions options{.settle = 2s, .resolve_after = 10min, .language = Language::english, .host = "web-1"};
  Diagnoser diagnoser{rule_set({}), options};
  std::vector<Incident> told;
};

TEST_F(RaisedByClientTest, AFloodIsInformationAsLongAsNobodyKnowsWhatIsUsual) {
  bad_requests(start, start + 1h, 1s, 1);
  ASSERT_THAT(told, Not(IsEmpty()));
  EXPECT_THAT(severities(), Each(Severity::info));
}

TEST_F(RaisedByClientTest, OfSeveralKindsAreOneIncidentOfInformation) {
  for (const auto* rule : {"nginx/client-bad-request", "nginx/client-timeout", "nginx/client-body-too-large",
                           "nginx/client-tls-handshake"}) {
    see(rule, start);
  }
  see("nginx/started", start);
  diagnoser.advance_to(start + 1min);
  told = diagnoser.take_changes();
  ASSERT_THAT(told, testing::SizeIs(1));
  EXPECT_EQ(told[0].severity, Severity::info);
  EXPECT_THAT(told[0].rules, testing::SizeIs(testing::Ge(4U)));
}

TEST_F(RaisedByClientTest, AreNotMissedAmongFactsThatAreNoNews) {
  see("nginx/started", start);
  diagnoser.advance_to(start + 1min);
  EXPECT_THAT(diagnoser.take_changes(), IsEmpty());
}

TEST_F(RaisedByClientTest, AreAWarningWhenTheyAreALargerShareThanUsual) {
  bad_requests(start, start + 12h, 60s, 60);
  EXPECT_THAT(severities(), Each(Severity::info));
  told.clear();
  bad_requests(start + 12h, start + 12h + 10min, 2s, 2);
  ASSERT_THAT(told, Not(IsEmpty()));
  EXPECT_EQ(told.back().severity, Severity::warning);
  EXPECT_THAT(told.back().causes.front().because.front().text, testing::HasSubstr("usually one line in 6"));
}

TEST_F(RaisedByClientTest, AreNoNewsAtAShareThatIsUsualHoweverLargeItIs) {
  bad_requests(start, start + 12h, 10s, 2);
  bad_requests(start + 12h, start + 13h, 5s, 2);
  EXPECT_THAT(severities(), Each(Severity::info));
}

TEST_F(RaisedByClientTest, DoNotAddUpOverDays) {
  bad_requests(start, start + 12h, 60s, 60);
  for (int hour = 12; hour < 72; ++hour) {
    bad_requests(start + hour * 1h, start + hour * 1h + 58min, 60s, 60);
    bad_requests(start + hour * 1h + 58min, start + hour * 1h + 58min + 50s, 2s, 2);
  }
  EXPECT_THAT(severities(), Each(Severity::info));
}

TEST_F(RaisedByClientTest, AreContextOfAFailureAndDoNotKeepItOpen) {
  see("nginx/refused", start);
  bad_requests(start + 1s, start + 30min, 10s, 2);
  const auto failure = std::ranges::find(told, Severity::critical, &Incident::severity);
  ASSERT_NE(failure, told.end());
  EXPECT_EQ(failure->causes.front().cause, "upstream-down");
  const auto resolved = std::ranges::find_if(told, [&](const Incident& incident) {
    return incident.id == failure->id && incident.change == Change::resolved;
  });
  EXPECT_NE(resolved, told.end());
}

}  // namespace
}  // namespace triaged::diagnosis
