#include "sinks/webhook_sink.hpp"

#include <cstdlib>

#include <gtest/gtest.h>

#include "sinks/hmac_sha256.hpp"
#include "tests/support/loopback_server.hpp"
#include "tests/support/read_one_sink.hpp"
#include "tests/support/sample_incidents.hpp"

namespace triaged::sinks {
namespace {

using namespace std::chrono_literals;

class Webhook : public testing::Test {
 protected:
  void SetUp() override {
    for (const char* name : {"http_proxy", "all_proxy", "ALL_PROXY"}) ::unsetenv(name);
  }

  Delivery deliver(const std::string& more_fields = "") {
    sink_ = sink_of("webhook: {url: '" + server_.url("/hooks/S3CRET-S3CRET") + "'" + more_fields + "}");
    return sink_->deliver(notification_);
  }

  LoopbackServer server_;
  Notification notification_{1, "webhook", "01KAJ0Z5V0W5X9GQ3T7C2M4N6P/1", samples::killed_worker()};
  std::unique_ptr<Sink> sink_;
};

TEST_F(Webhook, PostsTheIncidentWithItsIdempotencyKey) {
  EXPECT_EQ(deliver(", headers: {X-Team: web, Authorization: Bearer abc}").outcome, Outcome::delivered);
  const auto request = server_.take();
  EXPECT_EQ(request.line, "POST /hooks/S3CRET-S3CRET HTTP/1.1");
  EXPECT_EQ(request.body, to_json(samples::killed_worker()));
  EXPECT_EQ(request.header("Content-Type"), "application/json");
  EXPECT_EQ(request.header("Idempotency-Key"), "01KAJ0Z5V0W5X9GQ3T7C2M4N6P/1");
  EXPECT_EQ(request.header("User-Agent"), "triaged");
  EXPECT_EQ(request.header("X-Team"), "web");
  EXPECT_EQ(request.header("Authorization"), "Bearer abc");
  EXPECT_EQ(request.header("Triaged-Signature"), "");
}

TEST_F(Webhook, SignsTimeAndBodyWhenItHasASecret) {
  EXPECT_EQ(deliver(", hmac_secret: shared").outcome, Outcome::delivered);
  const auto request = server_.take();
  const auto signed_text = request.header("Triaged-Timestamp") + "." + request.body;
  EXPECT_EQ(request.header("Triaged-Signature"), "sha256=" + hmac_sha256_hex("shared", signed_text));
}

TEST_F(Webhook, KeepsTheIdempotencyKeyWhenItTriesAgain) {
  server_.answer("503 Service Unavailable\r\nRetry-After: 7", "later");
  const auto delivery = deliver();
  EXPECT_EQ(delivery.outcome, Outcome::try_again);
  EXPECT_EQ(delivery.detail, "HTTP 503 from " + server_.place() + ": later");
  EXPECT_EQ(delivery.retry_after, 7s);
  EXPECT_EQ(sink_->deliver(notification_).outcome, Outcome::delivered);
  EXPECT_EQ(server_.take().header("Idempotency-Key"), server_.take().header("Idempotency-Key"));
}

TEST_F(Webhook, FollowsNoRedirect) {
  server_.answer("302 Found\r\nLocation: " + server_.url("/elsewhere"));
  const auto delivery = deliver();
  EXPECT_EQ(delivery.outcome, Outcome::rejected);
  EXPECT_EQ(delivery.detail, "HTTP 302 from " + server_.place() + " (redirects are not followed)");
  server_.take();
  EXPECT_EQ(server_.waiting(), 0U);
}

TEST_F(Webhook, NeverRepeatsAddressOrTokens) {
  server_.answer("401 Unauthorized", "bad token T0K3N-T0K3N for /hooks/S3CRET-S3CRET, s1gn1ng-k3y");
  const auto delivery = deliver(", headers: {Authorization: Bearer T0K3N-T0K3N}, hmac_secret: s1gn1ng-k3y");
  EXPECT_EQ(delivery.outcome, Outcome::rejected);
  EXPECT_EQ(delivery.detail, "HTTP 401 from " + server_.place() + ": bad token … for …, …");
}

TEST_F(Webhook, TriesAgainWhenTheConnectionEndsWithoutAnAnswer) {
  server_.answer_raw("");
  const auto delivery = deliver();
  EXPECT_EQ(delivery.outcome, Outcome::try_again);
  EXPECT_EQ(delivery.detail, "cannot post to " + server_.place() + ": Empty reply from server");
}

TEST_F(Webhook, TriesAgainWhenNoAnswerComesInTime) {
  server_.never_answer();
  const auto delivery = deliver(", timeout: 100ms");
  EXPECT_EQ(delivery.outcome, Outcome::try_again);
  EXPECT_TRUE(delivery.detail.starts_with("cannot post to " + server_.place() + ": Operation timed out after "))
      << delivery.detail;
}

TEST_F(Webhook, TriesAgainWhenNobodyListens) {
  const int port = LoopbackSocket(::socket(AF_INET, SOCK_STREAM, 0)).bind_to_loopback();
  const auto place = "http://127.0.0.1:" + std::to_string(port);
  const auto delivery = sink_of("webhook: {url: '" + place + "/secret'}")->deliver(notification_);
  EXPECT_EQ(delivery.outcome, Outcome::try_again);
  EXPECT_TRUE(delivery.detail.starts_with("cannot post to " + place + ": Failed to connect")) << delivery.detail;
}

TEST_F(Webhook, KeepsOnlyTheStartOfALongAnswer) {
  server_.answer("400 Bad Request", std::string(1 << 20, 'x'));
  EXPECT_EQ(deliver().detail, "HTTP 400 from " + server_.place() + ": " + std::string(200, 'x'));
}

TEST_F(Webhook, SendsABodyOfMegabytesWithoutAPause) {
  notification_.incident.evidence.assign(2000, {"app.log", 0, TimePoint{}, std::string(1000, 'x')});
  EXPECT_EQ(deliver().outcome, Outcome::delivered);
  const auto request = server_.take();
  EXPECT_EQ(request.header("Expect"), "");
  EXPECT_EQ(request.body, to_json(notification_.incident));
}

TEST_F(Webhook, LetsNoKeyAddAHeader) {
  notification_.idempotency_key = "a\r\nX-Evil: 1";
  EXPECT_EQ(deliver().outcome, Outcome::delivered);
  const auto request = server_.take();
  EXPECT_EQ(request.header("X-Evil"), "");
  EXPECT_EQ(request.header("Idempotency-Key"), "a??X-Evil: 1");
}

}  // namespace
}  // namespace triaged::sinks
