#include "matcher/matcher.hpp"

#include <random>

#include <gtest/gtest.h>

#include "knowledge/dialects/load_rules.hpp"

namespace triaged::matcher {
namespace {

constexpr std::string_view refused_line =
    "2026/11/21 01:15:46 [error] 1851#1851: *115 connect() failed (111: Connection refused) while connecting to "
    "upstream, "
    "client: 127.0.3.235, server: shop.example.com, request: \"GET /api/items?id=1750 HTTP/1.1\", upstream: "
    "\"http://127.0.0.1:8003/api/items?id=1750\", host: \"shop.example.com\", referrer: \"https://shop.example.com/\"";

constexpr std::string_view missing_file_line =
    "2026/11/21 01:07:05 [error] 19257#19257: *119 open() \"/srv/www/static/app.css\" failed (2: No such file or "
    "directory), client: 127.0.0.195, server: shop.example.com, request: \"GET /static/app.css HTTP/1.1\", host: "
    "\"shop.example.com\"";

constexpr std::string_view rules_text = R"(
- id: nginx/refused
  title: Refused
  match:
    - formats: [nginx.error]
      regex: 'connect\(\) failed \((?<number>\d+): Connection refused\)'
  causes: [{id: upstream-down, text: down, prior: 0.5}]
- id: nginx/missing
  title: Missing
  match:
    - formats: [nginx.error]
      regex: 'open\(\) ".*" failed \(2: '
  causes: [{id: file-missing, text: missing, prior: 0.5}]
- id: access/relayed
  title: Relayed
  match:
    - formats: [nginx.access]
      where: {status: {from: 500, to: 599}}
  causes: [{id: upstream-app-returned-5xx, text: relayed, prior: 0.5}]
- id: any/word
  title: Word
  match:
    - regex: 'Connection refused'
      within: line
  causes: [{id: upstream-down, text: down, prior: 0.5}]
)";

class MatcherTest : public testing::Test {
 protected:
  void SetUp() override { use(rules_text); }

  void use(std::string_view text) {
    Problems problems;
    auto rules = std::make_shared<const knowledge::RuleSet>(knowledge::read_rule_file(text, "rules.yaml", problems));
    signatures = SignatureSet::compile(rules, problems);
    for (const auto& problem : problems) {
      EXPECT_EQ(problem.level, ProblemLevel::warning) << to_text(problem);
    }
  }

  std::vector<Finding> match(const std::vector<std::string_view>& lines) {
    LineBatch batch;
    batch.source_name = "a.log";
    for (const auto line : lines) {
      batch.lines.push_back({static_cast<std::uint32_t>(batch.bytes.size()), static_cast<std::uint32_t>(line.size()),
                             1000 + batch.bytes.size()});
      batch.bytes += line;
      batch.bytes += '\n';
    }
    formats::LineReader reader({.source_name = "a.log", .zone = {std::chrono::seconds(0)}});
    return of_rules(Matcher(signatures).match(batch, reader));
  }
  /// Without answers (answers_test.cpp).
  static std::vector<Finding> of_rules(std::vector<Finding> findings) {
    std::erase_if(findings, [](const Finding& finding) {
      return std::holds_alternative<Answers>(finding) || std::holds_alternative<UrlRequests>(finding);
    });
    return findings;
  }

  std::vector<std::string> rules_of(const std::vector<std::string_view>& lines) {
    std::vector<std::string> rules;
    for (const auto& finding : match(lines)) rules.push_back(matched_line(finding).rule);
    return rules;
  }

  /// The line written in pieces that end at these bytes, each emitted before the next one came.
  std::vector<std::size_t> symptoms_of_pieces(std::string_view line, const std::vector<std::size_t>& ends) {
    formats::LineReader reader({.source_name = "a.log", .zone = {std::chrono::seconds(0)}});
    Matcher matcher(signatures);
    LineBatch batch;
    std::vector<std::size_t> counts;
    for (const std::size_t end : ends) {
      batch.bytes = std::string(line.substr(0, end));
      batch.lines = {{0, static_cast<std::uint32_t>(end), 1000}};
      batch.is_unterminated = end < line.size();
      counts.push_back(of_rules(matcher.match(batch, reader)).size());
      batch.already_emitted = static_cast<std::uint32_t>(end);
    }
    return counts;
  }

