#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/rule_file.hpp"

namespace triaged::knowledge {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

/// A record in the shape of deadends.dev's, with every field that its schema knows.
constexpr std::string_view full_canon = R"json({
  "schema_version": "1.0.0",
  "id": "python/memory-error/py311-linux",
  "url": "https://deadends.dev/python/memory-error/py311-linux",
  "error": {
    "signature": "MemoryError: Unable to allocate",
    "regex": "MemoryError: Unable to allocate.*",
    "domain": "python", "category": "resource_error", "first_seen": "2023-01-01", "last_confirmed": "2026-02-12"
  },
  "environment": {
    "runtime": {"name": "python", "version_range": ">=3.11,<3.12"},
    "hardware": {"gpu": "A100", "vram_gb": 40},
    "os": "linux", "python": ">=3.9", "framework": "none", "additional": {"architecture": "x86_64"}
  },
  "verdict": {"resolvable": "partial", "fix_success_rate": 0.78, "confidence": 0.82, "last_updated": "2026-02-12",
              "summary": "The process asks for more memory than there is."},
  "dead_ends": [{"action": "Call gc.collect()",
                           "why_fails" : "It frees what is free.",
                           "fail_rate" : 0.75,
                           "common_misconception" : "Garbage is the problem",
                           "tradeoff" : "pauses",
                           "condition" : "always",
                           "sources" : ["https://docs.python.org/3/library/gc.html"]
}],
  "workarounds": [{"action": "Read in pieces", "success_rate": 0.85, "how": "chunksize=1000", "tradeoff": "slower",
                   "condition": "for files", "sources": []}],
  "transition_graph": {
    "leads_to": [{"error_id": "python/killed/py311-linux", "probability": 0.1, "condition": "with swap off",
                  "typical_delay": "seconds"}],
    "preceded_by": [],
    "frequently_confused_with": [{"error_id": "python/recursion/py311-linux", "distinction": "that is the stack"}]
  },
  "metadata": {
  "generated_by" : "hand",
                   "generation_date" : "2026-02-11",
                                       "review_status" : "human_reviewed",
                                                         "evidence_count" : 65,
                                                         "last_verification" : "2026-02-12",
                                                                               "page_views" : 3,
                                                                               "ai_agent_hits" : 2,
                                                                               "human_hits" : 1
}
})json";

class Canon : public RuleFileTest {};

TEST_F(Canon, SaysWhatItIs) {
  const auto rule = read_one(full_canon, "a.json");
  EXPECT_EQ(rule.id, "python/memory-error/py311-linux");
  EXPECT_EQ(rule.dialect, Dialect::deadends_json);
  EXPECT_EQ(rule.title.english, "MemoryError: Unable to allocate");
  EXPECT_EQ(rule.root_cause.english, "The process asks for more memory than there is.");
  EXPECT_EQ(rule.domain, "python");
  EXPECT_EQ(rule.category, "resource_error");
  EXPECT_EQ(rule.severity, Severity::warning);
  EXPECT_EQ(rule.verification, "human_reviewed");
  EXPECT_EQ(rule.confidence, 0.82);
  EXPECT_EQ(rule.fix_rate, 0.78);
  EXPECT_EQ(rule.evidence_count, 65u);
  EXPECT_EQ(rule.first_seen, "2023-01-01");
  EXPECT_EQ(rule.last_confirmed, "2026-02-12");
  EXPECT_TRUE(rule.is_public());
}

TEST_F(Canon, KeepsItsEnvironmentAsVersions) {
  const auto rule = read_one(full_canon, "a.json");
  ASSERT_EQ(rule.versions.size(), 2u);
  EXPECT_EQ(rule.versions[0].version, "python >=3.11,<3.12");
  EXPECT_EQ(rule.versions[0].status, "active");
  EXPECT_EQ(rule.versions[0].behavior_change, "linux");
  EXPECT_EQ(rule.versions[1].version, "python >=3.9");
  EXPECT_EQ(rule.record->hardware, R"({"gpu":"A100","vram_gb":40})");
  EXPECT_EQ(rule.record->additional, R"({"architecture":"x86_64"})");
  EXPECT_EQ(rule.record->framework, "none");
}

