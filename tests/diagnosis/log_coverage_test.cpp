#include "diagnosis/log_coverage.hpp"

#include <gtest/gtest.h>

#include "tests/support/diagnosis_fixture.hpp"

namespace triaged::diagnosis {
namespace {

using formats::Format;

knowledge::Rule rule_of(std::vector<Format> formats) {
  auto made = rule("a/b", {});
  made.matches.push_back({.formats = std::move(formats)});
  return made;
}

CoveredTime covered(const char* format, TimePoint from, TimePoint until, Microseconds longest_pause = 0s) {
  CoveredTime time{{.format = format, .source = "a.log", .at = from}, until, longest_pause};
  return time;
}

/// One of nginx, at `start`.
Observation own_observation(const std::string& host = "") {
  auto seen = symptom("nginx/x", start, "10.0.0.5:8000");
  seen.host = host;
  return {.rule = "nginx/x", .entity = {}, .first_seen = start, .last_seen = start, .count = 1, .samples = {seen}};
}

const auto kernel_rule = rule_of({Format::kernel});

TEST(LogCoverage, KnowsNothingOfALogThatWasNotRead) {
  LogCoverage coverage(Logs::end);
  coverage.add(covered("nginx.access", start - 1h, start + 1h));
  EXPECT_FALSE(coverage.would_show(kernel_rule, own_observation()));
}

TEST(LogCoverage, CoversTheTimeFromTheFirstLineToTheLast) {
  for (const auto& [from, until, is_covered] : std::vector<std::tuple<Microseconds, Microseconds, bool>>{
           {-1h, 1h, true}, {-1h, -2s, false}, {2s, 1h, false}, {-1h, -1s, true}, {1s, 1h, true}}) {
    LogCoverage coverage(Logs::end);
    coverage.add(covered("kernel", start + from, start + until));
    EXPECT_EQ(coverage.would_show(kernel_rule, own_observation()), is_covered) << from.count() << ' ' << until.count();
  }
}

TEST(LogCoverage, LetsALogPauseAsLongAsItHasPausedBefore) {
  LogCoverage coverage(Logs::end);
  coverage.add(covered("kernel", start - 5h, start - 2h, 90min));
  EXPECT_FALSE(coverage.would_show(kernel_rule, own_observation()));
  coverage.add(covered("kernel", start - 9h, start - 8h, 2h));
  EXPECT_TRUE(coverage.would_show(kernel_rule, own_observation()));
}

TEST(LogCoverage, PutsTheBatchesOfALogTogether) {
  LogCoverage coverage(Logs::end);
  coverage.add(covered("kernel", start - 5h, start - 3h));
  coverage.add(covered("kernel", start + 3h, start + 5h));
  EXPECT_TRUE(coverage.would_show(kernel_rule, own_observation()));
}

TEST(LogCoverage, TakesAFollowedLogToBeReadUntilItWasQuietForAWeek) {
  LogCoverage coverage(Logs::are_followed);
  coverage.add(covered("kernel", start - 6 * 24h, start - 6 * 24h));
  EXPECT_TRUE(coverage.would_show(kernel_rule, own_observation()));
  LogCoverage quiet(Logs::are_followed);
  quiet.add(covered("kernel", start - 8 * 24h, start - 8 * 24h));
  EXPECT_FALSE(quiet.would_show(kernel_rule, own_observation()));
}

TEST(LogCoverage, KnowsALogThatIsFollowedAlsoWhenItSaysNothing) {
  LogCoverage coverage(Logs::are_followed);
  coverage.follow("kernel", start + 1s);
  EXPECT_FALSE(coverage.would_show(kernel_rule, own_observation())) << "it was not followed yet";
  coverage.follow("kernel", start);
  EXPECT_TRUE(coverage.would_show(kernel_rule, own_observation()));
}

TEST(LogCoverage, DoesNotTakeTheLogOfAnotherHost) {
  LogCoverage coverage(Logs::end);
  auto of_web1 = covered("kernel", start - 1h, start + 1h);
  of_web1.host = "web1.example.com";
  coverage.add(of_web1);
  EXPECT_FALSE(coverage.would_show(kernel_rule, own_observation("web2")));
  EXPECT_TRUE(coverage.would_show(kernel_rule, own_observation("web1")));
  EXPECT_TRUE(coverage.would_show(kernel_rule, own_observation(""))) << "nobody said which host";
}

TEST(LogCoverage, KnowsWhatAProgramWritesIntoOneLog) {
  const auto read = [](const char* format, Format wanted) {
    LogCoverage coverage(Logs::end);
    coverage.add(covered(format, start - 1h, start + 1h));
    return coverage.would_show(rule_of({wanted}), own_observation());
  };
  EXPECT_TRUE(read("haproxy.http", Format::haproxy_event));
  EXPECT_TRUE(read("gunicorn.error", Format::python_traceback));
  EXPECT_FALSE(read("gunicorn.access", Format::gunicorn_error));
  EXPECT_FALSE(read("gunicorn.access", Format::nginx_access)) << "the same reader, another program";
  EXPECT_TRUE(read("syslog", Format::syslog));
}

TEST(LogCoverage, TakesTheLogOfTheSymptomItselfToBeRead) {
  const LogCoverage coverage(Logs::end);
  EXPECT_TRUE(coverage.would_show(rule_of({Format::nginx_error}), own_observation()));
}

TEST(LogCoverage, TakesAnyLineForALogOfARuleThatReadsAll) {
  const LogCoverage coverage(Logs::end);
  EXPECT_TRUE(coverage.would_show(rule_of({}), own_observation()));
}

TEST(LogCoverage, ForgetsTheLogThatWasQuietLongestWhenThereAreTooMany) {
  LogCoverage coverage(Logs::end);
  coverage.add(covered("kernel", start - 1h, start + 1h));
  for (std::size_t i = 0; i < LogCoverage::most_logs; ++i) {
    auto other = covered("nginx.access", start, start + 2h);
    other.source = "access.log." + std::to_string(i);
    coverage.add(other);
  }
  EXPECT_FALSE(coverage.would_show(kernel_rule, own_observation()));
}

TEST(LogCoverage, SurvivesARestart) {
  LogCoverage before(Logs::end);
  before.add(covered("kernel", start - 1h, start + 1h, 5min));
  EXPECT_TRUE(before.take_changed());
  EXPECT_FALSE(before.take_changed());
  LogCoverage after(Logs::end);
  EXPECT_TRUE(after.restore(before.to_json()));
  EXPECT_TRUE(after.would_show(kernel_rule, own_observation()));
  EXPECT_EQ(after.to_json(), before.to_json());
  EXPECT_FALSE(after.restore("nonsense"));
}

}  // namespace
}  // namespace triaged::diagnosis
