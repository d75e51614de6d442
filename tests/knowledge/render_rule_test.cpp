#include "knowledge/faces/render_rule.hpp"

#include <cstdlib>
#include <fstream>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "knowledge/dialects/json_tree.hpp"
#include "tests/support/rule_file.hpp"

namespace triaged::knowledge {
namespace {

using testing::HasSubstr;
using testing::Not;

const auto source = std::filesystem::path(TRIAGED_SOURCE_DIR);

class RenderRule : public RuleFileTest {
 protected:
  /// UPDATE_GOLDEN=1 writes the file anew; look at the difference before you commit it.
  static void expect_golden(const std::string& actual, const std::string& name) {
    const auto path = source / "tests" / "golden" / "rules" / name;
    if (std::getenv("UPDATE_GOLDEN") != nullptr) std::ofstream(path, std::ios::binary) << actual;
    EXPECT_EQ(actual, contents_of(path));
  }
  std::string record_text(const std::string& name) {
    return contents_of(source / "rules" / "errorcanon" / (name + ".json"));
  }
  Rule record(const std::string& name) { return read_one(record_text(name), "a.json"); }
  Rule triaged_rule() {
    return read_one(R"(id: nginx/upstream-connection-refused
title: Upstream refused the connection
title_zh: 上游拒绝连接
severity: critical
error_code: "502"
match:
  - {formats: [nginx.error], regex: 'connect\(\) failed \(111: Connection refused\)'}
  - {formats: [nginx.access], where: {status: [502, 503]}}
entity: upstream
root_cause: Nothing accepts connections at {upstream}.
causes:
  - {id: stale-upstream-registration, text: It is gone., prior: 0.3}
  - id: upstream-down
    text: It is down.
    text_zh: 已停止
    prior: 0.7
    supported_by: [{symptom: kernel/oom-kill, within: 2m, weight: strong}, {field: {method: POST}, weight: weak}]
    refuted_by: [{probe: listening, absent: true}]
workarounds:
  - {action: Wait, success_rate: 0.1}
  - {id: restart, action: Start it, action_zh: 启动, how: "systemctl start APP\njournalctl -u APP\n", success_rate: 0.9}
dead_ends:
  - {action: Restart nginx, why_fails: nginx is healthy., why_fails_zh: nginx 正常, fail_rate: 0.9}
transitions:
  leads_to: [{rule: haproxy/server-down, within: 30s, probability: 0.4}]
  confused_with: [{rule: nginx/upstream-timed-out, distinction: a time-out takes seconds}]
versions: [{version: 'a|b', status: active}]
docs: https://nginx.org/
confidence: 0.9
evidence_count: 12
verification: observed
first_seen: 2023-10-05
tags: [proxy]
see_also: [api/http-502-bad-gateway-upstream-unreachable]
)");
  }
};

TEST_F(RenderRule, WritesThePublicRecordsMarkdownByteForByte) {
  const auto expected = contents_of(source / "tests/golden/rules/http-502-bad-gateway-upstream-unreachable.md");
  ASSERT_FALSE(expected.empty());
  EXPECT_EQ(to_markdown(record("http-502-bad-gateway-upstream-unreachable"), Language::english), expected);
}

TEST_F(RenderRule, WritesThePublicRecordsJsonByteForByte) {
  for (const std::string name :
       {"http-502-bad-gateway-upstream-connection-reset", "http-502-bad-gateway-upstream-unreachable"}) {
    auto expected = record_text(name);
    if (expected.ends_with('\n')) expected.pop_back();
    EXPECT_EQ(to_json(record(name)), expected);
  }
}

/// The words that a browser shows, without blanks and the numbers of list items.
std::string words_of_page(std::string html) {
  html = html.substr(html.find("<main>"));
  std::string text;
  bool in_tag = false;
  for (const char c : html) {
    in_tag = in_tag || c == '<';
    if (!in_tag) text += c;
    if (c == '>' && in_tag) {
      in_tag = false;
      text += '\n';
    }
  }
  return text;
}

std::string squeezed(const std::string& text) {
  std::string words;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    const auto first = line.find_first_not_of(" \t");
    if (first == std::string::npos) continue;
    const auto dot = line.find_first_not_of("0123456789", first);
    const bool is_item = dot != first && dot != std::string::npos && line.substr(dot, 2) == ". ";
    for (const char c : line.substr(is_item ? dot + 1 : first)) {
      if (c != ' ' && c != '\t') words += c;
    }
  }
  return words;
}

TEST_F(RenderRule, ShowsThePublicRecordsPage) {
  const auto expected = contents_of(source / "tests/golden/rules/http-502-bad-gateway-upstream-unreachable.page.txt");
  ASSERT_FALSE(expected.empty());
  const auto html = to_html(record("http-502-bad-gateway-upstream-unreachable"), Language::english, {.base = "/r"});
  EXPECT_EQ(squeezed(words_of_page(html)), squeezed(expected));
}

TEST_F(RenderRule, ShowsATriagedRuleAsAPage) {
  expect_golden(to_html(triaged_rule(), Language::english, {.base = "/api/v1/rules/nginx/x"}), "triaged-rule.html");
}

TEST_F(RenderRule, LetsNothingInARuleBecomePartOfThePage) {
  const auto rule = read_one(R"({"id": "api/x", "signature": "<script>alert('1')</script>", "root_cause": "a & b",
    "official_doc_url": "javascript:void",
    "workarounds": [{"action": "<em>", "how": "</pre><img src=x>", "sources": ["data:x", "https://a.b/?\"><i>"]}],
    "dead_ends": [{"action": "", "why_fails": "\u001b[31m</p>"}]})",
                             "a.json");
  for (const auto language : {Language::english, Language::chinese}) {
    const auto html = to_html(rule, language, {.base = "\"><u>"});
    for (const auto* tag : {"<script", "<em>", "<img", "<i>", "<u>", "\"javascript:", "\"data:", "\x1b"}) {
      EXPECT_THAT(html, Not(HasSubstr(tag)));
    }
    EXPECT_THAT(html, HasSubstr("&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;"));
  }
}