TEST_F(Canon, KeepsWhatItAdvisesAndWarnsOf) {
  const auto rule = read_one(full_canon, "a.json");
  ASSERT_EQ(rule.workarounds.size(), 1u);
  EXPECT_EQ(rule.workarounds[0].how, "chunksize=1000");
  EXPECT_EQ(rule.workarounds[0].tradeoff, "slower");
  ASSERT_EQ(rule.dead_ends.size(), 1u);
  EXPECT_EQ(rule.dead_ends[0].misconception, "Garbage is the problem");
  EXPECT_EQ(rule.dead_ends[0].tradeoff, "pauses");
  EXPECT_EQ(rule.dead_ends[0].condition, "always");
}

TEST_F(Canon, KeepsItsTransitions) {
  const auto rule = read_one(full_canon, "a.json");
  ASSERT_EQ(rule.leads_to.size(), 1u);
  EXPECT_EQ(rule.leads_to[0].rule, "python/killed/py311-linux");
  EXPECT_EQ(rule.leads_to[0].probability, 0.1);
  EXPECT_EQ(rule.leads_to[0].condition, "with swap off");
  EXPECT_EQ(rule.leads_to[0].typical_delay, "seconds");
  ASSERT_EQ(rule.confused_with.size(), 1u);
  EXPECT_EQ(rule.confused_with[0].distinction, "that is the stack");
}

TEST_F(Canon, KeepsWhoSaysSo) {
  const auto record = *read_one(full_canon, "a.json").record;
  EXPECT_EQ(record.schema_version, "1.0.0");
  EXPECT_EQ(record.url, "https://deadends.dev/python/memory-error/py311-linux");
  EXPECT_EQ(record.resolvable, "partial");
  EXPECT_EQ(record.generated_by, "hand");
  EXPECT_EQ(record.last_verification, "2026-02-12");
  EXPECT_EQ(record.page_views, 3u);
  EXPECT_EQ(record.agent_hits, 2u);
  EXPECT_EQ(record.human_hits, 1u);
}

TEST_F(Canon, IsLookedForWhateverTheCapitalsInTheLinesOfItsDomain) {
  const auto rule = read_one(full_canon, "a.json");
  ASSERT_EQ(rule.matches.size(), 1u);
  EXPECT_EQ(rule.matches[0].regex, "MemoryError: Unable to allocate");
  EXPECT_TRUE(rule.matches[0].caseless);
  EXPECT_THAT(rule.matches[0].formats,
              ElementsAre(formats::Format::text, formats::Format::gunicorn_error, formats::Format::python_traceback,
                          formats::Format::uwsgi, formats::Format::syslog));
}

TEST_F(Canon, IsRecognisedByItsSignatureWhenNoEngineTakesItsPattern) {
  const auto rules =
      read(R"({"id": "go/x/go1", "error": {"signature": "a [b]", "regex": "a(?!b)c", "domain": "go"}, "verdict": {}})",
           "a.json");
  ASSERT_EQ(rules.size(), 1u);
  EXPECT_EQ(rules[0].matches[0].regex, "a \\[b\\]");
  EXPECT_THAT(rules[0].record->pattern_refusal, HasSubstr("Hyperscan does not take this regex"));
  ASSERT_EQ(problems_.size(), 1u);
  EXPECT_EQ(problems_[0].level, ProblemLevel::warning);
  EXPECT_THAT(problems_[0].message, HasSubstr("recognised by its signature, word for word"));
}

TEST_F(Canon, MustHaveTextsWhereTextsBelong) {
  EXPECT_THAT(
      complaints_about(R"({"id": "go/x/go1", "error": {"signature": 7, "regex": "abc"}, "verdict": {"confidence": 2}})",
                       "a.json"),
      ElementsAre(HasSubstr("'signature' of record must be a string"),
                  HasSubstr("'confidence' must lie between 0 and 1")));
}

}  // namespace
}  // namespace triaged::knowledge
