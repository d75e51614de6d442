// What the transport says about each line of a batch reaches the symptom of that line and no other.
#include "values/envelope.hpp"

#include <gtest/gtest.h>

#include "knowledge/dialects/load_rules.hpp"
#include "matcher/matcher.hpp"

namespace triaged::matcher {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view rules_text = R"(
id: app/failed
title: Failed
root_cause: an application
match: [{formats: [text], regex: 'cannot open database'}]
)";

LineBatch batch_of(std::initializer_list<std::string_view> lines) {
  LineBatch batch{.source_name = "journal", .observed_at = TimePoint(2'000'000'000s)};
  for (const auto line : lines) {
    batch.lines.push_back(
        {static_cast<std::uint32_t>(batch.bytes.size()), static_cast<std::uint32_t>(line.size()), batch.bytes.size()});
    batch.bytes.append(line).append("\n");
  }
  return batch;
}

Matcher matcher_of_rules() {
  Problems problems;
  auto rules = std::make_shared<const knowledge::RuleSet>(knowledge::read_rule_file(rules_text, "rule.yaml", problems));
  Matcher matcher(SignatureSet::compile(rules, problems));
  EXPECT_TRUE(problems.empty());
  return matcher;
}

std::vector<MatchedLine> match(const LineBatch& batch, Matcher& matcher) {
  formats::LineReader reader({.source_name = batch.source_name, .zone = {0s}});
  std::vector<MatchedLine> lines;
  for (const auto& finding : matcher.match(batch, reader)) lines.push_back(matched_line(finding));
  return lines;
}

std::vector<MatchedLine> match(const LineBatch& batch) {
  auto matcher = matcher_of_rules();
  return match(batch, matcher);
}

TEST(EnvelopeOfALine, GivesItsSymptomTimeAndHost) {
  auto batch = batch_of({"all is well", "cannot open database", "cannot open database"});
  batch.envelopes.resize(3);
  batch.envelopes[1] = {.at = TimePoint(1'800'000'001s), .host = "web1"};
  batch.envelopes[2] = {.at = TimePoint(1'800'000'002s), .host = "web2"};
  const auto symptoms = match(batch);
  ASSERT_EQ(symptoms.size(), 2u);
  EXPECT_EQ(symptoms[0].at, TimePoint(1'800'000'001s));
  EXPECT_TRUE(symptoms[0].has_own_time);
  EXPECT_EQ(symptoms[0].host, "web1");
  EXPECT_EQ(symptoms[1].at, TimePoint(1'800'000'002s));
  EXPECT_EQ(symptoms[1].host, "web2");
}

// In a journal the logs of all programs run through each other.
TEST(EnvelopeOfALine, NamesTheLogThatItStandsInAndWhatFollowsItsBatch) {
  auto batch = batch_of({"cannot open database", "cannot open database", "cannot open database"});
  batch.envelopes.resize(3);
  batch.envelopes[0].stream = batch.envelopes[2].stream = "app.service";
  batch.envelopes[1].stream = "other.service";
  batch.ahead = "and more\n";
  batch.ahead_envelopes.resize(1);
  batch.ahead_envelopes[0].stream = "other.service";
  const auto symptoms = match(batch);
  ASSERT_EQ(symptoms.size(), 3u);
  EXPECT_EQ(symptoms[0].source, "journal app.service");
  EXPECT_EQ(symptoms[1].source, "journal other.service");
  EXPECT_EQ(symptoms[2].source, "journal app.service");
}

// A runtime cuts long lines into parts, and writes those of other streams between them.
TEST(ALineInParts, StandsWhereItsFirstPartBegins) {
  const auto batch = batch_of({"2026-11-21T01:14:18.523456789Z stdout F listening",
                               "2026-11-21T01:14:18.523456789Z stderr P main | cannot ",
                               "2026-11-21T01:14:18.523456789Z stdout F cannot open database",
                               "2026-11-21T01:14:18.523456789Z stderr F open database",
                               "2026-11-21T01:14:18.523456789Z stderr F cannot open database"});
  const auto symptoms = match(batch);
  ASSERT_EQ(symptoms.size(), 3u);
  EXPECT_EQ(symptoms[0].offset, batch.lines[2].offset);
  EXPECT_EQ(symptoms[1].line, "main | cannot open database");
  EXPECT_EQ(symptoms[1].offset, batch.lines[1].offset);
  EXPECT_EQ(symptoms[2].offset, batch.lines[4].offset);
}

// The next file of a log may begin with the last part of a line.
TEST(ALineInParts, StandsAtTheBeginningOfTheFileInWhichItsEndStands) {
  const auto whole = batch_of({"2026-11-21T01:14:18.523456789Z stderr P main | cannot ",
                               "2026-11-21T01:14:18.523456789Z stderr F open database"});
  auto next_file = whole;
  next_file.lines[1].offset = 0;
  const auto symptoms = match(next_file);
  ASSERT_EQ(symptoms.size(), 1u);
  EXPECT_EQ(symptoms[0].offset, 0u);
}

// One matcher reads the logs of many sources, one after the other.
TEST(ALineInParts, MovesNoLineOfTheNextLog) {
  const auto container = batch_of({"2026-11-21T01:14:18.523456789Z stderr P main | cannot ",
                                   "2026-11-21T01:14:18.523456789Z stderr F open database"});
  const auto plain = batch_of({"all is well", "and still is", "cannot open database"});
  auto matcher = matcher_of_rules();
  ASSERT_EQ(match(container, matcher).size(), 1u);
  const auto symptoms = match(plain, matcher);
  ASSERT_EQ(symptoms.size(), 1u);
  EXPECT_EQ(symptoms[0].offset, plain.lines[2].offset);
}

TEST(EnvelopeOfALine, IsNotThereForFilesAndPipes) {
  const auto batch = batch_of({"cannot open database"});
  EXPECT_EQ(batch.envelope(batch.lines[0]), nullptr);
  const auto symptoms = match(batch);
  ASSERT_EQ(symptoms.size(), 1u);
  EXPECT_EQ(symptoms[0].at, batch.observed_at);
  EXPECT_FALSE(symptoms[0].has_own_time);
  EXPECT_EQ(symptoms[0].host, "");
}

// A source of containers says it once for the whole log.
TEST(EnvelopeOfALine, MayBeOneForAll) {
  auto batch = batch_of({"cannot open database", "all is well", "cannot open database"});
  batch.envelopes = {{.host = "web1"}};
  const auto symptoms = match(batch);
  ASSERT_EQ(symptoms.size(), 2u);
  EXPECT_EQ(symptoms[0].host, "web1");
  EXPECT_EQ(symptoms[1].host, "web1");
}

constexpr std::string_view rules_of_whole_lines = R"(
id: app/failed
title: Failed
root_cause: an application
match: [{regex: 'cannot open database', within: line}]
)";

TEST(OwnLine, IsCountedAndSaysNothing) {
  Problems problems;
  auto rules = std::make_shared<const knowledge::RuleSet>(
      knowledge::read_rule_file(rules_of_whole_lines, "rule.yaml", problems));
  Matcher matcher(SignatureSet::compile(rules, problems));
  ASSERT_TRUE(problems.empty());
  auto batch = batch_of({"cannot open database", "Nov 21 01:15:49 web1 triaged[77]: cannot open database",
                         "    cannot open database", "Nov 21 01:15:49 web1 app[77]: cannot open database"});
  formats::LineReader reader({.source_name = "syslog", .zone = {0s}});
  EXPECT_EQ(matcher.match(batch, reader).size(), 2u) << "the first and the last line";
  EXPECT_EQ(matcher.distrusted_lines().own, 2u);
  batch.envelopes = {{.is_own = true}};
  EXPECT_EQ(matcher.match(batch, reader).size(), 0u);
  EXPECT_EQ(matcher.distrusted_lines().own, 2u + 4u);
  EXPECT_EQ(matcher.distrusted_lines().silenced, 0u);
}

}  // namespace
}  // namespace triaged::matcher
