#include "diagnosis/harm.hpp"

#include <gtest/gtest.h>

#include "tests/support/diagnosis_fixture.hpp"

namespace triaged::diagnosis {
namespace {

struct Case {
  std::string what;
  Severity by_rules = Severity::error;
  std::uint64_t failing = 0, hidden = 0;
  Microseconds lasted{0};
  GoodAnswers answers;
  std::optional<FailingRequests> of_url;
  Severity severity = Severity::error;
  std::string because;
};

OpenIncident incident_of(const Case& each) {
  OpenIncident incident;
  incident.statistics.failed_requests.values["nginx.access"] = each.failing;
  incident.statistics.hidden = each.hidden;
  incident.rhythm = {.first = start, .last = start + each.lasted, .failures = 1};
  return incident;
}

TEST(Harm, MovesTheSeverityOnlyWhereRequestsAreKnown) {
  const Case cases[] = {
      {.what = "no access log was read"},
      {.what = "every request for two minutes",
       .by_rules = Severity::warning,
       .failing = 60,
       .lasted = 2min,
       .severity = Severity::critical,
       .because = "critical, not warning: 60 of 60 requests failed in 120 s"},
      {.what = "every request, but few of them",
       .by_rules = Severity::warning,
       .failing = 12,
       .lasted = 40s,
       .severity = Severity::error,
       .because = "error, not warning: 12 of 12 requests failed in 40 s"},
      {.what = "half of the requests",
       .by_rules = Severity::warning,
       .failing = 30,
       .lasted = 2min,
       .answers = {.meanwhile = 30},
       .severity = Severity::error,
       .because = "error, not warning: 30 of 60 requests failed in 120 s"},
      {.what = "a handful", .by_rules = Severity::warning, .failing = 9, .severity = Severity::warning},
      {.what = "one in a hundred",
       .by_rules = Severity::critical,
       .failing = 3,
       .lasted = 60s,
       .answers = {.meanwhile = 297},
       .severity = Severity::error,
       .because = "error, not critical: 3 of 300 requests failed in 60 s"},
      {.what = "one in a hundred of what is no outage",
       .failing = 3,
       .lasted = 60s,
       .answers = {.meanwhile = 297},
       .severity = Severity::error},
      {.what = "retries hide it",
       .hidden = 31,
       .severity = Severity::warning,
       .because = "warning, not error: other servers answered all 31 requests that failed at first"},
      {.what = "a refused reload",
       .by_rules = Severity::critical,
       .answers = {.since = 20},
       .severity = Severity::error,
       .because = "error, not critical: 20 requests were answered as they should be since, and none failed"},
      {.what = "too few answers to say so",
       .by_rules = Severity::critical,
       .answers = {.since = 19},
       .severity = Severity::critical},
      {.what = "answers between two failures that no request shows, such as refused certificates",
       .answers = {.since = 200, .stays_away = false},
       .severity = Severity::error},
      {.what = "answers that may be those of another application",
       .by_rules = Severity::critical,
       .answers = {.may_be_of_others = true, .since = 200},
       .severity = Severity::critical},
      {.what = "a view that always fails, among many that do not",
       .by_rules = Severity::warning,
       .failing = 12,
       .answers = {.meanwhile = 400},
       .of_url = FailingRequests{"GET", "/cart", 12, 12},
       .severity = Severity::error,
       .because = "error, not warning: 12 of 12 requests GET /cart failed"},
      {.what = "a view that sometimes fails",
       .by_rules = Severity::warning,
       .failing = 12,
       .answers = {.meanwhile = 400},
       .of_url = FailingRequests{"GET", "/cart", 12, 40},
       .severity = Severity::warning},
      {.what = "what a client can provoke",
       .by_rules = Severity::info,
       .failing = 500,
       .lasted = 5min,
       .severity = Severity::info},
  };
  for (const auto& each : cases) {
    const auto harm = harm_of(incident_of(each), each.answers, each.of_url, each.by_rules);
    EXPECT_EQ(harm.severity, each.severity) << each.what;
    EXPECT_EQ(harm.because, each.because) << each.what;
  }
}

TEST(Harm, LeavesWhatWasReportedOfAnIncidentThatBeganInAnEarlierRun) {
  auto incident = incident_of({.failing = 60, .lasted = 2min});
  incident.reported_severity = Severity::error;
  const auto harm = harm_of(incident, {.is_partial = true}, std::nullopt, Severity::warning);
  EXPECT_EQ(harm.severity, Severity::error);
  EXPECT_EQ(harm.because, "");
  EXPECT_EQ(harm.impact, std::nullopt);
}

TEST(Harm, CountsTheRequestsThatFailOfAll) {
  const auto harm =
      harm_of(incident_of({.failing = 31, .hidden = 4}), {.meanwhile = 65}, std::nullopt, Severity::error);
  EXPECT_EQ(harm.impact, (Impact{.failing = 31, .of = 100, .users_see = true}));
}

TEST(Harm, SaysThatNoUserSeesWhatARetryHides) {
  const auto harm = harm_of(incident_of({.hidden = 4}), {}, std::nullopt, Severity::warning);
  EXPECT_EQ(harm.impact, (Impact{.failing = 0, .of = 4, .users_see = false}));
}

TEST(Harm, KnowsNoImpactWithoutAnAccessLog) {
  EXPECT_EQ(harm_of(incident_of({}), {.since = 50}, std::nullopt, Severity::error).impact, std::nullopt);
}

}  // namespace
}  // namespace triaged::diagnosis
