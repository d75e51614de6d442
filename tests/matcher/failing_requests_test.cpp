// What a batch says of requests that fail: where in the code, also for the lines of a record above, and how many of a
// URL's.
#include <optional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "knowledge/dialects/load_rules.hpp"
#include "matcher/failed_urls.hpp"
#include "matcher/matcher.hpp"

namespace triaged::matcher {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::string_view rules_text = R"(
- id: gunicorn/request-error
  title: Request error
  match: [{formats: [gunicorn.error], regex: '^Error handling request'}]
  generic: true
  causes: [{id: app-exception, text: raised, prior: 0.5}]
- id: python/missing-key
  title: KeyError
  match: [{formats: [python.traceback], regex: '^KeyError: '}]
  generic: true
  causes: [{id: app-exception, text: raised, prior: 0.5}]
- id: shop/no-sku
  title: No sku
  match: [{formats: [python.traceback], regex: '^KeyError: ''sku'''}]
  causes: [{id: app-exception, text: raised, prior: 0.5}]
- id: go/panic
  title: Panic
  match: [{formats: [text], regex: 'panic serving '}]
  causes: [{id: app-exception, text: raised, prior: 0.5}]
- id: java/null-pointer
  title: NullPointerException
  match: [{formats: [java.exception], regex: '^java\.lang\.NullPointerException'}]
  causes: [{id: app-exception, text: raised, prior: 0.5}]
- id: java/exception
  title: Exception
  match: [{formats: [java.exception], where: {exception: {present: true}}}]
  causes: [{id: app-exception, text: raised, prior: 0.5}]
)";

class FailingRequestsTest : public testing::Test {
 protected:
  FailingRequestsTest() {
    Problems problems;
    rules = std::make_shared<const knowledge::RuleSet>(knowledge::read_rule_file(rules_text, "rules.yaml", problems));
    matcher.emplace(SignatureSet::compile(rules, problems));
  }

  std::vector<Finding> match(std::string_view text, std::string_view ahead = {}) {
    LineBatch batch;
    batch.source_name = "app.log";
    batch.bytes = text;
    batch.ahead = ahead;
    for (std::size_t at = 0; at < text.size();) {
      const auto end = text.find('\n', at);
      batch.lines.push_back({static_cast<std::uint32_t>(at), static_cast<std::uint32_t>(end - at), at});
      at = end + 1;
    }
    formats::LineReader reader(
        {.source_name = "app.log", .zone = {0s}, .reference = *parse_rfc3339("2026-11-21T02:00:00Z")});
    return matcher->match(batch, reader);
  }
  /// "rule file:line function" of each symptom.
  std::vector<std::string> symptoms_in(std::string_view text, std::string_view ahead = {}) {
    std::vector<std::string> found;
    for (const auto& finding : match(text, ahead)) {
      const auto& line = matched_line(finding);
      if (!std::holds_alternative<Symptom>(finding)) continue;
      found.push_back(line.rule + " " + std::string(line.field("code_file")) + ":" +
                      std::string(line.field("code_line")) + " " + std::string(line.field("code_function")));
    }
    return found;
  }
  /// "METHOD PATH lines failed" of each count of a URL's requests.
  std::vector<std::string> urls_in(std::string_view text) {
    std::vector<std::string> found;
    for (const auto& finding : match(text)) {
      const auto* requests = std::get_if<UrlRequests>(&finding);
      if (requests == nullptr) continue;
      found.push_back(std::string(requests->field("method")) + " " + std::string(requests->field("path")) + " " +
                      std::to_string(requests->lines) + (requests->failed ? " failed" : " answered"));
    }
    return found;
  }
  static std::string access(std::string_view path, int status, int second = 45) {
    return "127.0.0.9 - - [21/Nov/2026:01:15:" + std::to_string(second) + " +0000] \"GET " + std::string(path) +
           " HTTP/1.1\" " + std::to_string(status) + " 150 \"-\" \"curl/7.88.1\"\n";
  }

  std::shared_ptr<const knowledge::RuleSet> rules;
  std::optional<Matcher> matcher;
};

constexpr std::string_view failed_request = R"([2026-11-21 01:16:00 +0000] [2036] [ERROR] Error handling request /cart
Traceback (most recent call last):
  File "/srv/shop/shop/views.py", line 41, in cart
    return prices[sku]
