// Requests that were answered as they should be: counted, one finding a second for each who answered.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "matcher/matcher.hpp"

namespace triaged::matcher {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::string_view plain_page =
    R"(127.0.1.166 - - [21/Nov/2026:01:13:45 +0000] "GET /static/app.css HTTP/1.1" 200 1620 "https://shop.example.com/" "-")";
constexpr std::string_view client_gone =
    R"(127.0.3.234 - - [21/Nov/2026:01:06:58 +0000] "GET /api/reports?s=3&id=0 HTTP/1.1" 499 0 "-" "okhttp/4.12.0")";
constexpr std::string_view by_upstream =
    R"({"time":"2026-11-21T01:13:45+00:00","remote_addr":"127.0.2.237","request":"GET /api/items?id=1747 HTTP/1.1",)"
    R"("status":200,"body_bytes_sent":521,"request_time":0.004,"upstream_addr":"127.0.0.1:8000","upstream_status":"200"})";
constexpr std::string_view by_server =
    R"(2026-11-21T01:13:47.184440+00:00 web1 haproxy[32256]: 127.0.2.33:52347 [21/Nov/2026:01:13:47.180] www app/app1 )"
    R"(0/0/0/0/3 200 136 - - ---- 1/1/0/0/0 0/0 "GET /healthz HTTP/1.1")";

std::vector<std::string> answers_in(const std::vector<std::string>& lines, bool is_unterminated = false) {
  Problems problems;
  const auto signatures = SignatureSet::compile(std::make_shared<const knowledge::RuleSet>(), problems);
  LineBatch batch;
  batch.source_name = "access.log";
  batch.is_unterminated = is_unterminated;
  for (const auto& line : lines) {
    batch.lines.push_back({static_cast<std::uint32_t>(batch.bytes.size()), static_cast<std::uint32_t>(line.size()),
                           1000 + batch.bytes.size()});
    batch.bytes += line + '\n';
  }
  formats::LineReader reader({.source_name = "access.log", .zone = {std::chrono::seconds(0)}});
  std::vector<std::string> found;
  for (const auto& finding : Matcher(signatures).match(batch, reader)) {
    if (std::holds_alternative<UrlRequests>(finding)) continue;
    const auto& answers = std::get<Answers>(finding);
    const auto who = std::string(answers.field("upstream")) + std::string(answers.field("server"));
    found.push_back(std::to_string(answers.lines) + ' ' + answers.format + ' ' + who);
  }
  return found;
}

TEST(AnswersInABatch, AreOneFindingASecond) {
  std::string later(plain_page);
  later.replace(later.find(":45 "), 4, ":46 ");
  EXPECT_THAT(answers_in({std::string(plain_page), std::string(plain_page), later}),
              ElementsAre("2 nginx.access ", "1 nginx.access "));
}

TEST(AnswersInABatch, NameTheUpstreamOrTheServerThatAnswered) {
  EXPECT_THAT(answers_in({std::string(by_upstream)}), ElementsAre("1 nginx.access 127.0.0.1:8000"));
  EXPECT_THAT(answers_in({std::string(by_server)}), ElementsAre("1 haproxy.http app/app1"));
}

TEST(AnswersInABatch, AreNotOfRequestsThatFailedOrWereGivenUp) {
  std::string failed(plain_page);
  failed.replace(failed.find(" 200 "), 5, " 502 ");
  EXPECT_THAT(answers_in({failed, std::string(client_gone)}), IsEmpty());
}

TEST(AnswersInABatch, AreNotOfSessionsThatHAProxyCutShort) {
  std::string cut(by_server);
  cut.replace(cut.find(" ---- "), 6, " SD-- ");
  EXPECT_THAT(answers_in({cut}), IsEmpty());
}

TEST(AnswersInABatch, DoNotCountALineTwiceThatComesAgain) {
  EXPECT_THAT(answers_in({std::string(plain_page)}, true), IsEmpty());
}

}  // namespace
}  // namespace triaged::matcher
