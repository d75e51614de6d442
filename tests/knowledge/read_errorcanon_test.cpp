#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/rule_file.hpp"

namespace triaged::knowledge {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::StartsWith;

const auto folder = std::filesystem::path(TRIAGED_SOURCE_DIR) / "rules" / "errorcanon";

class ErrorcanonRecord : public RuleFileTest {
 protected:
  Rule record(const std::string& name) { return read_one(contents_of(folder / (name + ".json")), "a.json"); }
  /// The complaints about a small sound record with `more` at its end.
  std::vector<std::string> complaints_with(std::string_view more) {
    return complaints_about(
        "{\"id\": \"api/x\", \"signature\": \"X\", \"root_cause\": \"Y\",\n " + std::string(more) + "}", "a.json");
  }
};

TEST_F(ErrorcanonRecord, SaysWhatItIs) {
  const auto rule = record("http-502-bad-gateway-upstream-connection-reset");
  EXPECT_EQ(rule.id, "api/http-502-bad-gateway-upstream-connection-reset");
  EXPECT_EQ(rule.dialect, Dialect::errorcanon_json);
  EXPECT_EQ(rule.title.english, "502 Bad Gateway: upstream connection reset by peer");
  EXPECT_EQ(rule.title.chinese, "502 错误网关：上游连接被对端重置");
  EXPECT_EQ(rule.domain, "api");
  EXPECT_EQ(rule.category, "network_error");
  EXPECT_EQ(rule.error_code, "502");
  EXPECT_EQ(rule.severity, Severity::warning);
  EXPECT_EQ(rule.verification, "ai_generated");
  EXPECT_EQ(rule.confidence, 0.86);
  EXPECT_EQ(rule.fix_rate, 0.8);
  EXPECT_EQ(rule.evidence_count, 1u);
  EXPECT_EQ(rule.first_seen, "2023-10-05");
  EXPECT_EQ(rule.last_confirmed, "2024-06-01");
  EXPECT_EQ(rule.docs, "https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_pass");
}

TEST_F(ErrorcanonRecord, IsRecognisedInAnyFormatByItsPattern) {
  const auto rule = record("http-502-bad-gateway-upstream-connection-reset");
  ASSERT_EQ(rule.matches.size(), 1u);
  EXPECT_EQ(rule.matches[0].regex, "502 Bad Gateway: upstream connection reset by peer");
  EXPECT_THAT(rule.matches[0].formats, IsEmpty());
  EXPECT_EQ(rule.matches[0].within, Within::message);
  EXPECT_FALSE(rule.matches[0].caseless);
  EXPECT_EQ(rule.matches[0].place.line, 5u);
  EXPECT_EQ(rule.matches[0].place.column, 12u);
}

TEST_F(ErrorcanonRecord, HasItsRootCauseAsItsOnlyCause) {
  const auto rule = record("http-502-bad-gateway-upstream-connection-reset");
  ASSERT_EQ(rule.causes.size(), 1u);
  EXPECT_EQ(rule.causes[0].id, "http-502-bad-gateway-upstream-connection-reset");
  EXPECT_EQ(rule.causes[0].prior, 1);
  EXPECT_EQ(rule.causes[0].text.english, rule.root_cause.english);
  EXPECT_THAT(rule.root_cause.english, StartsWith("The upstream server (e.g., application backend) abruptly closed"));
  EXPECT_THAT(rule.root_cause.chinese, StartsWith("上游服务器（例如应用程序后端）"));
}

TEST_F(ErrorcanonRecord, KeepsDeadEndsThatNameNoAction) {
  const auto rule = record("http-502-bad-gateway-upstream-connection-reset");
  ASSERT_EQ(rule.dead_ends.size(), 2u);
  EXPECT_EQ(rule.dead_ends[0].action.english, "");
  EXPECT_EQ(rule.dead_ends[0].why_fails.english, "The reset is immediate, not due to a slow response.");
  EXPECT_EQ(rule.dead_ends[0].fail_rate, 0.8);
}

TEST_F(ErrorcanonRecord, HasChineseActionsInTheOrderOfItsWorkarounds) {
  const auto rule = record("http-502-bad-gateway-upstream-unreachable");
  ASSERT_EQ(rule.workarounds.size(), 3u);
  EXPECT_THAT(rule.workarounds[0].action.chinese, StartsWith("通过健康检查端点"));
  EXPECT_THAT(rule.workarounds[2].action.chinese, StartsWith("临时绕过网关"));
  EXPECT_EQ(rule.workarounds[2].success_rate, 0.8);
}

TEST_F(ErrorcanonRecord, HasItsVersions) {
  const auto rule = record("http-502-bad-gateway-upstream-connection-reset");
  ASSERT_EQ(rule.versions.size(), 5u);
  EXPECT_EQ(rule.versions[2].version, "HAProxy 2.8+");
  EXPECT_EQ(rule.versions[2].status, "active");
  EXPECT_EQ(rule.versions[2].introduced, "");
}

TEST_F(ErrorcanonRecord, IsRecognisedByItsSignatureWhenItHasNoPattern) {
  const auto rule =
      read_one(R"r({"id": "api/x", "signature": "GET /x (502)", "regex": "", "root_cause": "Y"})r", "a.json");
  EXPECT_EQ(rule.matches.at(0).regex, R"(GET /x \(502\))");
}

TEST_F(ErrorcanonRecord, MayStandWithOthersInAList) {
  const auto rules = read(R"([{"id": "api/a", "signature": "abcd", "root_cause": "Y"},
                              {"id": "api/b", "signature": "efgh", "root_cause": "Y"}])",
                          "a.json");
  EXPECT_THAT(texts_of(problems_), IsEmpty());
  ASSERT_EQ(rules.size(), 2u);
  EXPECT_EQ(rules[1].id, "api/b");
}

