#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/rule_file.hpp"

namespace triaged::knowledge {
namespace {

using std::chrono_literals::operator""min;
using std::chrono_literals::operator""s;
using testing::ElementsAre;
using testing::IsEmpty;

/// Everything that the dialect can say about one line.
constexpr std::string_view whole_rule = R"(
id: nginx/upstream-connection-refused
title: Upstream refused the connection
title_zh: 上游拒绝连接
severity: critical
error_code: "502"
category: network_error
match:
  - formats: [nginx.error]
    regex: '.*connect\(\) (?:to (?<upstream>\S+) )?failed \(111: Connection refused\)'
    examples: ['2026/11/21 01:15:46 [error] 1851#1851: *115 connect() failed (111: Connection refused) while connecting to upstream']
    near_misses: ['2026/11/21 01:15:46 [error] 1851#1851: *115 no live upstreams while connecting to upstream']
  - formats: [nginx.access, haproxy.http]
    caseless: true
    within: line
    where: {status: 502, upstream_status: [502, 503], upstream_response_time: {below: 0.01}, path: {not: /health, matches: '^/api/'}, upstream: {present: true}, bytes: {from: 1, to: 500}, upstream_tries: {above: 1}}
entity: upstream
root_cause: Nothing accepts connections at {upstream}.
root_cause_zh: 无人监听
causes:
  - id: upstream-down
    text: The application at {upstream} is not running.
    text_zh: 应用未运行
    prior: 0.55
    supported_by:
      - {symptom: gunicorn/master-exited, within: 2m, weight: strong}
      - {probe: not-listening}
      - {field: {method: POST}, weight: weak}
    refuted_by:
      - {pattern: one-of-many-upstreams, absent: true}
    workarounds: [restart-app]
  - id: stale-upstream-registration
    prior: 0.2
workarounds:
  - id: restart-app
    action: Start the application
    action_zh: 启动应用
    how: |
      systemctl status APP
    success_rate: 0.9
    condition: it is down
    sources: [https://nginx.org/]
dead_ends:
  - action: Restart nginx
    action_zh: 重启 nginx
    why_fails: nginx is healthy.
    why_fails_zh: nginx 正常
    fail_rate: 0.9
transitions:
  leads_to: [{rule: haproxy/server-down, within: 30s, probability: 0.4}]
  preceded_by: [{rule: kernel/oom-kill}]
  confused_with: [{rule: nginx/upstream-timed-out, distinction: a time-out takes seconds}]
versions: [{version: nginx 1.24+, status: active, introduced: '1.0'}]
docs: https://nginx.org/en/docs/http/ngx_http_proxy_module.html
confidence: 0.9
evidence_count: 12
verification: observed
first_seen: 2023-10-05
last_confirmed: 2026-11-21
tags: [nginx, upstream]
see_also: [api/http-502-bad-gateway-upstream-unreachable]
)";

class TriagedRule : public RuleFileTest {
 protected:
  /// A small sound rule with `more` at its end.
  static std::string rule_with(std::string_view more) {
    return "id: nginx/x\ntitle: X\nroot_cause: Y\nmatch: [{regex: no live upstreams}]\n" + std::string(more);
  }
  static std::string rule_matching(std::string_view match) {
    return "id: nginx/x\ntitle: X\nroot_cause: Y\nmatch:\n  - " + std::string(match) + "\n";
  }
};

TEST_F(TriagedRule, SaysWhatItIs) {
  const auto rule = read_one(whole_rule);
  EXPECT_EQ(rule.id, "nginx/upstream-connection-refused");
  EXPECT_EQ(rule.domain, "nginx");
  EXPECT_EQ(rule.title.english, "Upstream refused the connection");
  EXPECT_EQ(rule.title.chinese, "上游拒绝连接");
  EXPECT_EQ(rule.severity, Severity::critical);
  EXPECT_EQ(rule.error_code, "502");
  EXPECT_EQ(rule.category, "network_error");
  EXPECT_EQ(rule.entity, "upstream");
  EXPECT_EQ(rule.dialect, Dialect::triaged_yaml);
  EXPECT_EQ(rule.place.file, "a.yaml");
  EXPECT_EQ(rule.place.line, 2u);
}

TEST_F(TriagedRule, SaysHowItIsRecognised) {
  const auto rule = read_one(whole_rule);
  ASSERT_EQ(rule.matches.size(), 2u);
  const auto& match = rule.matches[0];
  EXPECT_THAT(match.formats, ElementsAre(formats::Format::nginx_error));
  EXPECT_EQ(match.regex, R"(connect\(\) (?:to (?<upstream>\S+) )?failed \(111: Connection refused\))");
  EXPECT_FALSE(match.caseless);
  EXPECT_EQ(match.within, Within::message);
  EXPECT_EQ(match.examples.size(), 1u);
  EXPECT_EQ(match.near_misses.size(), 1u);
  EXPECT_EQ(match.place.line, 10u);
  EXPECT_EQ(match.place.column, 12u);
}

TEST_F(TriagedRule, ReadsConditionsOnFields) {
  const auto rule = read_one(whole_rule);
  const auto& match = rule.matches.at(1);
  EXPECT_TRUE(match.caseless);
  EXPECT_EQ(match.within, Within::line);
  ASSERT_EQ(match.where.size(), 7u);
  EXPECT_EQ(match.where[0].field, "status");
  EXPECT_THAT(match.where[0].any_of, ElementsAre("502"));
  EXPECT_THAT(match.where[1].any_of, ElementsAre("502", "503"));
  EXPECT_EQ(match.where[2].below, 0.01);
  EXPECT_THAT(match.where[3].none_of, ElementsAre("/health"));
  EXPECT_EQ(match.where[3].matches, "^/api/");
  EXPECT_EQ(match.where[4].present, true);
  EXPECT_EQ(match.where[5].from, 1);
  EXPECT_EQ(match.where[5].to, 500);
  EXPECT_EQ(match.where[6].above, 1);
}

TEST_F(TriagedRule, ReadsItsCausesWithTheirEvidence) {
  const auto rule = read_one(whole_rule);
  ASSERT_EQ(rule.causes.size(), 2u);
  const auto& cause = rule.causes[0];
  EXPECT_EQ(cause.id, "upstream-down");
  EXPECT_EQ(cause.text.english, "The application at {upstream} is not running.");
  EXPECT_EQ(cause.text.chinese, "应用未运行");
  EXPECT_EQ(cause.prior, 0.55);
  EXPECT_THAT(cause.workarounds, ElementsAre("restart-app"));
  ASSERT_EQ(cause.supported_by.size(), 3u);
  EXPECT_EQ(cause.supported_by[0].symptom, "gunicorn/master-exited");
  EXPECT_EQ(cause.supported_by[0].within, 2min);
  EXPECT_EQ(cause.supported_by[0].weight, Weight::strong);
  EXPECT_EQ(cause.supported_by[1].probe, "not-listening");
  EXPECT_EQ(cause.supported_by[1].weight, Weight::medium);
  EXPECT_EQ(cause.supported_by[2].field->field, "method");
  EXPECT_THAT(cause.supported_by[2].field->any_of, ElementsAre("POST"));
  EXPECT_EQ(cause.refuted_by.at(0).pattern, "one-of-many-upstreams");
  EXPECT_TRUE(cause.refuted_by[0].absent);
}

TEST_F(TriagedRule, ReadsWhatToDoAndWhatNotToDo) {
  const auto rule = read_one(whole_rule);
  ASSERT_EQ(rule.workarounds.size(), 1u);
  EXPECT_EQ(rule.workarounds[0].action.chinese, "启动应用");
  EXPECT_EQ(rule.workarounds[0].how, "systemctl status APP\n");
  EXPECT_EQ(rule.workarounds[0].success_rate, 0.9);
  EXPECT_THAT(rule.workarounds[0].sources, ElementsAre("https://nginx.org/"));
  ASSERT_EQ(rule.dead_ends.size(), 1u);
  EXPECT_EQ(rule.dead_ends[0].action.chinese, "重启 nginx");
  EXPECT_EQ(rule.dead_ends[0].why_fails.chinese, "nginx 正常");
  EXPECT_EQ(rule.dead_ends[0].fail_rate, 0.9);
}

TEST_F(TriagedRule, ReadsItsTransitionsAndItsStanding) {
  const auto rule = read_one(whole_rule);
  EXPECT_EQ(rule.leads_to.at(0).rule, "haproxy/server-down");
  EXPECT_EQ(rule.leads_to[0].within, 30s);
  EXPECT_EQ(rule.leads_to[0].probability, 0.4);
  EXPECT_EQ(rule.preceded_by.at(0).within, 60s);
  EXPECT_EQ(rule.confused_with.at(0).distinction, "a time-out takes seconds");
  EXPECT_EQ(rule.versions.at(0).introduced, "1.0");
  EXPECT_EQ(rule.confidence, 0.9);
  EXPECT_EQ(rule.evidence_count, 12u);
  EXPECT_EQ(rule.verification, "observed");
  EXPECT_EQ(rule.first_seen, "2023-10-05");
  EXPECT_THAT(rule.tags, ElementsAre("nginx", "upstream"));
  EXPECT_THAT(rule.see_also, ElementsAre("api/http-502-bad-gateway-upstream-unreachable"));
  EXPECT_EQ(rule.fix_rate, std::nullopt);
}

TEST_F(TriagedRule, HasItsRootCauseAsItsOnlyCauseWhenItNamesNone) {
  const auto rule = read_one(rule_with(""));
  ASSERT_EQ(rule.causes.size(), 1u);
  EXPECT_EQ(rule.causes[0].id, "x");
  EXPECT_EQ(rule.causes[0].text.english, "Y");
  EXPECT_EQ(rule.causes[0].prior, 1);
}

TEST_F(TriagedRule, GivesASingleCauseTheWholePrior) {
  const auto rule = read_one(rule_with("causes: [{id: upstream-down, text: It is down.}]\n"));
  EXPECT_EQ(rule.causes.at(0).prior, 1);
}

TEST_F(TriagedRule, ReadsLinesWithoutTheLineEndsOfBlockTexts) {
  const auto rule =
      read_one(rule_matching("regex: no live upstreams\n    examples:\n      - |\n        a no live upstreams\n"));
  EXPECT_THAT(rule.matches.at(0).examples, ElementsAre("a no live upstreams"));
}

TEST_F(TriagedRule, AppliesToAnyFormatWhenAskedTo) {
  EXPECT_THAT(read_one(rule_matching("{formats: any, regex: no live upstreams}")).matches.at(0).formats, IsEmpty());
  EXPECT_THAT(read_one(rule_matching("{regex: no live upstreams}")).matches.at(0).formats, IsEmpty());
}

TEST_F(TriagedRule, MayStandWithOthersInAListOrInDocuments) {
  const std::string one = "{id: nginx/a, title: A, root_cause: Y, match: {regex: no live upstreams}}";
  const std::string two = "{id: nginx/b, title: B, root_cause: Y, match: {regex: upstream timed out}}";
  for (const auto& text :
       {"- " + one + "\n- " + two + "\n", one + "\n---\n" + two + "\n", "[" + one + ", " + two + "]"}) {
    const auto rules = read(text);
    EXPECT_THAT(texts_of(problems_), IsEmpty()) << text;
    ASSERT_EQ(rules.size(), 2u) << text;
    EXPECT_EQ(rules[1].id, "nginx/b");
  }
}

TEST_F(TriagedRule, NeedsAnIdATitleAMatchAndACause) {
  EXPECT_THAT(complaints_about("severity: error\n"),
              ElementsAre("a.yaml:1:1: warning: this is no rule: it has neither 'id' nor 'title' nor 'match'"));
  EXPECT_THAT(complaints_about("title: 502\n"),
              ElementsAre("a.yaml:1:1: error: rule has no 'id'", "a.yaml:1:1: error: rule has no 'match'",
                          "a.yaml:1:1: error: rule has neither 'causes' nor 'root_cause'"));
}

TEST_F(TriagedRule, NeedsAnIdOfDomainAndSlug) {
  for (const std::string_view id : {"refused", "nginx/", "/refused", "nginx/Refused", "nginx/a b"}) {
    EXPECT_THAT(complaints_about("id: " + std::string(id) + "\ntitle: X\nroot_cause: Y\nmatch: {regex: upstreams}\n"),
                ElementsAre("a.yaml:1:5: error: a rule's id must be DOMAIN/SLUG in small letters, digits, '-', '_' and "
                            "'.', such as nginx/upstream-connection-refused (" +
                            std::string(id) + ")"));
  }
}

TEST_F(TriagedRule, IsRefusedWithUnknownFieldsWithTheNearestName) {
  EXPECT_THAT(complaints_about(rule_with("sevrity: error\ncauses: [{id: a, text: b, pryor: 1}]\n")),
              ElementsAre("a.yaml:5:1: error: unknown field 'sevrity' in rule; did you mean 'severity'? (sevrity)",
                          "a.yaml:6:27: error: unknown field 'pryor' in cause; did you mean 'prior'? (pryor)"));
  EXPECT_THAT(read(rule_with("sevrity: error\n")), IsEmpty());
}

TEST_F(TriagedRule, IsRefusedWithFieldsOfTheWrongType) {
  EXPECT_THAT(complaints_about(rule_with("tags: {a: b}\nconfidence: high\nworkarounds: [restart]\ntransitions: []\n")),
              ElementsAre("a.yaml:5:7: error: 'tags' of rule must be a list of texts, not a map",
                          "a.yaml:6:13: error: 'confidence' of rule must be a number (high)",
                          "a.yaml:7:15: error: each item of 'workarounds' must be a map (restart)",
                          "a.yaml:8:14: error: 'transitions' of rule must be a map, not a list"));
  EXPECT_THAT(read(rule_with("tags: {a: b}\n")), IsEmpty());
}

TEST_F(TriagedRule, IsRefusedWithWordsThatAreNotInTheLists) {
  EXPECT_THAT(complaints_about(rule_with("severity: critcal\nverification: seen\n")),
              ElementsAre("a.yaml:5:11: error: 'severity' must be info, warning, error, critical; did you mean "
                          "'critical'? (critcal)",
                          "a.yaml:6:15: error: 'verification' must be observed, documented, ai_generated (seen)"));
  EXPECT_THAT(complaints_about(rule_matching("{formats: [nginx.error, nginx.eror], regex: upstreams, within: lines}")),
              ElementsAre("a.yaml:5:29: error: unknown format 'nginx.eror'; did you mean 'nginx.error'? (nginx.eror)",
                          "a.yaml:5:68: error: 'within' must be message or line (lines)"));
}

TEST_F(TriagedRule, IsRefusedWithRatesThatAreNone) {
  EXPECT_THAT(complaints_about(rule_with("confidence: 90\nevidence_count: -1\n"
                                         "causes: [{id: a, text: b, prior: 1.5}]\n"
                                         "workarounds: [{action: x, success_rate: -0.1}]\n"
                                         "dead_ends: [{why_fails: y, fail_rate: 2}]\n"
                                         "transitions: {leads_to: [{rule: nginx/x, probability: 7}]}\n")),
              ElementsAre("a.yaml:5:13: error: 'confidence' must lie between 0 and 1 (90)",
                          "a.yaml:6:17: error: 'evidence_count' must not be negative (-1)",
                          "a.yaml:7:34: error: 'prior' must lie between 0 and 1 (1.5)",
                          "a.yaml:8:41: error: 'success_rate' must lie between 0 and 1 (-0.1)",
                          "a.yaml:9:39: error: 'fail_rate' must lie between 0 and 1 (2)",
                          "a.yaml:10:55: error: 'probability' must lie between 0 and 1 (7)"));
}

TEST_F(TriagedRule, IsRefusedWithDatesThatAreNone) {
  EXPECT_THAT(complaints_about(rule_with("first_seen: 2026-02-30\nlast_confirmed: yesterday\n")),
              ElementsAre("a.yaml:5:13: error: 'first_seen' must be a date such as 2026-11-21 (2026-02-30)",
                          "a.yaml:6:17: error: 'last_confirmed' must be a date such as 2026-11-21 (yesterday)"));
}

TEST_F(TriagedRule, IsRefusedWhenItsMatchSaysNothing) {
  EXPECT_THAT(complaints_about(rule_matching("{formats: [nginx.error]}")),
              ElementsAre("a.yaml:5:5: error: match has neither 'regex' nor 'where'"));
  EXPECT_THAT(complaints_about(rule_matching("{formats: [nginx.error], regex: , where: {}}")),
              ElementsAre("a.yaml:5:5: error: match has neither 'regex' nor 'where'"));
  EXPECT_THAT(complaints_about("id: nginx/x\ntitle: X\nroot_cause: Y\nmatch: []\n"),
              ElementsAre("a.yaml:4:8: error: 'match' is empty: the rule would recognise nothing"));
}

TEST_F(TriagedRule, IsRefusedWithAPatternThatNoEngineTakes) {
  EXPECT_THAT(complaints_about(rule_matching("{formats: [nginx.error], regex: 'upstreams (failed'}")),
              ElementsAre("a.yaml:5:37: error: Hyperscan does not take this regex: Missing close parenthesis for group "
                          "started at index 10 (upstreams (failed)"));
  EXPECT_THAT(complaints_about(rule_matching("{where: {path: {matches: '/a('}}}")),
              ElementsAre("a.yaml:5:30: error: RE2 does not take this regex: missing ): /a( (/a()"));
}

TEST_F(TriagedRule, IsRefusedWithAPatternThatHoldsALineEnd) {
  EXPECT_THAT(complaints_about(rule_matching("regex: |\n      no live upstreams\n")),
              ElementsAre("a.yaml:5:12: error: 'regex' holds a line end and could never match: write it in one line, "
                          "in single quotes (no live upstreams)"));
}

TEST_F(TriagedRule, IsRefusedWithConditionsThatCompareWithNothing) {
  EXPECT_THAT(complaints_about(rule_matching("where: {status: , path: [], bytes: {}, vhost: [[a]]}")),
              ElementsAre("a.yaml:5:13: error: field 'status' is compared with nothing (status)",
                          "a.yaml:5:29: error: field 'path' is compared with nothing",
                          "a.yaml:5:40: error: the condition on field 'bytes' is empty",
                          "a.yaml:5:51: error: field 'vhost' is compared with nothing",
                          "a.yaml:5:52: error: field 'vhost' must be compared with texts or numbers"));
}

TEST_F(TriagedRule, IsRefusedWithEvidenceThatIsNotOneThing) {
  const auto evidence = [](std::string_view term) {
    return rule_with("causes:\n  - id: a\n    text: b\n    supported_by:\n      - " + std::string(term) + "\n");
  };
  const std::string complaint =
      "a.yaml:9:9: error: evidence must be exactly one of 'symptom', 'pattern', 'probe' and 'field'";
  EXPECT_THAT(complaints_about(evidence("{weight: weak}")), ElementsAre(complaint));
  EXPECT_THAT(complaints_about(evidence("{probe: listening, symptom: nginx/x}")), ElementsAre(complaint));
  EXPECT_THAT(complaints_about(evidence("{field: {method: POST, status: 502}}")),
              ElementsAre("a.yaml:9:17: error: 'field' must name one field, as in {field: {method: POST}}"));
  EXPECT_THAT(complaints_about(evidence("{probe: listning}")),
              ElementsAre("a.yaml:9:17: error: there is no probe 'listning'; did you mean 'listening'? (listning)"));
  EXPECT_THAT(
      complaints_about(evidence("{pattern: only-posts}")),
      ElementsAre("a.yaml:9:19: error: there is no pattern 'only-posts'; did you mean 'only-post'? (only-posts)"));
  EXPECT_THAT(complaints_about(evidence("{probe: listening, weight: heavy}")),
              ElementsAre("a.yaml:9:36: error: 'weight' must be weak, medium or strong (heavy)"));
}

TEST_F(TriagedRule, IsRefusedWhenACauseNamesAWorkaroundThatIsNotThere) {
  EXPECT_THAT(complaints_about(rule_with("causes: [{id: a, text: b, workarounds: [restart-ap, pray]}]\n"
                                         "workarounds: [{id: restart-app, action: x}]\n")),
              ElementsAre("a.yaml:5:41: error: this rule has no workaround 'restart-ap'; did you mean 'restart-app'? "
                          "(restart-ap)",
                          "a.yaml:5:53: error: this rule has no workaround 'pray'; there is: restart-app (pray)"));
}

TEST_F(TriagedRule, IsRefusedWhenItSaysAThingTwice) {
  EXPECT_THAT(complaints_about(rule_with("causes: [{id: a, text: b, prior: 0.5}, {id: a, text: b, prior: 0.5}]\n")),
              ElementsAre("a.yaml:5:45: error: 'causes' holds two items with the id 'a' (a)"));
}

TEST_F(TriagedRule, IsRefusedWhenOneOfItsCausesHasNoPrior) {
  EXPECT_THAT(complaints_about(rule_with("causes: [{id: a, text: b, prior: 0.5}, {id: c, text: d}]\n")),
              ElementsAre("a.yaml:5:40: error: cause has no 'prior'"));
}

}  // namespace
}  // namespace triaged::knowledge
