// Public rules in the matcher: when they count, and that thousands of them match as each of them would alone.
#include <cstdlib>
#include <fstream>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <re2/re2.h>

#include "knowledge/dialects/load_rules.hpp"
#include "knowledge/patterns/pattern.hpp"
#include "matcher/matcher.hpp"
#include "tests/support/public_data.hpp"
#include "tests/support/temporary_folder.hpp"

namespace triaged::matcher {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<MatchedLine> match_lines(const std::shared_ptr<const SignatureSet>& signatures,
                                     const std::vector<std::string>& lines, std::vector<NoisyRule>* noisy = nullptr) {
  LineBatch batch;
  batch.source_name = "a.log";
  for (const auto& line : lines) {
    batch.lines.push_back(
        {static_cast<std::uint32_t>(batch.bytes.size()), static_cast<std::uint32_t>(line.size()), batch.bytes.size()});
    batch.bytes += line + '\n';
  }
  formats::LineReader reader(
      {.source_name = "a.log", .format = formats::Format::text, .zone = {std::chrono::seconds(0)}});
  Matcher matcher(signatures);
  std::vector<MatchedLine> matched;
  for (const auto& finding : matcher.match(batch, reader)) matched.push_back(matched_line(finding));
  if (noisy != nullptr) *noisy = matcher.take_noisy_rules();
  return matched;
}

class PublicRule : public testing::Test {
 protected:
  void use(const std::string& json, const std::string& yaml = "", const knowledge::PublicScope& scope = {}) {
    Problems problems;
    auto rules = knowledge::read_rule_file(json, "a.json", problems);
    for (auto& rule : knowledge::read_rule_file(yaml, "a.yaml", problems)) rules.push_back(std::move(rule));
    knowledge::apply_scope(rules, scope);
    EXPECT_FALSE(has_errors(problems));
    set = SignatureSet::compile(std::make_shared<const knowledge::RuleSet>(std::move(rules)), problems);
  }
  std::vector<std::string> rules_on(const std::string& line) {
    std::vector<std::string> ids;
    for (const auto& symptom : match_lines(set, {line})) ids.push_back(symptom.rule);
    return ids;
  }

  std::shared_ptr<const SignatureSet> set;
};

constexpr const char* refused_canon =
    R"({"id": "api/refused/any", "error": {"signature": "connection refused", "regex": "Connection refused|econnrefused",
        "domain": "api"}, "verdict": {"summary": "s"}})";
constexpr const char* own_rule =
    "{id: app/redis-refused, title: t, root_cause: r, match: {regex: 'redis: Connection refused'}}";

TEST_F(PublicRule, RecogniseALineWhateverItsCapitals) {
  use(refused_canon);
  EXPECT_THAT(rules_on("dial tcp: CONNECTION REFUSED"), ElementsAre("api/refused/any"));
}

TEST_F(PublicRule, AreSilentOnALineThatTheProductsOwnRulesKnow) {
  use(refused_canon, own_rule);
  EXPECT_THAT(rules_on("redis: Connection refused"), ElementsAre("app/redis-refused"));
  EXPECT_THAT(rules_on("mysql: Connection refused"), ElementsAre("api/refused/any"));
}

TEST_F(PublicRule, AreNotLookedForWhenTheyAreOff) {
  use(R"({"id": "visa/x/any", "error": {"signature": "visa refused", "regex": "visa refused", "domain": "visa"},
          "verdict": {"summary": "s"}})");
  EXPECT_THAT(rules_on("visa refused"), IsEmpty());
}

TEST_F(PublicRule, SupportOnlyWhenTheirPatternSaysLittle) {
  use(R"({"id": "security/lfi/any", "error": {"signature": "LFI", "regex": "LFI|path traversal", "domain": "security"},
          "verdict": {"summary": "s"}})");
  const auto symptoms = match_lines(set, {"found LFI"});
  ASSERT_EQ(symptoms.size(), 1u);
  EXPECT_TRUE(symptoms[0].is_supporting);
}

TEST_F(PublicRule, SupportOnlyWhereTheyMatchTooMuch) {
  use(refused_canon);
  const std::vector<std::string> lines(600, "probe: connection refused");
  std::vector<NoisyRule> noisy;
  const auto symptoms = match_lines(set, lines, &noisy);
  EXPECT_FALSE(symptoms[498].is_supporting);
  EXPECT_TRUE(symptoms[499].is_supporting);
  EXPECT_THAT(noisy, ElementsAre(NoisyRule{"api/refused/any", "a.log", 500, 500}));
}

TEST_F(PublicRule, KeepTheirStandingWhenPinned) {
  use(refused_canon, "", {.pinned = {"api/refused/any"}});
  std::vector<NoisyRule> noisy;
  EXPECT_FALSE(match_lines(set, std::vector<std::string>(600, "connection refused"), &noisy).back().is_supporting);
  EXPECT_THAT(noisy, IsEmpty());
}

