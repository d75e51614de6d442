// Reasons (formats/reasons/) as conditions and fields: only where the program speaks, and only those a rule asks for.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "knowledge/dialects/load_rules.hpp"
#include "matcher/matcher.hpp"

namespace triaged::matcher {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::string_view rules_text = R"(
- id: nginx/refused
  title: Refused
  match:
    - formats: [nginx.error]
      regex: '^connect\(\) failed \('
      where: {errno: refused}
  causes: [{id: upstream-down, text: down, prior: 0.5}]
- id: nginx/not-refused
  title: Something else
  match:
    - formats: [nginx.error]
      regex: '^connect\(\) failed \('
      where: {errno: {not: refused}}
  causes: [{id: upstream-down, text: down, prior: 0.5}]
- id: nginx/worker-died
  title: A worker died of {signal}
  match:
    - formats: [nginx.error]
      regex: '^worker process \d+ exited on signal (?<signal>\d+)'
  causes: [{id: worker-crashed, text: died, prior: 0.5}]
- id: nginx/start
  title: nginx does not start
  match:
    - formats: [nginx.error]
      where: {level: emerg, errno: [address_in_use, permission]}
  causes: [{id: port-in-use, text: taken, prior: 0.5}]
)";

class LineReasonsTest : public testing::Test {
 protected:
  LineReasonsTest() {
    Problems problems;
    auto rules = std::make_shared<const knowledge::RuleSet>(knowledge::read_rule_file(rules_text, "a.yaml", problems));
    signatures = SignatureSet::compile(rules, problems);
    EXPECT_TRUE(problems.empty()) << to_text(problems.front());
  }

  /// What is found in nginx's error log, without answers.
  std::vector<Finding> match(const std::string& words, const std::string& path = "/",
                             const std::string& level = "error") {
    LineBatch batch;
    batch.source_name = "error.log";
    batch.bytes = "2026/11/21 01:15:46 [" + level + "] 1851#1851: " + (level == "error" ? "*115 " : "") + words;
    if (level == "error") {
      batch.bytes += ", client: 127.0.3.235, server: shop.example.com, request: \"GET " + path +
                     " HTTP/1.1\", upstream: \"http://127.0.0.1:8003/\", host: \"shop.example.com\"";
    }
    batch.bytes += "\n";
    batch.lines.push_back({0, static_cast<std::uint32_t>(batch.bytes.size() - 1), 0});
    formats::LineReader reader({.source_name = "error.log", .zone = {std::chrono::seconds(0)}});
    return Matcher(signatures).match(batch, reader);
  }
  std::vector<std::string> rules_of(const std::vector<Finding>& findings) {
    std::vector<std::string> rules;
    for (const auto& finding : findings) rules.push_back(matched_line(finding).rule);
    return rules;
  }

  std::shared_ptr<const SignatureSet> signatures;
};

TEST_F(LineReasonsTest, ConditionsHoldByTheNameOfTheReasonOnEveryPlatform) {
  for (const std::string reason :
       {"111: Connection refused", "61: Connection refused",
        "10061: No connection could be made because the target machine actively refused it"}) {
    const auto found = match("connect() failed (" + reason + ") while connecting to upstream");
    ASSERT_THAT(rules_of(found), ElementsAre("nginx/refused")) << reason;
    EXPECT_EQ(matched_line(found.front()).field("errno"), "refused");
  }
  const auto other = match("connect() failed (113: No route to host) while connecting to upstream");
  ASSERT_THAT(rules_of(other), ElementsAre("nginx/not-refused"));
  EXPECT_EQ(matched_line(other.front()).field("errno"), "no_route");
}

TEST_F(LineReasonsTest, AClientsWordsGiveNoReason) {
  const auto found = match("connect() failed (113: No route to host) while connecting to upstream",
                           "/?q=(111:%20Connection%20refused)");
  EXPECT_THAT(rules_of(found), ElementsAre("nginx/not-refused"));
  EXPECT_THAT(match("no live upstreams while connecting to upstream", "/connect()%20failed%20(111:%20ECONNREFUSED"),
              IsEmpty());
}

TEST_F(LineReasonsTest, AGroupNamedAfterAReasonGivesItsName) {
  const auto found = match("worker process 3 exited on signal 11", "", "alert");
  ASSERT_THAT(rules_of(found), ElementsAre("nginx/worker-died"));
  EXPECT_EQ(matched_line(found.front()).field("signal"), "SIGSEGV");
}

TEST_F(LineReasonsTest, StandBesideConditionsOnFieldsWithoutAPattern) {
  EXPECT_THAT(rules_of(match("bind() to 0.0.0.0:80 failed (48: Address already in use)", "", "emerg")),
              ElementsAre("nginx/start"));
  EXPECT_THAT(match("bind() to 0.0.0.0:80 failed (49: Can't assign requested address)", "", "emerg"), IsEmpty());
}

TEST_F(LineReasonsTest, ExplainSaysWhichReasonALineGivesInPlaceOfTheWantedOne) {
  const std::string line =
      "2026/11/21 01:15:46 [error] 1851#1851: *115 connect() failed (113: No route to host) while connecting to "
      "upstream";
  formats::LineReader reader({.source_name = "error.log", .zone = {std::chrono::seconds(0)}});
  formats::ReadLine read;
  reader.read(line, read);
  std::vector<std::string> missing;
  for (const auto& verdict : Matcher(signatures).explain(read)) {
    if (verdict.rule->id == "nginx/refused") missing.push_back(verdict.missing);
  }
  EXPECT_THAT(missing, ElementsAre("wants errno is refused (it is no_route)"));
}

}  // namespace
}  // namespace triaged::matcher
