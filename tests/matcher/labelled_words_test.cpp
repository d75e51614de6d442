// What an application writes behind a label of its own (`upload: …`) may be a client's words: no shipped rule believes
// it.
#include <filesystem>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "knowledge/dialects/load_rules.hpp"
#include "matcher/matcher.hpp"

namespace triaged::matcher {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class LabelledWords : public testing::Test {
 protected:
  static void SetUpTestSuite() {  // once, for it takes seconds
    const auto loaded = knowledge::load_rules({std::filesystem::path(TRIAGED_SOURCE_DIR) / "rules"});
    EXPECT_FALSE(has_errors(loaded.problems));
    rules = loaded.rules;
    signatures =
        SignatureSet::compile_when_needed(rules, [](const Problem& problem) { ADD_FAILURE() << to_text(problem); });
  }

  /// The rules that fire on one of the lines, each with the first such line.
  static std::vector<std::string> findings_in(const std::vector<std::string>& lines) {
    LineBatch batch{.source_name = "app.log"};
    for (const auto& line : lines) {
      batch.lines.push_back({static_cast<std::uint32_t>(batch.bytes.size()), static_cast<std::uint32_t>(line.size()),
                             batch.bytes.size()});
      batch.bytes += line + '\n';
    }
    formats::LineReader reader({.source_name = batch.source_name, .zone = {std::chrono::seconds(0)}});
    std::vector<std::string> found;
    std::set<std::string> seen;
    for (const auto& finding : Matcher(signatures).match(batch, reader)) {
      if (!std::holds_alternative<Symptom>(finding)) continue;  // a line of a sort that is counted
      const auto& matched = matched_line(finding);
      if (seen.insert(matched.rule).second) found.push_back(matched.rule + ": " + matched.line);
    }
    return found;
  }

  /// The examples, of one line each, of what is looked for in plain text.
  static std::vector<std::string> examples_in_text() {
    std::vector<std::string> examples;
    for (const auto& rule : rules->rules()) {
      for (const auto& match : rule.matches) {
        if (!match.formats.empty() && !knowledge::reads(match, formats::Format::text)) continue;
        for (const auto& example : match.examples) {
          if (example.find('\n') == std::string::npos) examples.push_back(example);
        }
      }
    }
    return examples;
  }

  static void TearDownTestSuite() {
    signatures.reset();
    rules.reset();
  }

  static inline std::shared_ptr<const knowledge::RuleSet> rules;
  static inline std::shared_ptr<const SignatureSet> signatures;
};

TEST_F(LabelledWords, MakeNoFinding) {
  const auto examples = examples_in_text();
  EXPECT_THAT(examples, SizeIs(testing::Gt(150u)));
  for (const std::string words :
       {"upload: ", "2026-11-30 18:16:59,341 INFO shop.views search for ", "[info] search for ", "INFO: search for ",
        "shop.views - INFO - search for ", "2026-11-30 18:16:59,341 INFO shop.views search for stock failed: ",
        "2026-11-30 19:11:39,028 WARNING shop.views Forbidden (CSRF token missing.): "}) {
    auto lines = examples;
    for (auto& line : lines) line.insert(0, words);
    EXPECT_THAT(findings_in(lines), IsEmpty()) << words;
  }
}

TEST_F(LabelledWords, CountWhenTheLabelOrTheLevelTellsOfAFailure) {
  for (const std::string words :
       {"query stock failed: ", "ERROR ", "[error] ", "ERROR:shop.views:query: ", "shop.views - ERROR - query stock: ",
        "2026-11-30 18:16:59,341 ERROR shop.views query stock: "}) {
    const auto line = words + "Error: getaddrinfo ENOTFOUND db.invalid";
    EXPECT_THAT(findings_in({line}), ElementsAre("node/dependency-unresolved: " + line));
  }
}

TEST_F(LabelledWords, CountBehindTheTimeOfGosLogger) {
  const std::string line =
      "2026/11/30 09:16:32 save order: dial tcp: lookup db.invalid on 10.255.255.53:53: no such host";
  EXPECT_THAT(findings_in({line}), ElementsAre("dependency/name-unresolved: " + line));
}

}  // namespace
}  // namespace triaged::matcher