TEST_F(RenderRule, LoadsNothingFromElsewhere) {
  const auto html = to_html(triaged_rule(), Language::english);
  for (const auto* loader : {"<script", "<link", "@import", "url(", "<img", "src="})
    EXPECT_THAT(html, Not(HasSubstr(loader)));
}

TEST_F(RenderRule, ShowsAPageInChinese) {
  const auto html = to_html(record("http-502-bad-gateway-upstream-unreachable"), Language::chinese, {.base = "/r"});
  EXPECT_THAT(html, HasSubstr("<html lang=\"zh\">"));
  EXPECT_THAT(html, HasSubstr("<h2>根本原因</h2>\n<p>API 网关或反向代理"));
  EXPECT_THAT(html, HasSubstr("<a href=\"/r\">English</a>"));
  EXPECT_THAT(html, Not(HasSubstr("中文步骤")));
}

TEST_F(RenderRule, ShowsWhatACanonSaysBesides) {
  const auto rule = read_one(R"({"id": "go/x/go1", "error": {"signature": "X", "regex": "goroutines asleep"},
    "environment": {"runtime": {"name": "go", "version_range": ">=1.21"}, "os": "linux", "hardware": {"gpu": "A100"}},
    "verdict": {"resolvable": "true", "summary": "S"},
    "dead_ends": [{"action": "a", "why_fails": "b", "fail_rate": 0.5, "common_misconception": "They think so"}],
    "workarounds": [{"action": "c", "success_rate": 0.9, "tradeoff": "It is slow"}],
    "metadata": {"generated_by": "hand", "page_views": 3}})",
                             "a.json");
  for (const auto& face : {to_plain_text(rule, Language::english), to_markdown(rule, Language::english),
                           to_html(rule, Language::english), to_json(rule)}) {
    EXPECT_THAT(face, HasSubstr("They think so"));
    EXPECT_THAT(face, HasSubstr("It is slow"));
    EXPECT_THAT(face, testing::AnyOf(HasSubstr("go >="), HasSubstr("go &gt;=")));
  }
  EXPECT_THAT(to_json(rule), HasSubstr("\"page_views\": 3"));
}

