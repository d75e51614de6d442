#include "matcher/finding_redaction.hpp"

#include <gmock/gmock.h>

#include "knowledge/dialects/load_rules.hpp"
#include "matcher/matcher.hpp"

namespace triaged::matcher {
namespace {

constexpr std::string_view rules_text = R"(
- id: app/failed
  title: Failed
  match: [{formats: [text], regex: 'failed: (?<detail>.*?)( after (?<tries>\d+) tries)?$'}]
  causes: [{id: app-exception, text: failed, prior: 0.5}]
- id: app/wrong-user
  title: Wrong user
  match: [{formats: [text], regex: 'password=hunter2 is wrong'}]
  causes: [{id: app-exception, text: wrong, prior: 0.5}]
- id: app/exception
  title: Exception
  match: [{formats: [python.traceback], regex: 'OperationalError'}]
  causes: [{id: app-exception, text: failed, prior: 0.5}]
- id: nginx/many
  title: Many
  match: [{rate: {of: {formats: [nginx.access], where: {status: 502}}, above: 20, per: 1m}}]
  causes: [{id: upstream-app-returned-5xx, text: many, prior: 0.5}]
)";

class FindingRedactionTest : public testing::Test {
 protected:
  FindingRedactionTest() {
    Problems problems;
    auto rules =
        std::make_shared<const knowledge::RuleSet>(knowledge::read_rule_file(rules_text, "rules.yaml", problems));
    signatures_ = SignatureSet::compile(rules, problems);
    EXPECT_FALSE(has_errors(problems)) << to_text(problems.front());
  }

  std::vector<MatchedLine> match(const std::vector<std::string>& lines,
                                 std::shared_ptr<const formats::Redactor> redactor = formats::usual_redactor()) {
    LineBatch batch;
    for (const auto& line : lines) {
      const auto begin = static_cast<std::uint32_t>(batch.bytes.size());
      batch.lines.push_back({begin, static_cast<std::uint32_t>(line.size()), begin});
      batch.bytes += line + "\n";
    }
    formats::LineReader reader({.source_name = "a.log", .zone = {std::chrono::seconds(0)}});
    std::vector<MatchedLine> found;
    for (const auto& each : Matcher(signatures_, std::move(redactor)).match(batch, reader)) {
      found.push_back(matched_line(each));
    }
    return found;
  }

 private:
  std::shared_ptr<const SignatureSet> signatures_;
};

TEST_F(FindingRedactionTest, RedactsTheLineAndWhatTheRuleCaughtOfIt) {
  const auto found = match({"job 7 failed: redis://:hunter2@10.0.0.5:6379 after 3 tries"});
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].line, "job 7 failed: redis://:[redacted: password]@10.0.0.5:6379 after 3 tries");
  EXPECT_EQ(found[0].field("detail"), "redis://:[redacted: password]@10.0.0.5:6379");
  EXPECT_EQ(found[0].field("tries"), "3");
}

TEST_F(FindingRedactionTest, MatchesTheLineAsItWasWritten) {
  const auto found = match({"password=hunter2 is wrong"});
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].rule, "app/wrong-user");
  EXPECT_EQ(found[0].line, "password=[redacted: password] is wrong");
}

TEST_F(FindingRedactionTest, LeavesOtherLinesOfTheBatchAlone) {
  const auto found = match({"a failed: token=q1w2e3", "b failed: no such file", "c failed: token=q1w2e3"});
  ASSERT_EQ(found.size(), 3u);
  EXPECT_EQ(found[0].line, "a failed: token=[redacted: token]");
  EXPECT_EQ(found[1].line, "b failed: no such file");
  EXPECT_EQ(found[2].line, "c failed: token=[redacted: token]");
}

TEST_F(FindingRedactionTest, RedactsTheHeaderOfTheRecord) {
  const auto found = match({"[2026-11-21 01:15:46 +0000] [812] [ERROR] Error handling request /x?password=hunter2",
                            "Traceback (most recent call last):", "  File \"/srv/app.py\", line 3, in get",
                            "psycopg2.OperationalError: no connection"});
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].header,
            "[2026-11-21 01:15:46 +0000] [812] [ERROR] Error handling request /x?password=[redacted: password]");
  for (const auto& field : found[0].fields) EXPECT_THAT(field.value, testing::Not(testing::HasSubstr("hunter2")));
}

TEST_F(FindingRedactionTest, RedactsTheLineThatStandsForACount) {
  const auto found = match(
      {R"(10.0.0.9 - - [21/Nov/2026:01:15:46 +0000] "GET /x?password=hunter2 HTTP/1.1" 502 157 "-" "curl/7.88.1")"});
  ASSERT_EQ(found.size(), 2u);  // the second one counts the requests for the URL
  EXPECT_EQ(found[1].field("path"), "/x");
  EXPECT_THAT(found[0].line, testing::HasSubstr("/x?password=[redacted: password] HTTP/1.1"));
  EXPECT_THAT(found[0].field("request"), "GET /x?password=[redacted: password] HTTP/1.1");
}

TEST_F(FindingRedactionTest, CutsALongLineBehindItsSecretAndNotInTheMiddleOfIt) {
  const std::string before(longest_symptom_line - 20, 'a');
  const auto found = match({"failed: " + before + " token=q1w2e3r4t5y6u7i8o9p0q1w2e3r4t5y6u7i8o9p0"});
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].line.size(), longest_symptom_line);
  EXPECT_TRUE(found[0].line.ends_with(" token=[reda")) << found[0].line.substr(longest_symptom_line - 30);
}

TEST_F(FindingRedactionTest, RedactsNothingWhenThatIsAskedFor) {
  const auto found = match({"failed: token=q1w2e3"}, formats::no_redactor());
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].line, "failed: token=q1w2e3");
}

}  // namespace
}  // namespace triaged::matcher
