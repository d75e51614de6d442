// The guard against forged records of nginx has no price: of equal honest ones, of whatever length and however many,
// each counts. Lengths of which some make 2,048 bytes together, where nginx cuts a record, are the hard ones.
#include <bit>

#include <gtest/gtest.h>

#include "knowledge/dialects/load_rules.hpp"
#include "matcher/matcher.hpp"

namespace triaged::matcher {
namespace {

constexpr std::string_view rules_text = R"(
- id: nginx/refused
  title: Refused
  root_cause: nobody listens
  match: [{formats: [nginx.error], regex: 'connect\(\) failed'}]
- id: nginx/denied
  title: Denied
  root_cause: rights
  match: [{formats: [nginx.error], regex: 'open\(\) "[^"]*" failed \(13'}]
- id: nginx/index
  title: No index
  root_cause: a folder
  match: [{formats: [nginx.error], regex: 'directory index of "[^"]*" is forbidden'}]
- id: nginx/password
  title: Password
  root_cause: a client
  match: [{formats: [nginx.error], regex: 'user "[^"]*": password mismatch'}]
- id: nginx/php
  title: PHP
  root_cause: the application
  match: [{formats: [nginx.error], regex: 'FastCGI sent in stderr: "PHP message: PHP Fatal error'}]
- id: nginx/broken-header
  title: No PROXY header
  root_cause: a client
  match: [{formats: [nginx.error], within: line, line_because: nginx alone writes it, regex: '\*\d+ broken header: "[^"]'}]
)";

/// As nginx wrote them; `PADDING` stands where they are made longer.
struct Record {
  std::string name, text;
};
const std::vector<Record> records = {
    {"refused",
     R"(2026/11/21 00:36:06 [error] 6245#6245: *120 connect() failed (111: Connection refused) while connecting to upstream, client: 127.0.0.1, server: shop.example.com, request: "GET /PADDING HTTP/1.1", upstream: "http://127.0.0.1:8000/", host: "shop.example.com")"},
    {"denied",
     R"(2026/11/21 01:14:18 [error] 386#386: *115 open() "/srv/www/PADDING" failed (13: Permission denied), client: 127.0.0.1, server: shop.example.com, request: "GET /x HTTP/1.1", host: "shop.example.com")"},
    {"index",
     R"(2026/11/21 01:14:18 [error] 386#386: *115 directory index of "/srv/www/PADDING/" is forbidden, client: 127.0.0.1, server: shop.example.com, request: "GET /x/ HTTP/1.1", host: "shop.example.com")"},
    {"password",
     R"(2026/11/21 01:07:37 [error] 19982#19982: *98 user "alice": password mismatch, client: 127.0.1.197, server: shop.example.com, request: "GET /PADDING HTTP/1.1", host: "shop.example.com")"},
    {"php",
     R"(2026/11/21 01:07:57 [error] 20592#20592: *113 FastCGI sent in stderr: "PHP message: PHP Fatal error:  Uncaught Error: Call to a member function sum() on null in /srv/php/PADDING.php:1
Stack trace:
#0 /srv/php/cart.php(1): total()
#1 {main}
  thrown in /srv/php/cart.php on line 1" while reading response header from upstream, client: 127.0.2.184, server: shop.example.com, request: "GET /cart.php?id=3106 HTTP/1.1", upstream: "fastcgi://unix:/run/php/php8.2-fpm.sock:", host: "shop.example.com")"},
    {"php in one line",
     R"(2026/11/21 01:07:57 [error] 20592#20592: *113 FastCGI sent in stderr: "PHP message: PHP Fatal error:  Allowed memory size exhausted in /srv/php/PADDING.php on line 1" while reading response header from upstream, client: 127.0.2.184, server: shop.example.com, request: "GET /cart.php HTTP/1.1", upstream: "fastcgi://unix:/run/php/php8.2-fpm.sock:", host: "shop.example.com")"},
    {"broken header",
     R"(2026/11/21 01:13:41 [error] 32064#32064: *113 broken header: "GET /PADDING HTTP/1.1
accept-encoding: identity
host: shop.example.com

" while reading PROXY protocol, client: 127.0.0.1, server: 0.0.0.0:8080)"},
};

LineBatch batch_of(const std::string& text) {
  LineBatch batch{.source_name = "error.log", .bytes = text};
  for (std::size_t begin = 0, end = 0; (end = text.find('\n', begin)) != std::string::npos; begin = end + 1) {
    batch.lines.push_back({static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end - begin), begin});
  }
  return batch;
}

std::string with_padding(const std::string& text, std::size_t padding) {
  auto padded = text;
  constexpr std::string_view mark = "PADDING";
  return padded.replace(padded.find(mark), mark.size(), std::string(padding, 'a'));
}

class EqualRecords : public testing::TestWithParam<Record> {
 protected:
  EqualRecords() {
    Problems problems;
    auto rules =
        std::make_shared<const knowledge::RuleSet>(knowledge::read_rule_file(rules_text, "rules.yaml", problems));
    matcher = std::make_unique<Matcher>(SignatureSet::compile(rules, problems));
    EXPECT_TRUE(problems.empty());
  }

  std::size_t findings_in(const std::string& text) {
    const auto batch = batch_of(text);
    formats::LineReader reader({.source_name = batch.source_name, .zone = {std::chrono::seconds(0)}});
    return matcher->match(batch, reader).size();
  }

  std::unique_ptr<Matcher> matcher;
};

TEST_P(EqualRecords, AllCountWhateverTheirLength) {
  constexpr std::size_t most_bytes = 2047, records_a_run = 24;
  std::size_t runs = 0;
  for (std::size_t padding = 1;; ++padding, ++runs) {
    const auto record = with_padding(GetParam().text, padding) + '\n';
    if (record.size() > most_bytes) break;
    std::string text;
    for (std::size_t i = 0; i < records_a_run; ++i) text += record;
    ASSERT_EQ(findings_in(text), records_a_run) << record.size() << " bytes each";
  }
  EXPECT_GT(runs, 1000u);
}

TEST_P(EqualRecords, AllCountHoweverManyThereAre) {
  for (const std::size_t bytes : {512u, 513u, 1024u}) {
    const auto padding = bytes - with_padding(GetParam().text, 0).size() - 1;
    const auto record = with_padding(GetParam().text, padding) + '\n';
    ASSERT_EQ(record.size(), bytes);
    std::string text;
    for (std::size_t count = 1; count <= 2048; ++count) {
      text += record;
      if (!std::has_single_bit(count)) continue;
      ASSERT_EQ(findings_in(text), count) << bytes << " bytes each";
    }
  }
}

INSTANTIATE_TEST_SUITE_P(OfNginx, EqualRecords, testing::ValuesIn(records), [](const auto& each) {
  auto name = each.param.name;
  for (auto& letter : name) letter = letter == ' ' ? '_' : letter;
  return name;
});

}  // namespace
}  // namespace triaged::matcher
