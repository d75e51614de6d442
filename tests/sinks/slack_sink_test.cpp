#include "sinks/slack_sink.hpp"

#include <cstdlib>

#include <gtest/gtest.h>

#include "base/clock.hpp"
#include "sinks/slack_message.hpp"
#include "tests/support/loopback_server.hpp"
#include "tests/support/must.hpp"
#include "tests/support/read_one_sink.hpp"
#include "tests/support/sample_incidents.hpp"

namespace triaged::sinks {
namespace {

using namespace std::chrono_literals;

Delivery delivery_for(long status, const std::string& body, const std::string& retry_after = "") {
  return slack_delivery_of({.status = status, .body = body, .retry_after = retry_after},
                           must(target_of("https://hooks.slack.com/services/T/B/x")));
}

TEST(SlackSink, PostsItsMessage) {
  ::unsetenv("http_proxy");
  LoopbackServer server;
  const auto sink = sink_of("slack: {url: '" + server.url("/services/T/B/x") + "'}");
  EXPECT_EQ(sink->deliver({1, "slack", "01K/1", samples::killed_worker()}).outcome, Outcome::delivered);
  const auto request = server.take();
  EXPECT_EQ(request.line, "POST /services/T/B/x HTTP/1.1");
  EXPECT_EQ(request.header("Content-Type"), "application/json");
  const LocalClock clock{.zone = TimeZone::utc(), .today = now()};
  EXPECT_EQ(request.body, slack_message(samples::killed_worker(), clock));
}

TEST(SlackSink, IsDeliveredWithAPlainOk) {
  EXPECT_EQ(delivery_for(200, "ok").outcome, Outcome::delivered);
  EXPECT_EQ(delivery_for(200, "ok\n").outcome, Outcome::delivered);
  EXPECT_EQ(delivery_for(204, "").outcome, Outcome::delivered);
  EXPECT_EQ(delivery_for(200, R"({"success":true})").outcome, Outcome::delivered);
}

TEST(SlackSink, IsRejectedWithWhatSlackWillNeverTake) {
  EXPECT_EQ(delivery_for(400, "invalid_blocks").outcome, Outcome::rejected);
  EXPECT_EQ(delivery_for(400, "invalid_payload").detail, "HTTP 400 from https://hooks.slack.com: invalid_payload");
  EXPECT_EQ(delivery_for(403, "action_prohibited").outcome, Outcome::rejected);
  EXPECT_EQ(delivery_for(404, "channel_not_found").outcome, Outcome::rejected);
  EXPECT_EQ(delivery_for(410, "channel_is_archived").outcome, Outcome::rejected);
  EXPECT_EQ(delivery_for(200, R"({"ok":false,"error":"invalid_auth"})").outcome, Outcome::rejected);
  EXPECT_EQ(delivery_for(200, "<html>log in</html>").detail,
            "HTTP 200 from https://hooks.slack.com: <html>log in</html>");
}

TEST(SlackSink, WaitsAsLongAsSlackAsksInHeaderOrBody) {
  EXPECT_EQ(delivery_for(429, "rate_limited", "30").retry_after, 30s);
  EXPECT_EQ(delivery_for(429, R"({"retry_after":1.5,"ok":false,"error":"rate_limited"})").retry_after, 1500ms);
  EXPECT_EQ(delivery_for(429, R"({"retry_after":1e99})").retry_after, 1h);
  EXPECT_EQ(delivery_for(429, R"({"retry_after":-1})").retry_after, std::nullopt);
  const auto told_with_200 = delivery_for(200, R"({"retry_after":2,"ok":false,"error":"rate_limited"})");
  EXPECT_EQ(told_with_200.outcome, Outcome::try_again);
  EXPECT_EQ(told_with_200.retry_after, 2s);
}

TEST(SlackSink, TriesAgainWhenSlackIsBroken) {
  EXPECT_EQ(delivery_for(500, "rollup_error").outcome, Outcome::try_again);
}

}  // namespace
}  // namespace triaged::sinks