  std::shared_ptr<const SignatureSet> signatures;
};

using Counts = std::vector<std::size_t>;

TEST_F(MatcherTest, RecognisesALineThatWasWrittenInPiecesOnceWhereverItWasCut) {
  const std::size_t whole = refused_line.size();
  const std::size_t recognisable = refused_line.find(" while");
  EXPECT_EQ(symptoms_of_pieces(refused_line, {10, recognisable - 1, whole}), (Counts{0, 1, 1}));
  EXPECT_EQ(symptoms_of_pieces(refused_line, {recognisable, whole}), (Counts{2, 0}));
  for (std::size_t end = 1; end < whole; ++end) {
    const Counts counts = symptoms_of_pieces(refused_line, {end, whole});
    EXPECT_EQ(counts[0] + counts[1], 2u) << "cut behind byte " << end;
  }
}

TEST_F(MatcherTest, CountsTheLinesBehindOneThatComesAgain) {
  LineBatch batch;
  batch.bytes = std::string(refused_line) + "\n" + std::string(refused_line) + "\n";
  const auto length = static_cast<std::uint32_t>(refused_line.size());
  batch.lines = {{0, length, 1000}, {length + 1, length, 1001 + length}};
  batch.already_emitted = length;
  formats::LineReader reader({.source_name = "a.log", .zone = {std::chrono::seconds(0)}});
  const auto findings = of_rules(Matcher(signatures).match(batch, reader));
  ASSERT_EQ(findings.size(), 2u);
  EXPECT_EQ(matched_line(findings[0]).offset, 1001 + length);
}

TEST_F(MatcherTest, MakesASymptomWithTheLinesFieldsAndNamedGroups) {
  const auto findings = match({refused_line});
  ASSERT_EQ(findings.size(), 2u);
  const auto& symptom = std::get<Symptom>(findings[0]);
  EXPECT_EQ(symptom.rule, "nginx/refused");
  EXPECT_EQ(symptom.format, "nginx.error");
  EXPECT_EQ(symptom.source, "a.log");
  EXPECT_EQ(symptom.offset, 1000u);
  EXPECT_EQ(to_rfc3339(symptom.at), "2026-11-21T01:15:46.000000Z");
  EXPECT_TRUE(symptom.has_own_time);
  EXPECT_EQ(symptom.field("upstream"), "127.0.0.1:8003");
  EXPECT_EQ(symptom.field("number"), "111");
  EXPECT_EQ(symptom.line, refused_line);
}

TEST_F(MatcherTest, MatchesOnlyWhereTheProgramSpeaks) {
  const std::string spoofed =
      "2026/11/21 01:07:05 [error] 19257#19257: *119 open() \"/srv/connect() failed (111: Connection refused)\" failed "
      "(2: No such file or directory), client: 127.0.0.195, server: shop.example.com, request: \"GET /connect() failed "
      "(111: Connection refused) HTTP/1.1\", host: \"shop.example.com\"";
  // The rule that asks for the whole line gets it; the one that reads the message does not.
  EXPECT_EQ(rules_of({spoofed}), (std::vector<std::string>{"nginx/missing", "any/word"}));
}

TEST_F(MatcherTest, TestsConditionsOnFieldsWithoutAPattern) {
  const std::string_view failed =
      R"(127.0.0.1 - - [21/Nov/2026:01:15:44 +0000] "GET / HTTP/1.1" 502 157 "-" "curl/7.88.1")";
  const std::string_view healthy =
      R"(127.0.0.1 - - [21/Nov/2026:01:15:44 +0000] "GET / HTTP/1.1" 200 502 "-" "curl/7.88.1")";
  EXPECT_EQ(rules_of({failed}), std::vector<std::string>{"access/relayed"});
  EXPECT_TRUE(rules_of({healthy}).empty());
}

TEST_F(MatcherTest, ScopesRulesByFormat) {
  EXPECT_EQ(rules_of({R"([2026-11-21 01:10:08 +0000] [25362] [ERROR] connect() failed (111: Connection refused))"}),
            std::vector<std::string>{"any/word"});
}

TEST_F(MatcherTest, CountsARuleOnceALineEvenWhenTwoOfItsMatchesFit) {
  use(R"(
id: nginx/twice
title: Twice
match:
  - {formats: [nginx.error], regex: 'connect\(\) failed'}
  - {formats: [nginx.error], regex: 'Connection refused'}
causes: [{id: upstream-down, text: down, prior: 0.5}]
)");
  EXPECT_EQ(match({refused_line}).size(), 1u);
}

TEST_F(MatcherTest, TakesBackWhatAForgedLineClaimed) {
  const std::string first =
      "2026/11/21 01:14:18 [error] 386#386: *115 open() \"/srv/www/static/x\" failed (2: No such file or "
      "directory), client: 1.2.3.4, server: a, request: \"GET / HTTP/1.1\"";
  const std::string tail =
      "\" failed (2: No such file or directory), client: 127.0.1.66, server: shop.example.com, request: \"GET "
      "/static/x "
      "HTTP/1.1\", host: \"shop.example.com\"";
  for (const auto& rule : rules_of({first, refused_line, tail})) EXPECT_NE(rule, "nginx/refused");
}

TEST_F(MatcherTest, TakesBackWhatALineClaimsWhoseTrueEndAForgedHeadTookOver) {
  const std::string first =
      "2026/11/21 01:14:18 [error] 386#386: *115 open() \"/srv/www/static/x\" failed (2: No such file or directory), "
      "client: 1.2.3.4, server: a, request: \"GET / HTTP/1.1\"";
  const std::string last =
      "2026/11/21 01:14:18 [error] 9#9: *2 open() \"/srv/www/static/y\" failed (2: No such file or directory), client: "
      "127.0.1.66, server: shop.example.com, request: \"GET /static/x%22%0A2026 HTTP/1.1\", host: \"h\"";
  EXPECT_TRUE(rules_of({first, refused_line, last}).empty());
}

TEST_F(MatcherTest, KeepsOfDoubtfulLinesOnlyWhatAnyClientCanCause) {
  use(R"(
- id: nginx/refused
  title: Refused
  root_cause: nobody listens
  match: [{formats: [nginx.error], regex: 'connect\(\) failed'}]
- id: nginx/user
  title: User
  root_cause: a wrong name
  match: [{formats: [nginx.error], regex: '^user ".*" was not found'}]
)");
  const auto of_user = [](const std::string& server) {
    return "2026/11/21 01:14:18 [error] 386#386: *115 user \"x\" was not found in \"/users\", client: 1.2.3.4, "
           "server: " +
           server + ", request: \"GET / HTTP/1.1\", host: \"h\"";
  };
  const std::vector<std::string> expected = {"nginx/user", "nginx/user"};
  EXPECT_EQ(rules_of({of_user("a"), refused_line, of_user("a")}), expected);
  EXPECT_EQ(rules_of({of_user("a"), of_user("b")}), std::vector<std::string>{"nginx/user"});  // "a" may be forged
  EXPECT_EQ(rules_of({of_user("a"), std::string(2048, '-'), refused_line, of_user("a")}).size(), 3u);
}

TEST_F(MatcherTest, CutsALongLineInTheSymptom) {
  const auto findings = match({std::string(refused_line) + std::string(10'000, 'x')});
  ASSERT_FALSE(findings.empty());
  EXPECT_EQ(matched_line(findings[0]).line.size(), longest_symptom_line);
}

TEST_F(MatcherTest, SurvivesAnyBytes) {
  std::mt19937 random(20261121);
  std::string noise(50'000, '\0');
  for (auto& byte : noise) byte = static_cast<char>(random());
  EXPECT_TRUE(rules_of({noise, "", std::string(100, '\0'), "\xff\xfe"}).empty());
}

TEST_F(MatcherTest, ExplainsWhyARuleDoesNotFire) {
  formats::LineReader reader({});
  formats::ReadLine read;
  const std::string spoofed =
      "2026/11/21 01:07:05 [error] 19257#19257: *119 open() \"/x\" failed (2: No such file or directory), client: "
      "127.0.0.195, "
      "server: shop.example.com, request: \"GET /?q=connect() failed (111: Connection refused) HTTP/1.1\"";
  reader.read(spoofed, read);
  const auto verdicts = Matcher(signatures).explain(read);
  const auto of = [&](std::string_view id) {
    return *std::find_if(verdicts.begin(), verdicts.end(), [&](const Verdict& v) { return v.rule->id == id; });
  };
  EXPECT_TRUE(of("nginx/missing").fires());
  EXPECT_EQ(of("nginx/refused").missing, "its words stand only where a client may write, not where the program speaks");
}

TEST_F(MatcherTest, NamesTheConditionThatFails) {
  formats::LineReader reader({});
  formats::ReadLine read;
  const std::string_view line =
      R"(127.0.0.1 - - [21/Nov/2026:01:15:44 +0000] "GET / HTTP/1.1" 200 502 "-" "curl/7.88.1")";
  reader.read(line, read);
  for (const auto& verdict : Matcher(signatures).explain(read)) {
    if (verdict.rule->id == "access/relayed") {
      EXPECT_EQ(verdict.missing, "wants status is at least 500 and is at most 599 (it is 200)");
    }
  }
}

// The oracle: every pattern on its own, on every line on its own.
TEST_F(MatcherTest, FindsWhatEachPatternAloneFinds) {
  const std::vector<std::string> words = {"refused", "timed out", "reset", "connect()",
                                          "failed",  "(111:",     "(110:", "open"};
  std::mt19937 random(7);
  const auto pick = [&] { return words[random() % words.size()]; };
  std::string text;
  std::vector<std::string> needles;
  for (int i = 0; i < 20; ++i) {
    needles.push_back(pick() + " " + pick());
    std::string escaped;
    for (const char c : needles.back()) escaped += std::string(c == '(' || c == ')' ? "\\" : "") + c;
    text += "- {id: r/" + std::to_string(i) + ", title: t, match: [{formats: [text], regex: '" + escaped +
            "'}], causes: [{id: upstream-down, text: t, prior: 0.5}]}\n";
  }
  use(text);
  for (int i = 0; i < 200; ++i) {
    std::string line;
    for (int j = 0; j < 6; ++j) line += pick() + " ";
    std::vector<std::string> expected;
    for (std::size_t n = 0; n < needles.size(); ++n) {
      if (line.find(needles[n]) != std::string::npos) expected.push_back("r/" + std::to_string(n));
    }
    EXPECT_EQ(rules_of({line}), expected) << line;
  }
}

constexpr std::string_view timed_rules = R"(
- id: nginx/both
  title: Both
  root_cause: Y
  match:
    - sequence:
        window: 1m
        of: [{regex: 'connect\(\) failed'}, {regex: 'open\(\) ".*" failed'}]
      formats: [nginx.error]
- id: nginx/many
  title: Many
  root_cause: Y
  match:
    - rate: {of: {where: {status: 502}}, share_of: {formats: [nginx.access]}, above: 5%, per: 1m, by: vhost}
    - rate: {of: {formats: [nginx.error], regex: 'connect\(\) failed'}, above: 5, per: 1m}
)";

std::string access_line(int second, int status) {
  return "127.0.0.9 - - [21/Nov/2026:01:15:" + std::to_string(10 + second) + " +0000] \"GET /a HTTP/1.1\" " +
         std::to_string(status) + " 150 \"-\" \"curl/7.88.1\"";
}

std::string text_of(const Symptom& symptom) { return symptom.rule; }
std::string text_of(const Answers& /*answers*/) { return "answers"; }
std::string text_of(const CoveredTime& /*covered*/) { return "covered time"; }
std::string text_of(const UrlRequests& /*requests*/) { return "requests"; }
std::string text_of(const TermLine& line) { return line.rule + " " + std::to_string(line.term); }
std::string text_of(const TermCount& count) {
  return count.rule + " " + std::to_string(count.term) + ": " + std::to_string(count.lines);
}

/// "rule", "rule term" of a line, "rule term: lines" of a count.
std::vector<std::string> texts_of(const std::vector<Finding>& findings) {
  std::vector<std::string> texts;
  for (const auto& finding : findings) {
    texts.push_back(std::visit([](const auto& found) { return text_of(found); }, finding));
  }
  return texts;
}

TEST_F(MatcherTest, SaysWhichLineOfAConditionItFound) {
  use(timed_rules);
  EXPECT_EQ(texts_of(match({refused_line, missing_file_line})),
            (std::vector<std::string>{"nginx/both 1", "nginx/both 2", "nginx/many 3: 1"}));
}

TEST_F(MatcherTest, CountsLinesOfARateSecondBySecond) {
  use(R"(
id: nginx/many
title: Many
root_cause: Y
match:
  - rate: {of: {where: {status: 502}}, share_of: {formats: [nginx.access]}, above: 5%, per: 1m}
)");
  std::vector<std::string> lines;
  for (int second = 0; second < 2; ++second) {
    for (int i = 0; i < 100; ++i) lines.push_back(access_line(second, i % 10 == 0 ? 502 : 200));
  }
  const auto findings = match({lines.begin(), lines.end()});
  EXPECT_EQ(texts_of(findings), (std::vector<std::string>{"nginx/many 1: 10", "nginx/many 2: 100", "nginx/many 1: 10",
                                                          "nginx/many 2: 100"}));
  EXPECT_EQ(matched_line(findings[0]).line, lines[0]);
}

TEST_F(MatcherTest, SaysOfARuleThatMeansANumberHowManyLinesTheLogHad) {
  use(R"(
id: access/failed
title: Failed
root_cause: Y
alone_from: 5
match:
  - {formats: [nginx.access], where: {status: 502}}
)");
  formats::LineReader reader({.source_name = "a.log", .zone = {std::chrono::seconds(0)}});
  Matcher matcher(signatures);
  const auto matched = [&](const std::vector<int>& statuses, std::size_t letters_of_the_last) {
    LineBatch batch;
    batch.source_name = "a.log";
    for (const int status : statuses) {
      const auto line = access_line(0, status);
      batch.lines.push_back({static_cast<std::uint32_t>(batch.bytes.size()), static_cast<std::uint32_t>(line.size()),
                             1000 + batch.bytes.size()});
      batch.bytes += line + '\n';
    }
    batch.is_unterminated = letters_of_the_last > 0;
    if (batch.is_unterminated) batch.lines.back().length = static_cast<std::uint32_t>(letters_of_the_last);
    std::vector<std::uint64_t> log_lines;
    for (const auto& finding : of_rules(matcher.match(batch, reader)))
      log_lines.push_back(matched_line(finding).log_lines);
    return log_lines;
  };
  EXPECT_EQ(matched({200, 200, 502, 502, 200}, 0), (std::vector<std::uint64_t>{3, 1}));
  EXPECT_EQ(matched({200, 200}, 20), (std::vector<std::uint64_t>{})) << "the last one comes again, whole";
  EXPECT_EQ(matched({200, 502}, 0), (std::vector<std::uint64_t>{4}));
}

TEST_F(MatcherTest, ExplainsThatALineCountsForACondition) {
  use(timed_rules);
  formats::LineReader reader({.source_name = "a.log"});
  formats::ReadLine read;
  reader.read(refused_line, read);
  const auto verdicts = Matcher(signatures).explain(read);
  ASSERT_FALSE(verdicts.empty());
  EXPECT_TRUE(verdicts[0].counts);
  EXPECT_FALSE(verdicts[0].fires());
  EXPECT_EQ(verdicts[0].missing, "one line of it: in a sequence within 1m");
}

}  // namespace
}  // namespace triaged::matcher