KeyError: 'price'
)";

TEST_F(FailingRequestsTest, TheHeadOfARecordKnowsThePlaceOfItsException) {
  EXPECT_THAT(symptoms_in(failed_request), ElementsAre("gunicorn/request-error /srv/shop/shop/views.py:41 cart",
                                                       "python/missing-key /srv/shop/shop/views.py:41 cart"));
}

TEST_F(FailingRequestsTest, TheHeadOfAnotherRecordDoesNot) {
  EXPECT_THAT(symptoms_in("[2026-11-21 01:15:59 +0000] [2036] [ERROR] Error handling request /cart\n" +
                          std::string(failed_request)),
              ElementsAre("gunicorn/request-error : ", "gunicorn/request-error /srv/shop/shop/views.py:41 cart",
                          "python/missing-key /srv/shop/shop/views.py:41 cart"));
}

TEST_F(FailingRequestsTest, APanicKnowsThePlaceThatItsStackSaysBelow) {
  EXPECT_THAT(symptoms_in("2026/11/21 01:17:36 http: panic serving 127.0.0.1:51040: assignment to entry in nil map\n"
                          "goroutine 110 [running]:\n"
                          "panic({0x63ba60, 0x6e5750})\n"
                          "\t/usr/lib/go-1.19/src/runtime/panic.go:890 +0x262\n"
                          "main.main.func3({0x18499303b?, 0xffffffffffffffff?}, 0x4a8ad3?)\n"
                          "\t/srv/app/gobackend.go:21 +0x2e\n"),
              ElementsAre("go/panic /srv/app/gobackend.go:21 main.main.func3"));
}

TEST_F(FailingRequestsTest, APlaceIsKnownThatStandsBehindTheEndOfTheBatch) {
  const std::string head = "2026/11/21 01:17:36 http: panic serving 127.0.0.1:51040: assignment to entry in nil map\n";
  const std::string stack =
      "goroutine 110 [running]:\n"
      "panic({0x63ba60, 0x6e5750})\n"
      "\t/usr/lib/go-1.19/src/runtime/panic.go:890 +0x262\n"
      "main.main.func3({0x18499303b?, 0xffffffffffffffff?}, 0x4a8ad3?)\n"
      "\t/srv/app/gobackend.go:21 +0x2e\n";
  EXPECT_THAT(symptoms_in(head, stack), ElementsAre("go/panic /srv/app/gobackend.go:21 main.main.func3"));
  EXPECT_THAT(symptoms_in(head + "done\n", "2026/11/21 01:17:36 http: panic serving 127.0.0.1:1: other\n" + stack),
              ElementsAre("go/panic : "));
}

constexpr std::string_view null_pointer = "java.lang.NullPointerException: null\n";
constexpr std::string_view null_pointer_in_cart =
    "java.lang.NullPointerException: null\n\tat shop.Cart.total(Cart.java:28)\n";
constexpr std::string_view null_pointer_in_order =
    "java.lang.NullPointerException: null\n\tat shop.Order.pay(Order.java:7)\n";

TEST_F(FailingRequestsTest, APlaceBehindTheEndOfTheBatchIsNotOfARecordThatOnlyBeginsAlike) {
  EXPECT_THAT(
      symptoms_in(null_pointer, "\tat shop.Cart.total(Cart.java:28)\n" + std::string(null_pointer_in_order)),
      ElementsAre("java/null-pointer Cart.java:28 shop.Cart.total", "java/exception Cart.java:28 shop.Cart.total"));
  EXPECT_THAT(symptoms_in(null_pointer, null_pointer_in_order),
              ElementsAre("java/null-pointer : ", "java/exception : "));
}

TEST_F(FailingRequestsTest, EveryRuleThatFitsAHeadKnowsItsPlace) {
  EXPECT_THAT(
      symptoms_in(std::string(null_pointer_in_cart) + std::string(null_pointer_in_order)),
      ElementsAre("java/null-pointer Cart.java:28 shop.Cart.total", "java/exception Cart.java:28 shop.Cart.total",
                  "java/null-pointer Order.java:7 shop.Order.pay", "java/exception Order.java:7 shop.Order.pay"));
}