TEST_F(ErrorcanonRecord, ReadsItsGraph) {
  const auto rule = read_one(R"({"id": "api/x", "signature": "abcd", "root_cause": "Y", "transition_graph": {
    "leads_to": [{"error_id": "api/y", "probability": 0.3, "condition": "z", "typical_delay": "5s"}], "preceded_by": [],
    "frequently_confused_with": [{"id": "api/z", "distinction": "slower"}]}})",
                             "a.json");
  EXPECT_EQ(rule.leads_to.at(0).rule, "api/y");
  EXPECT_EQ(rule.leads_to[0].probability, 0.3);
  EXPECT_EQ(rule.confused_with.at(0).rule, "api/z");
  EXPECT_EQ(rule.confused_with[0].distinction, "slower");
}

TEST_F(ErrorcanonRecord, IsRefusedWithFieldsOfTheWrongType) {
  EXPECT_THAT(complaints_with("\"confidence\": \"high\",\n \"domain\": 5,\n \"versions\": \"all\""),
              ElementsAre("a.json:2:16: error: 'confidence' of record must be a number, not a quoted text (high)",
                          "a.json:3:12: error: 'domain' of record must be a string (5)",
                          "a.json:4:14: error: 'versions' of record must be a list, not text (all)"));
}

TEST_F(ErrorcanonRecord, IsRecognisedByItsSignatureWhenNoEngineTakesItsPattern) {
  EXPECT_THAT(complaints_with("\"regex\": \"(a|b\""),
              ElementsAre("a.json:2:11: warning: Hyperscan does not take this regex: Missing close parenthesis for "
                          "group started at index 0; until then the record is recognised by its signature, word for "
                          "word ((a|b)"));
}

TEST_F(ErrorcanonRecord, NeedsAnIdASignatureAndARootCause) {
  EXPECT_THAT(complaints_about(R"({"transition_graph": {}})", "a.json"),
              ElementsAre("a.json:1:1: error: record has no 'id'", "a.json:1:1: error: record has no 'signature'",
                          "a.json:1:1: error: record has no 'root_cause'"));
}

TEST_F(ErrorcanonRecord, IsWarnedOfUnknownFieldsAndUnevenTranslations) {
  EXPECT_THAT(complaints_with("\"confidnece\": 1,\n \"workarounds_zh\": [\"a\"]"),
              ElementsAre("a.json:2:2: warning: unknown field 'confidnece' in record; did you mean 'confidence'? "
                          "(confidnece)",
                          "a.json:3:20: warning: 'workarounds_zh' has 1 items for 0 workarounds"));
}

TEST_F(ErrorcanonRecord, PassesOnWhatItHasNoUseFor) {
  const auto rule = record("http-502-bad-gateway-upstream-connection-reset");
  ASSERT_TRUE(rule.record.has_value());
  EXPECT_EQ(rule.record->resolvable, "true");
  EXPECT_EQ(rule.record->root_cause_type, "generic");
  EXPECT_EQ(rule.record->last_updated, "2024-06-01");
  EXPECT_EQ(rule.record->locale, "en");
  EXPECT_EQ(rule.record->os_specific, "{}");
}

}  // namespace
}  // namespace triaged::knowledge
