// Several servers of a backend that fail for one reason, and causes that are logged once and last.
#include <gmock/gmock.h>

#include "diagnosis/diagnoser.hpp"
#include "tests/support/diagnosis_fixture.hpp"

namespace triaged::diagnosis {
namespace {

using testing::ElementsAre;

class BackendTest : public testing::Test {
 protected:
  BackendTest() {
    auto down = rule("haproxy/server-down", {cause("upstream-down", 0.9)});
    down.entity = "server";
    down.causes[0].text = {"Nothing listens at {server}.", ""};
    auto slow = rule("haproxy/server-timeout", {cause("upstream-slow", 0.9)});
    slow.entity = "server";
    auto busy = rule("php-fpm/max-children", {cause("php-fpm-max-children", 0.9)});
    busy.entity = "pool";
    busy.leads_to = {{.rule = "nginx/timeout", .within = 2min}};
    diagnoser = Diagnoser(rule_set({down, slow, busy, rule("nginx/timeout", {cause("upstream-slow", 0.5)})}),
                          {.settle = 2s, .resolve_after = 10min});
  }

  void see(const Finding& finding) { diagnoser.on_findings({&finding, 1}); }
  void see_server(const char* rule_id, TimePoint at, std::string server) {
    auto line = symptom(rule_id, at, "");
    line.format = "haproxy.event";
    line.fields = {{"server", std::move(server)}};
    see(line);
  }
  void answer(std::string server, TimePoint from, TimePoint to) {
    for (auto at = from; at < to; at += 1s) {
      Answers made{{.format = "haproxy.http", .source = "haproxy.log", .at = at, .has_own_time = true}, 1};
      made.fields = {{"server", server}};
      see(made);
      diagnoser.advance_to(at);
    }
  }
  std::vector<Incident> incidents(TimePoint now = start + 1min) {
    diagnoser.advance_to(now);
    return diagnoser.open_incidents();
  }

  Diagnoser diagnoser{rule_set({}), {}};
};

TEST_F(BackendTest, IsOneStoryWhenItsServersGoDownTogetherAndNamesThem) {
  see_server("haproxy/server-down", start, "app/web1");
  see_server("haproxy/server-down", start + 1s, "app/web2");
  see_server("haproxy/server-down", start + 20s, "app/web3");
  const auto open = incidents();
  ASSERT_EQ(open.size(), 1U);
  EXPECT_EQ(open[0].count, 3U);
  EXPECT_EQ(open[0].causes.at(0).text, "Nothing listens at app/web1. The same holds for app/web2, app/web3.");
}

TEST_F(BackendTest, IsApartFromAnotherBackend) {
  see_server("haproxy/server-down", start, "app/web1");
  see_server("haproxy/server-down", start + 1s, "api/web1");
  EXPECT_EQ(incidents().size(), 2U);
}

TEST_F(BackendTest, HasTwoStoriesWhenItsServersFailInDifferentWays) {
  see_server("haproxy/server-down", start, "app/web1");
  see_server("haproxy/server-timeout", start + 1s, "app/web2");
  EXPECT_EQ(incidents().size(), 2U);
}

TEST_F(BackendTest, HasTwoStoriesWhenTheyFailAtDifferentTimes) {
  see_server("haproxy/server-down", start, "app/web1");
  see_server("haproxy/server-down", start + 31s, "app/web2");
  EXPECT_EQ(incidents().size(), 2U);
}

TEST_F(BackendTest, HasNotRecoveredBeforeEachOfThemAnswers) {
  see_server("haproxy/server-down", start, "app/web1");
  see_server("haproxy/server-down", start + 1s, "app/web2");
  diagnoser.advance_to(start + 5s);
  answer("app/web1", start + 5s, start + 4min);
  EXPECT_EQ(incidents(start + 4min).size(), 1U);
  answer("app/web2", start + 4min, start + 6min);
  EXPECT_EQ(incidents(start + 6min).size(), 0U);
}

TEST_F(BackendTest, NamesEightServersAndCountsTheOthers) {
  for (int i = 1; i <= 11; ++i) see_server("haproxy/server-down", start, "app/web" + std::to_string(i));
  const auto open = incidents();
  ASSERT_EQ(open.size(), 1U);
  EXPECT_THAT(open[0].causes.at(0).text, testing::EndsWith("app/web9 + 2."));
}

TEST_F(BackendTest, KeepsACauseThatIsLoggedOnceForAsLongAsItsConsequenceIsSeen) {
  auto busy = symptom("php-fpm/max-children", start, "");
  busy.fields = {{"pool", "www"}};
  see(busy);
  see(symptom("nginx/timeout", start + 100s, "10.0.0.1:9000"));
  see(symptom("nginx/timeout", start + 200s, "10.0.0.2:9000"));
  const auto open = incidents(start + 4min);
  ASSERT_EQ(open.size(), 1U);
  EXPECT_THAT(open[0].rules, ElementsAre("php-fpm/max-children", "nginx/timeout"));
}

TEST_F(BackendTest, EndsACauseWhoseConsequenceIsNotSeenForLongerThanTheLinkLasts) {
  auto busy = symptom("php-fpm/max-children", start, "");
  busy.fields = {{"pool", "www"}};
  see(busy);
  see(symptom("nginx/timeout", start + 100s, "10.0.0.1:9000"));
  see(symptom("nginx/timeout", start + 230s, "10.0.0.2:9000"));
  EXPECT_EQ(incidents(start + 4min).size(), 2U);
}

}  // namespace
}  // namespace triaged::diagnosis