TEST_F(FailingRequestsTest, APanicInTheHandlingOfOneIsWhereTheFirstBegan) {
  EXPECT_THAT(symptoms_in("2026/11/21 01:17:36 http: panic serving 127.0.0.1:51040: assignment to entry in nil map\n"
                          "goroutine 110 [running]:\n"
                          "main.recovered.func1()\n"
                          "\t/srv/app/recover.go:7 +0x2e\n"
                          "panic({0x63ba60, 0x6e5750})\n"
                          "\t/usr/lib/go-1.19/src/runtime/panic.go:890 +0x262\n"
                          "main.main.func3({0x18499303b?, 0xffffffffffffffff?}, 0x4a8ad3?)\n"
                          "\t/srv/app/gobackend.go:21 +0x2e\n"),
              ElementsAre("go/panic /srv/app/gobackend.go:21 main.main.func3"));
}

TEST_F(FailingRequestsTest, AGenericRuleIsSilentOnALineThatAnotherRuleKnows) {
  std::string text(failed_request);
  text.replace(text.find("'price'"), 7, "'sku'");
  EXPECT_THAT(symptoms_in(text), ElementsAre("gunicorn/request-error /srv/shop/shop/views.py:41 cart",
                                             "shop/no-sku /srv/shop/shop/views.py:41 cart"));
}

TEST_F(FailingRequestsTest, RequestsAreCountedForAURLFromItsFirstFailureOn) {
  EXPECT_THAT(urls_in(access("/cart", 200) + access("/cart?sku=1", 500) + access("/cart", 404) + access("/", 200) +
                      access("/cart", 502)),
              ElementsAre("GET /cart 2 failed", "GET /cart 1 answered"));
}

TEST_F(FailingRequestsTest, RequestsAreCountedSecondBySecond) {
  EXPECT_THAT(urls_in(access("/cart", 500, 45) + access("/cart", 500, 45) + access("/cart", 500, 46)),
              ElementsAre("GET /cart 2 failed", "GET /cart 1 failed"));
}

TEST_F(FailingRequestsTest, ALineWithoutATimeIsAsOldAsItsNearestNeighbour) {
  const std::string undated = "Traceback (most recent call last):\nKeyError: 'sku'\n";
  const auto near_times = [&](const std::string& text) {
    const auto found = match(text);
    EXPECT_FALSE(found.empty());
    std::vector<std::string> times;
    for (const auto& near : matcher->near_times()) times.push_back(to_rfc3339_second(near.at));
    return times;
  };
  const std::string far(300, '-');
  EXPECT_THAT(near_times(access("/", 200, 10) + undated + far + "\n" + access("/", 200, 50)),
              ElementsAre("2026-11-21T01:15:10Z"));
  EXPECT_THAT(near_times(access("/", 200, 10) + far + "\n" + undated + access("/", 200, 50)),
              ElementsAre("2026-11-21T01:15:50Z"));
  EXPECT_THAT(near_times(undated), IsEmpty());
}

TEST(FailedUrls, AreForgottenTenMinutesAfterTheirLastFailure) {
  FailedUrls urls;
  const TimePoint at = *parse_rfc3339("2026-11-21T01:00:00Z");
  EXPECT_FALSE(urls.take("/cart", false, at));
  EXPECT_TRUE(urls.take("/cart", true, at));
  EXPECT_TRUE(urls.take("/cart", false, at + 10min));
  EXPECT_FALSE(urls.take("/cart", false, at + 11min));
  EXPECT_FALSE(urls.take("/cart", false, at + 1min));
}

TEST(FailedUrls, AreSoManyAndTheOneThatFailedLongestAgoMakesRoom) {
  FailedUrls urls;
  const TimePoint at = *parse_rfc3339("2026-11-21T01:00:00Z");
  for (std::size_t i = 0; i <= FailedUrls::most; ++i) {
    EXPECT_TRUE(urls.take("/" + std::to_string(i), true, at + std::chrono::seconds(i)));
  }
  EXPECT_FALSE(urls.take("/0", false, at + 2min));
  EXPECT_TRUE(urls.take("/1", false, at + 2min));
  EXPECT_FALSE(urls.take("/" + std::string(FailedUrls::longest_path, 'x'), true, at));
}

}  // namespace
}  // namespace triaged::matcher