TEST_F(RenderRule, ShowsAPublicRecordAsText) {
  expect_golden(to_plain_text(record("http-502-bad-gateway-upstream-unreachable"), Language::english, {.width = 80}),
                "http-502-bad-gateway-upstream-unreachable.txt");
}

TEST_F(RenderRule, ShowsAPublicRecordInChinese) {
  const auto text = to_plain_text(record("http-502-bad-gateway-upstream-unreachable"), Language::chinese);
  EXPECT_THAT(text, HasSubstr("根本原因\n  API 网关或反向代理从上游服务器收到无效响应"));
  EXPECT_THAT(text, HasSubstr("1.  90% 成功  通过健康检查端点(例如 `/health`)"));
  const auto markdown = to_markdown(record("http-502-bad-gateway-upstream-unreachable"), Language::chinese);
  EXPECT_THAT(markdown, HasSubstr("## 根本原因\n\nAPI 网关或反向代理从上游服务器收到无效响应"));
  EXPECT_THAT(markdown, HasSubstr("1. **通过健康检查端点(例如 `/health`)"));
}

TEST_F(RenderRule, ShowsATriagedRuleAsText) {
  expect_golden(to_plain_text(triaged_rule(), Language::english, {.width = 80}), "triaged-rule.txt");
}

TEST_F(RenderRule, ShowsATriagedRuleAsMarkdown) {
  expect_golden(to_markdown(triaged_rule(), Language::english), "triaged-rule.md");
}

TEST_F(RenderRule, ShowsATriagedRuleAsJson) { expect_golden(to_json(triaged_rule()) + "\n", "triaged-rule.json"); }

TEST_F(RenderRule, ShowsEnglishWhereThereIsNoChinese) {
  const auto markdown = to_markdown(triaged_rule(), Language::chinese);
  EXPECT_THAT(markdown, HasSubstr("# 上游拒绝连接\n"));
  EXPECT_THAT(markdown, HasSubstr("- **upstream-down** (70%) — 已停止\n"));
  EXPECT_THAT(markdown, HasSubstr("- **stale-upstream-registration** (30%) — It is gone.\n"));
}

TEST_F(RenderRule, KeepsATextFromClosingItsFence) {
  const auto rule = read_one(
      "{id: nginx/x, title: X, root_cause: Y, match: {regex: upstreams},"
      " workarounds: [{action: a, how: \"cat <<E\\n```\\nE\"}]}");
  EXPECT_THAT(to_markdown(rule, Language::english), HasSubstr("   ````\n   cat <<E\n   ```\n   E\n   ````\n"));
}

TEST_F(RenderRule, LeavesOutSectionsThatHaveNothingToSay) {
  const auto rule = read_one("{id: nginx/x, title: X, causes: [{id: a, text: b}], match: {regex: upstreams}}");
  const auto markdown = to_markdown(rule, Language::english);
  for (const auto* heading : {"Root Cause", "Version", "Workarounds", "Dead Ends", "Official", "Related", "Tags"}) {
    EXPECT_THAT(markdown, Not(HasSubstr(heading)));
  }
}

TEST_F(RenderRule, WritesJsonThatCanBeReadWhateverTheTextsHold) {
  const auto rule = read_one(R"({"id": "api/x", "signature": "a\"b\\\u0001\u4e2d\n", "root_cause": "Y"})", "a.json");
  Problems problems;
  const auto tree = read_json_tree(to_json(rule), "b.json", problems);
  ASSERT_TRUE(tree.has_value());
  EXPECT_EQ(tree->find("signature")->text, rule.title.english);
}

TEST_F(RenderRule, LetsNothingActOnATerminal) {
  const auto rule = read_one(R"({"id": "api/x", "signature": "a\u001b[31mb", "root_cause": "Y"})", "a.json");
  EXPECT_THAT(to_plain_text(rule, Language::english), Not(HasSubstr("\x1b")));
}

}  // namespace
}  // namespace triaged::knowledge
