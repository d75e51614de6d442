// Servers of one upstream block of nginx's that fail for one reason.
#include <gmock/gmock.h>

#include "diagnosis/diagnoser.hpp"
#include "tests/support/diagnosis_fixture.hpp"

namespace triaged::diagnosis {
namespace {

class UpstreamGroupTest : public testing::Test {
 protected:
  UpstreamGroupTest() {
    auto refused = rule("nginx/refused", {cause("upstream-down", 0.9)});
    refused.causes[0].text = {"Nothing listens at {upstream}.", ""};
    refused.leads_to = {{.rule = "nginx/none-left", .within = 60s}};
    auto none_left = rule("nginx/none-left", {cause("all-upstreams-down", 0.5)});
    none_left.entity = "vhost";
    diagnoser = Diagnoser(rule_set({refused, none_left, rule("nginx/timed-out", {cause("upstream-slow", 0.9)})}),
                          {.settle = 2s, .resolve_after = 10min});
  }

  void know_groups() {
    topology::Topology topology;
    for (const auto* address : {"10.0.0.5:8003", "10.0.0.6:8003", "10.0.0.7:8003"})
      topology.add_to_group("shop", address);
    topology.add_to_group("api", "10.0.0.8:8003");
    diagnoser.use_topology(topology);
  }
  void see(const char* rule_id, std::string upstream, TimePoint at = start, std::string connection = "1",
           std::string request = "GET / HTTP/1.1", std::string vhost = "shop.example.com") {
    auto line = symptom(rule_id, at, std::move(upstream));
    line.fields.push_back({"connection", std::move(connection)});
    line.fields.push_back({"request", std::move(request)});
    line.fields.push_back({"vhost", std::move(vhost)});
    diagnoser.on_findings(std::vector<Finding>{line});
  }
  void answer(const std::string& upstream, TimePoint from, TimePoint to) {
    for (auto at = from; at < to; at += 1s) {
      Answers made{{.format = "nginx.access", .source = "access.log", .at = at, .has_own_time = true}, 1};
      made.fields = {{"upstream", upstream}};
      diagnoser.on_findings(std::vector<Finding>{made});
      diagnoser.advance_to(at);
    }
  }
  std::vector<Incident> incidents(TimePoint now = start + 1min) {
    diagnoser.advance_to(now);
    return diagnoser.open_incidents();
  }

  Diagnoser diagnoser{rule_set({}), {}};
};

TEST_F(UpstreamGroupTest, IsOneStoryWhenItsServersFailTogetherAndNamesThem) {
  know_groups();
  see("nginx/refused", "10.0.0.5:8003", start, "1");
  see("nginx/refused", "10.0.0.6:8003", start + 2s, "2");
  see("nginx/refused", "10.0.0.7:8003", start + 20s, "3");
  const auto open = incidents();
  ASSERT_EQ(open.size(), 1U);
  EXPECT_EQ(open[0].causes.at(0).text,
            "Nothing listens at 10.0.0.5:8003. The same holds for 10.0.0.6:8003, 10.0.0.7:8003.");
}

TEST_F(UpstreamGroupTest, IsApartFromAServerOfAnotherOne) {
  know_groups();
  see("nginx/refused", "10.0.0.5:8003", start, "1");
  see("nginx/refused", "10.0.0.8:8003", start + 1s, "2");
  EXPECT_EQ(incidents().size(), 2U);
}

TEST_F(UpstreamGroupTest, HasTwoStoriesWhenItsServersFailInDifferentWaysOrAtDifferentTimes) {
  know_groups();
  see("nginx/refused", "10.0.0.5:8003", start, "1");
  see("nginx/timed-out", "10.0.0.6:8003", start + 1s, "2");
  see("nginx/refused", "10.0.0.7:8003", start + 31s, "3");
  EXPECT_EQ(incidents().size(), 3U);
}

TEST_F(UpstreamGroupTest, IsKnownByARequestThatNginxTriedAtEachWithoutAnyConfiguration) {
  see("nginx/refused", "10.0.0.5:8003", start, "115");
  see("nginx/refused", "10.0.0.6:8003", start, "115");
  see("nginx/refused", "10.0.0.7:8003", start + 1s, "116");
  see("nginx/refused", "10.0.0.6:8003", start + 1s, "116");
  EXPECT_EQ(incidents().size(), 1U);
}

TEST_F(UpstreamGroupTest, IsNotKnownByTwoRequestsOfOneConnection) {
  see("nginx/refused", "10.0.0.5:8003", start, "115", "GET /shop HTTP/1.1");
  see("nginx/refused", "10.0.0.8:8003", start, "115", "GET /api HTTP/1.1");
  EXPECT_EQ(incidents().size(), 2U);
}

TEST_F(UpstreamGroupTest, IsNotKnownByRequestsForTwoSitesOnOneConnection) {
  see("nginx/refused", "10.0.0.5:8003", start, "115", "GET / HTTP/1.1", "shop.example.com");
  see("nginx/refused", "10.0.0.8:8003", start, "115", "GET / HTTP/1.1", "api.example.com");
  EXPECT_EQ(incidents().size(), 2U);
}

TEST_F(UpstreamGroupTest, IsNotKnownByARequestThatComesAgainLaterOnItsConnection) {
  see("nginx/timed-out", "10.0.0.5:8003", start - 10min, "115");
  see("nginx/timed-out", "10.0.0.8:8003", start, "115");
  see("nginx/refused", "10.0.0.5:8003", start, "116");
  see("nginx/refused", "10.0.0.8:8003", start, "117");
  EXPECT_EQ(incidents().size(), 2U) << "each server has its own";
}

TEST_F(UpstreamGroupTest, OfLocalAndOtherServersHasNotRecoveredBeforeEachAnswers) {
  topology::Topology topology;
  for (const auto* address : {"127.0.0.1:8001", "10.0.0.9:8001"}) topology.add_to_group("shop", address);
  diagnoser.use_topology(topology);
  see("nginx/refused", "127.0.0.1:8001", start, "1");
  see("nginx/refused", "10.0.0.9:8001", start, "2");
  answer("127.0.0.1:8001", start + 10s, start + 4min);
  EXPECT_EQ(incidents(start + 4min).size(), 1U);
}

TEST_F(UpstreamGroupTest, IsTheOneThatHasNoServerLeft) {
  know_groups();
  see("nginx/refused", "10.0.0.5:8003", start, "1");
  see("nginx/refused", "10.0.0.8:8003", start, "2");
  see("nginx/none-left", "shop", start + 1s, "3");
  const auto open = incidents();
  ASSERT_EQ(open.size(), 2U);
  EXPECT_THAT(open[0].rules.size() + open[1].rules.size(), 3U);
  EXPECT_EQ(open[0].entity.value, "10.0.0.5:8003");
}

TEST_F(UpstreamGroupTest, HasNotRecoveredBeforeEachOfItsServersAnswers) {
  know_groups();
  see("nginx/refused", "10.0.0.5:8003", start, "1");
  see("nginx/refused", "10.0.0.6:8003", start, "2");
  answer("10.0.0.5:8003", start + 10s, start + 4min);
  EXPECT_EQ(incidents(start + 4min).size(), 1U);
  answer("10.0.0.6:8003", start + 4min, start + 5min);
  EXPECT_EQ(incidents(start + 5min).size(), 0U);
}

}  // namespace
}  // namespace triaged::diagnosis
