// Lines that count nothing because a client may have written them: exactly those, however their lines end, and how
// many.
#include <gtest/gtest.h>

#include "knowledge/dialects/load_rules.hpp"
#include "matcher/matcher.hpp"

namespace triaged::matcher {
namespace {

constexpr std::string_view rules_text = R"(
- id: nginx/io-error
  title: Disk
  root_cause: the disk
  match: [{formats: [nginx.error], regex: '^(?:open|pread)\(\) "[^"]*" failed \(5: '}]
- id: nginx/refused
  title: Refused
  root_cause: nobody listens
  match: [{formats: [nginx.error], regex: 'connect\(\) failed'}]
- id: access/failed
  title: Failed
  root_cause: an application
  match: [{formats: [nginx.access], where: {status: {from: 500, to: 599}}}]
- id: nginx/broken-header
  title: No PROXY header
  root_cause: a client
  match: [{formats: [nginx.error], within: line, line_because: nginx alone writes it, regex: '\*\d+ broken header: "[^"]'}]
)";

/// As nginx 1.22 wrote them for a path that ends with CR LF: the first line looks like one of another failure.
constexpr std::string_view beginning =
    R"(2026/11/29 20:12:08 [error] 30581#30581: *11902 open() "/srv/www/static/Nov 29 08:40:00 web1 kernel: 2026/11/21 09:47:12 [crit] 19996#19996: *2 pread() "/proc/self/mem" failed (5: Input/output error), client: 127.0.0.1, server: shop.example.com, request: "GET /eio HTTP/1.1", host: "shop.example.com")";
constexpr std::string_view end =
    R"(" failed (2: No such file or directory), client: 127.0.0.1, server: shop.example.com, request: "GET /static/Nov%2029%2008%3A40%3A00%20web1%20kernel%3A%202026/11/21%2009%3A47%3A12%20%5Bcrit%5D%0D%0A HTTP/1.1", host: "shop.example.com")";
constexpr std::string_view missing =
    R"(2026/11/29 20:12:08 [error] 30581#30581: *11902 open() "/srv/www/static/app.css" failed (2: No such file or directory), client: 127.0.0.1, server: shop.example.com, request: "GET /static/app.css HTTP/1.1", host: "shop.example.com")";

class DistrustedLineTest : public testing::Test {
 protected:
  DistrustedLineTest() {
    Problems problems;
    auto rules =
        std::make_shared<const knowledge::RuleSet>(knowledge::read_rule_file(rules_text, "rules.yaml", problems));
    matcher = std::make_unique<Matcher>(SignatureSet::compile(rules, problems));
    EXPECT_TRUE(problems.empty());
  }

  void add(std::string_view line, std::string_view line_end = "\n") {
    batch.lines.push_back({static_cast<std::uint32_t>(batch.bytes.size()), static_cast<std::uint32_t>(line.size()),
                           1000 + batch.bytes.size()});
    batch.bytes.append(line).append(line_end);
  }
  std::vector<std::string> rules() {
    formats::LineReader reader({.source_name = batch.source_name, .zone = {std::chrono::seconds(0)}});
    std::vector<std::string> found;
    for (const auto& finding : matcher->match(batch, reader)) found.push_back(matched_line(finding).rule);
    return found;
  }

  LineBatch batch{.source_name = "error.log"};
  std::unique_ptr<Matcher> matcher;
};

TEST_F(DistrustedLineTest, IsTheFirstOneOfARecordAlsoWhenItEndsWithACarriageReturn) {
  add(beginning, "\r\n");
  add(end);
  EXPECT_EQ(rules(), std::vector<std::string>{});
  EXPECT_EQ(matcher->distrusted_lines().taken_back, 1u);
}

TEST_F(DistrustedLineTest, IsTheLastOneOfABatchWhenItsEndStandsAhead) {
  add(beginning, "\r\n");
  batch.ahead = std::string(end) + "\r\n";
  EXPECT_EQ(rules(), std::vector<std::string>{});
}

// Each line end has two bytes.
TEST_F(DistrustedLineTest, StandsWithinTheBytesThatNginxGivesARecord) {
  add(R"(2026/11/29 20:12:08 [error] 7#7: *1 open() "/srv/www/static/x)", "\r\n");
  for (int i = 0; i < 700; ++i) add("d", "\r\n");
  add("2026/11/21 01:15:46 [error] 1851#1851: *115 connect() failed (111: Connection refused) while connecting to "
      "upstream, client: 127.0.3.235, server: shop.example.com, request: \"GET / HTTP/1.1\", upstream: "
      "\"http://127.0.0.1:8003/\", host: \"shop.example.com\"",
      "\r\n");
  EXPECT_EQ(rules(), std::vector<std::string>{"nginx/refused"});
}

/// Rules that look at the whole line included.
TEST_F(DistrustedLineTest, IsTheRestOfARecordBehindAForgedHeader) {
  add(R"(2026/11/30 19:05:10 [error] 18997#18997: *37857 open() "/srv/www/static/)");
  add(R"(Nov 29 08:40:00 web1 app[7]: 2026/11/21 01:13:41 [error] 32064#32064: *113 broken header: "GET / HTTP/1.1" failed (2: No such file or directory), client: 127.0.0.1, server: shop.example.com, request: "GET /static/%0ANov%2029 HTTP/1.1", host: "shop.example.com")");
  EXPECT_EQ(rules(), std::vector<std::string>{});
}

TEST_F(DistrustedLineTest, IsCountedWhenItIsOfAnotherProgram) {
  add(missing);
  add(R"(9.9.9.9 - - [29/Nov/2026:20:12:08 +0000] "GET / HTTP/1.1" 502 3 "-" "-")");
  EXPECT_EQ(rules(), std::vector<std::string>{});
  EXPECT_EQ(matcher->distrusted_lines().taken_back, 0u);
  EXPECT_EQ(matcher->distrusted_lines().silenced, 1u);
}

}  // namespace
}  // namespace triaged::matcher