TEST_F(PublicRule, WaitForTheirCompilationWhenAskedTo) {
  const TemporaryFolder folder;
  Problems problems;
  auto rules = knowledge::read_rule_file(refused_canon, "a.json", problems);
  for (auto& rule : knowledge::read_rule_file(own_rule, "a.yaml", problems)) rules.push_back(std::move(rule));
  const auto shared = std::make_shared<const knowledge::RuleSet>(std::move(rules));
  Compilation later{.cache = folder.path(), .public_rules = PublicRules::later, .stop = {}};
  set = SignatureSet::compile(shared, problems, later);
  EXPECT_TRUE(set->waits_for_public_rules());
  EXPECT_THAT(rules_on("redis: Connection refused"), ElementsAre("app/redis-refused"));
  EXPECT_THAT(rules_on("mysql: Connection refused"), IsEmpty());
  (void)SignatureSet::compile(shared, problems, {.cache = folder.path()});
  set = SignatureSet::compile(shared, problems, later);
  EXPECT_FALSE(set->waits_for_public_rules());
  EXPECT_THAT(rules_on("mysql: Connection refused"), ElementsAre("api/refused/any"));
  EXPECT_TRUE(problems.empty());
}

/// TRIAGED_FULL_DIFFERENTIAL=1 takes all lines, which takes minutes; otherwise some of them.
bool is_full() { return std::getenv("TRIAGED_FULL_DIFFERENTIAL") != nullptr; }

/// Every pattern against every line on its own, by RE2: slow, and without anything shared between patterns.
class CanonsAgainstReference : public testing::Test {
 protected:
  void SetUp() override {
    SKIP_WITHOUT(canons_folder());
    if (set == nullptr) compile();  // takes seconds: once for all tests
  }
  static void TearDownTestSuite() {
    set.reset();
    expressions.clear();
  }
  static void compile() {
    auto loaded = knowledge::load_rules({canons_folder()}, {.scope = {.all_domains = true}});
    set = SignatureSet::compile_when_needed(loaded.rules, [](const Problem& p) { FAIL() << to_text(p); });
    for (const auto& rule : set->rules().rules()) {
      re2::RE2::Options options;
      options.set_encoding(re2::RE2::Options::EncodingLatin1);
      options.set_case_sensitive(!rule.matches.front().caseless);
      expressions.push_back(std::make_unique<re2::RE2>(knowledge::to_re2_syntax(rule.matches.front().regex), options));
      EXPECT_TRUE(expressions.back()->ok()) << rule.id;
    }
  }

  void expect_same(Matcher& matcher, const std::string& line, const formats::ReadLine& read) {
    std::set<std::string> found, expected;
    for (const auto& verdict : matcher.explain(read)) {
      if (verdict.pattern_hit) found.insert(verdict.rule->id);
    }
    const auto& rules = set->rules().rules();
    for (std::size_t i = 0; i < rules.size(); ++i) {
      if (!reads(rules[i].matches.front(), read.format)) continue;
      const re2::StringPiece text(read.message.data(), read.message.size());
      if (re2::RE2::PartialMatch(text, *expressions[i])) expected.insert(rules[i].id);
    }
    EXPECT_EQ(found, expected) << line;
    hits += expected.size();
  }

  static inline std::shared_ptr<const SignatureSet> set;
  static inline std::vector<std::unique_ptr<re2::RE2>> expressions;
  std::size_t hits = 0;
};

TEST_F(CanonsAgainstReference, AgreeOnTheirSignatures) {
  Matcher matcher(set);
  formats::LineReader reader({.source_name = "a.log", .format = formats::Format::text});
  const auto& rules = set->rules().rules();
  for (std::size_t i = 0; i < rules.size(); i += is_full() ? 1 : 10) {
    const auto& line = rules[i].title.english;
    formats::ReadLine read;
    reader.read(line, read);
    expect_same(matcher, line, read);
  }
  EXPECT_GT(hits, 200u);
}

/// One line of each kind: numbers apart, equal lines are of one kind.
std::string kind_of(const std::string& line) {
  std::string kind;
  for (const char c : line) kind += c >= '0' && c <= '9' ? '0' : c;
  return kind;
}

TEST_F(CanonsAgainstReference, AgreeOnRecordedLogs) {
  SKIP_WITHOUT(corpus_folder());
  Matcher matcher(set);
  std::set<std::string> kinds;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(corpus_folder())) {
    const auto name = entry.path().filename().string();
    if (!entry.is_regular_file() || name.find("access") != std::string::npos || name.ends_with(".yaml")) continue;
    formats::LineReader reader({.source_name = name});
    std::ifstream file(entry.path(), std::ios::binary);
    for (std::string line; std::getline(file, line);) {
      formats::ReadLine read;
      reader.read(line, read);
      if (read.message.empty() || !kinds.insert(kind_of(std::string(read.message))).second) continue;
      expect_same(matcher, line, read);
      if (kinds.size() > (is_full() ? 5000u : 300u)) return;
    }
  }
  EXPECT_GT(kinds.size(), 300u);
}

}  // namespace
}  // namespace triaged::matcher
