#include <gmock/gmock.h>

#include "knowledge/model/timed_match.hpp"
#include "tests/support/rule_file.hpp"

namespace triaged::knowledge {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class TimedMatchFile : public RuleFileTest {
 protected:
  static std::string rule_of(const std::string& match) {
    return "id: nginx/a\ntitle: A\nroot_cause: Y\nmatch:\n  - " + match + "\n";
  }
  TimedMatch read_condition(const std::string& match) {
    const auto rule = read_one(rule_of(match));
    return rule.timed_matches.size() == 1 ? rule.timed_matches.front() : TimedMatch{};
  }
  std::vector<std::string> complaints(const std::string& match) { return complaints_about(rule_of(match)); }
};

TEST_F(TimedMatchFile, ReadsASetWithCountsAndWhatForbidsIt) {
  const auto timed = read_condition(
      "set: {window: 30s, of: [{regex: no live upstreams, count: 3}, {regex: worker exited}], "
      "unless: [{regex: reloading, within: 10s}]}");
  EXPECT_EQ(timed.kind, TimedKind::set);
  EXPECT_EQ(timed.window, 30s);
  ASSERT_THAT(timed.of, SizeIs(2));
  EXPECT_EQ(timed.of[0].count, 3u);
  EXPECT_EQ(timed.of[1].line.regex, "worker exited");
  ASSERT_THAT(timed.unless, SizeIs(1));
  EXPECT_EQ(timed.unless[0].window, 10s);
}

TEST_F(TimedMatchFile, ReadsASequenceWithAnchorSlideAndWindow) {
  const auto timed = read_condition(
      "sequence: {window: 1m, by: upstream, of: [{regex: upstream timed out}, {regex: no live upstreams}], "
      "unless: [{regex: reloading, anchor: 1, slide: -5s, window: 10s, absolute: true}]}");
  EXPECT_EQ(timed.kind, TimedKind::sequence);
  EXPECT_EQ(timed.by, "upstream");
  ASSERT_THAT(timed.unless, SizeIs(1));
  EXPECT_EQ(timed.unless[0].anchor, 1u);
  EXPECT_EQ(timed.unless[0].slide, -5s);
  EXPECT_EQ(timed.unless[0].window, 10s);
  EXPECT_TRUE(timed.unless[0].absolute);
}

TEST_F(TimedMatchFile, ReadsARate) {
  const auto timed = read_condition(
      "rate: {of: {formats: [nginx.access], where: {status: {from: 500, to: 599}}}, above: 20, per: 1m}");
  EXPECT_EQ(timed.kind, TimedKind::rate);
  EXPECT_EQ(timed.window, 1min);
  EXPECT_EQ(timed.above, 20);
}

TEST_F(TimedMatchFile, ReadsAShareOfTheSameFormats) {
  const auto timed = read_condition(
      "rate: {of: {where: {status: 502}}, share_of: {formats: [nginx.access]}, above: 5%, per: 1m, at_least: 20}");
  EXPECT_DOUBLE_EQ(timed.above, 0.05);
  EXPECT_EQ(timed.at_least, 20u);
  ASSERT_TRUE(timed.share_of);
  EXPECT_THAT(timed.of.at(0).line.formats, ElementsAre(formats::Format::nginx_access));
}

TEST_F(TimedMatchFile, ReadsASaturation) {
  const auto timed = read_condition(
      "saturation: {of: {where: {time_total: {from: 300}}}, among: {formats: [haproxy.http]}, duration: time_total, "
      "unit: ms, window: 5m, by: frontend}");
  EXPECT_EQ(timed.kind, TimedKind::saturation);
  ASSERT_EQ(timed.of.size(), 1u);
  EXPECT_THAT(timed.of[0].line.formats, ElementsAre(formats::Format::haproxy_http));
  ASSERT_TRUE(timed.share_of);
  EXPECT_EQ(timed.duration_field, "time_total");
  EXPECT_EQ(timed.duration_unit, std::chrono::milliseconds(1));
  EXPECT_EQ(timed.window, std::chrono::minutes(5));
  EXPECT_EQ(timed.by, "frontend");
  EXPECT_EQ(phrase_of(timed), "a saturation within 5m, judged by time_total by frontend");
}

TEST_F(TimedMatchFile, SaysWhatIsWrongWithASaturation) {
  EXPECT_THAT(complaints("saturation: {of: {where: {t: {from: 3}}}, among: {formats: [haproxy.http]}, duration: t, "
                         "unit: h, window: 1s}"),
              ElementsAre("a.yaml:5:100: error: 'unit' must be us, ms or s (h)",
                          "a.yaml:5:111: error: a saturation's 'window' must be from 10s to 10m (1s)"));
  EXPECT_THAT(
      complaints("saturation: {of: {where: {t: {from: 3}}}, among: {formats: [haproxy.http]}}"),
      ElementsAre("a.yaml:5:17: error: saturation has no 'duration'", "a.yaml:5:17: error: saturation has no 'unit'",
                  "a.yaml:5:17: error: saturation has no 'window'"));
}

TEST_F(TimedMatchFile, ReadsAnAbsence) {
  auto timed = read_condition("absence: {of: {formats: [nginx.access]}, for: 2m, at_least: 200, by: source}");
  EXPECT_EQ(timed.kind, TimedKind::absence);
  ASSERT_EQ(timed.of.size(), 1u);
  EXPECT_THAT(timed.of[0].line.formats, ElementsAre(formats::Format::nginx_access));
  EXPECT_EQ(timed.window, std::chrono::minutes(2));
  EXPECT_EQ(timed.at_least, 200u);
  EXPECT_EQ(timed.by, "source");
  EXPECT_EQ(phrase_of(timed), "an absence of 2m or more after at least 200 lines in half an hour by source");
  timed = read_condition("absence: {of: {formats: [nginx.access]}, for: 2m}");
  EXPECT_EQ(timed.at_least, 100u);
  EXPECT_EQ(read_condition("silence: {of: {formats: [nginx.access]}, for: 2m}").kind, TimedKind::absence)
      << "the name that it had at first";
}

TEST_F(TimedMatchFile, SaysWhatIsWrongWithAnAbsence) {
  EXPECT_THAT(complaints("absence: {of: {formats: [nginx.access]}, for: 2s, at_least: 5}"),
              ElementsAre("a.yaml:5:51: error: an absence's 'for' must be from 30s to 1h (2s)",
                          "a.yaml:5:65: error: an absence's 'at_least' must be 50 or more: fewer lines in half an hour "
                          "are not steady (5)"));
  EXPECT_THAT(complaints("absence: {by: source}"),
              ElementsAre("a.yaml:5:14: error: absence has no 'of'", "a.yaml:5:14: error: absence has no 'for'"));
}

TEST_F(TimedMatchFile, GivesFormatsBesideTheConditionToEveryLine) {
  const auto timed = read_condition(
      "{formats: [nginx.error], set: {window: 5s, of: [{regex: worker exited}, {formats: [kernel], regex: Out of "
      "memory}]}}");
  EXPECT_THAT(timed.of.at(0).line.formats, ElementsAre(formats::Format::nginx_error));
  EXPECT_THAT(timed.of.at(1).line.formats, ElementsAre(formats::Format::kernel));
}

TEST_F(TimedMatchFile, CountsEqualLinesOfASetTogetherAndOfASequenceOnlyNeighbours) {
  const std::string lines = "[{regex: abcd}, {regex: efgh}, {regex: abcd}, {regex: abcd}]";
  const auto set = read_condition("set: {window: 5s, of: " + lines + "}");
  ASSERT_THAT(set.of, SizeIs(2));
  EXPECT_EQ(set.of[0].count, 3u);
  const auto sequence = read_condition("sequence: {window: 5s, of: " + lines + "}");
  ASSERT_THAT(sequence.of, SizeIs(3));
  EXPECT_EQ(sequence.of[2].count, 2u);
}

TEST_F(TimedMatchFile, MayStandBesideAPattern) {
  const auto rule = read_one(
      "id: nginx/a\ntitle: A\nroot_cause: Y\nmatch:\n  - regex: no live upstreams\n"
      "  - set: {window: 5s, of: [{regex: worker exited, count: 2}]}\n");
  EXPECT_THAT(rule.matches, SizeIs(1));
  EXPECT_THAT(rule.timed_matches, SizeIs(1));
  EXPECT_THAT(terms_of(rule), SizeIs(1));
  EXPECT_THAT(lines_of(rule), SizeIs(2));
}

TEST_F(TimedMatchFile, NeedsAWindowForSeveralLinesAndNoneForOne) {
  EXPECT_THAT(complaints("set: {of: [{regex: abcd}, {regex: efgh}]}"),
              ElementsAre("a.yaml:5:10: error: several lines need a 'window' above 0: the time from the first to the "
                          "last"));
  EXPECT_THAT(complaints("set: {window: 5s, of: [{regex: abcd}]}"),
              ElementsAre("a.yaml:5:19: error: a 'window' needs two lines or more, or a 'count' (5s)"));
  EXPECT_THAT(complaints("sequence: {window: 5s, of: [{regex: abcd}]}"),
              ElementsAre("a.yaml:5:15: error: a sequence needs two lines or more; for one line write its 'regex' "
                          "alone"));
  EXPECT_THAT(complaints("set: {window: 8d, of: [{regex: abcd, count: 2}]}"),
              ElementsAre("a.yaml:5:19: error: 'window' cannot be longer than 7d (8d)"));
}

TEST_F(TimedMatchFile, IsRefusedWithOptionsWhereTheyMeanNothing) {
  EXPECT_THAT(complaints("set: {window: 5s, of: [{regex: abcd, count: 2, anchor: 1}]}"),
              ElementsAre("a.yaml:5:60: error: 'anchor' is an option of 'unless' lines only (1)"));
  EXPECT_THAT(complaints("set: {window: 5s, of: [{regex: abcd, count: 2}], unless: [{regex: efgh, count: 2}]}"),
              ElementsAre("a.yaml:5:84: error: an 'unless' line cannot have a 'count': one is enough (2)"));
  EXPECT_THAT(complaints("set: {window: 5s, of: [{regex: abcd, count: 2}], unless: [{regex: efgh, anchor: 2}]}"),
              ElementsAre("a.yaml:5:85: error: 'anchor' counts the lines of 'of' from 0; there are 2 (2)"));
  EXPECT_THAT(complaints("{set: {window: 5s, of: [{regex: abcd, count: 2}]}, regex: efgh}"),
              ElementsAre("a.yaml:5:5: error: 'regex' and 'where' stand inside 'of', not beside a condition over "
                          "several lines"));
}

TEST_F(TimedMatchFile, IsRefusedWithARateThatCannotBe) {
  EXPECT_THAT(complaints("rate: {of: {where: {status: 502}}, above: 5%, per: 1m}"),
              ElementsAre("a.yaml:5:47: error: a share in percent needs 'share_of': the lines that it is a share of "
                          "(5%)"));
  EXPECT_THAT(complaints("rate: {of: {where: {status: 502}}, share_of: {formats: [nginx.access]}, above: 5, per: 1m}"),
              ElementsAre("a.yaml:5:84: error: with 'share_of', 'above' must be a share such as 5% (5)"));
  EXPECT_THAT(complaints("rate: {of: {where: {status: 502}}, above: 5, per: 2h}"),
              ElementsAre("a.yaml:5:55: error: 'per' must be from 1s to 1h (2h)"));
  EXPECT_THAT(complaints("rate: {of: {formats: [nginx.access]}, above: 5}"),
              ElementsAre("a.yaml:5:11: error: rate has no 'per'",
                          "a.yaml:5:16: error: a rate's 'of' has neither 'regex' nor 'where'"));
}

TEST_F(TimedMatchFile, MeansTheSameAsLongAsNothingThatCountsChanges) {
  const std::string of = "of: [{regex: abcd}, {regex: efgh}]";
  const auto meaning = [&](const std::string& match) { return meaning_of(read_condition(match)); };
  const auto before = meaning("set: {window: 30s, " + of + "}");
  EXPECT_EQ(meaning("{set: {window: 30s, " + of + "}, examples: [x]}"), before);
  EXPECT_NE(meaning("set: {window: 31s, " + of + "}"), before);
  EXPECT_NE(meaning("sequence: {window: 30s, " + of + "}"), before);
  EXPECT_NE(meaning("set: {window: 30s, by: upstream, " + of + "}"), before);
}

TEST_F(TimedMatchFile, IsSaidInAPhrase) {
  EXPECT_EQ(phrase_of(read_condition("set: {window: 30s, by: upstream, of: [{regex: abcd, count: 2}]}")),
            "a set within 30s by upstream");
  EXPECT_EQ(phrase_of(read_condition("rate: {of: {where: {status: 502}}, share_of: {formats: [nginx.access]}, above: "
                                     "5%, per: 1m, at_least: 20}")),
            "a share above 5% per 1m of at least 20 lines");
}

}  // namespace
}  // namespace triaged::knowledge
