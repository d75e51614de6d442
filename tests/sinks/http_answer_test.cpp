#include <ctime>

#include <gtest/gtest.h>

#include "sinks/http_post.hpp"
#include "tests/support/must.hpp"

namespace triaged::sinks {
namespace {

using namespace std::chrono_literals;

const HttpTarget slack = must(target_of("https://hooks.slack.com/services/T00/B00/XXXXXXXX?token=abcdef1"));

std::optional<std::chrono::milliseconds> wait_in(const std::string& retry_after, const std::string& date = "") {
  return retry_after_of({.status = 503, .body = "", .retry_after = retry_after, .date = date});
}

TEST(HttpAnswer, IsDeliveredWithAny2xx) {
  for (const long status : {200, 201, 202, 204})
    EXPECT_EQ(delivery_of({.status = status}, slack).outcome, Outcome::delivered);
}

TEST(HttpAnswer, IsTriedAgainWhenTheOtherSideIsBusyOrBroken) {
  for (const long status : {408, 425, 429, 500, 502, 503, 504, 599}) {
    EXPECT_EQ(delivery_of({.status = status}, slack).outcome, Outcome::try_again) << status;
  }
}

TEST(HttpAnswer, IsRejectedOtherwise) {
  for (const long status : {301, 302, 307, 400, 401, 403, 404, 410, 413, 501}) {
    EXPECT_EQ(delivery_of({.status = status}, slack).outcome, Outcome::rejected) << status;
  }
}

TEST(HttpAnswer, SaysWhatTheOtherSideSaidInOnePrintableLine) {
  EXPECT_EQ(delivery_of({.status = 404, .body = "no\nteam \x1b[2J"}, slack).detail,
            "HTTP 404 from https://hooks.slack.com: no team \\x1b[2J");
  EXPECT_EQ(delivery_of({.status = 503}, slack).detail, "HTTP 503 from https://hooks.slack.com");
  EXPECT_EQ(delivery_of({.status = 302}, slack).detail,
            "HTTP 302 from https://hooks.slack.com (redirects are not followed)");
  EXPECT_EQ(excerpt_of(std::string(199, 'x') + "é and more"), std::string(199, 'x'));
}

TEST(HttpAnswer, NeverRepeatsASecretOfTheAddress) {
  const HttpAnswer quoting{.status = 404,
                           .body = "Cannot POST /services/T00/B00/XXXXXXXX?token=abcdef1 (XXXXXXXX, abcdef1)"};
  EXPECT_EQ(delivery_of(quoting, slack).detail, "HTTP 404 from https://hooks.slack.com: Cannot POST …?… (…, …)");
}

TEST(HttpAnswer, ShowsOfAnAddressOnlyWhere) {
  EXPECT_EQ(must(target_of("https://user:password@example.com:8443/a?b#c")).place, "https://example.com:8443");
  EXPECT_EQ(must(target_of("http://[::1]:80/")).place, "http://[::1]:80");
}

TEST(RetryAfter, ReadsSeconds) {
  EXPECT_EQ(wait_in("7"), 7s);
  EXPECT_EQ(wait_in("0"), 0s);
}

TEST(RetryAfter, ReadsADateAgainstTheAnswersOwn) {
  EXPECT_EQ(wait_in("Sat, 21 Nov 2026 01:16:00 GMT", "Sat, 21 Nov 2026 01:15:18 GMT"), 42s);
  EXPECT_EQ(wait_in("Sat, 21 Nov 2026 01:15:00 GMT", "Sat, 21 Nov 2026 01:15:18 GMT"), 0s);
}

TEST(RetryAfter, ReadsADateAgainstTheClockWhenTheAnswerHasNone) {
  const auto wait = wait_in("Fri, 31 Dec 2100 00:00:00 GMT");
  EXPECT_EQ(wait, 1h);
}

TEST(RetryAfter, IsAtMostAnHour) {
  EXPECT_EQ(wait_in("86400"), 1h);
  EXPECT_EQ(wait_in("99999999999999999999999"), 1h);
}

TEST(RetryAfter, IsNothingWhenItMakesNoSense) {
  EXPECT_EQ(wait_in(""), std::nullopt);
  EXPECT_EQ(wait_in("-5"), std::nullopt);
  EXPECT_EQ(wait_in("soon"), std::nullopt);
}

}  // namespace
}  // namespace triaged::sinks
