#include "diagnosis/timed_matches.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/timed_lines.hpp"

namespace triaged::diagnosis {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class TimedMatchesTest : public testing::Test {
 protected:
  void use(knowledge::TimedMatch timed) {
    rules = rule_set({timed_rule(std::move(timed))});
    matches = std::make_unique<TimedMatches>(*rules);
  }
  void use_set(Microseconds window, std::vector<knowledge::TimedTerm> of,
               std::vector<knowledge::TimedTerm> unless = {}) {
    use({.kind = knowledge::TimedKind::set, .window = window, .of = std::move(of), .unless = std::move(unless)});
  }
  void use_sequence(Microseconds window, std::vector<knowledge::TimedTerm> of,
                    std::vector<knowledge::TimedTerm> unless = {}) {
    use({.kind = knowledge::TimedKind::sequence, .window = window, .of = std::move(of), .unless = std::move(unless)});
  }
  void use_rate(double above, Microseconds per) {
    use({.kind = knowledge::TimedKind::rate, .window = per, .of = {term_named("e")}, .above = above});
  }

  /// Seconds after the start at which it fired because of this line.
  std::vector<double> see(std::uint32_t term, Microseconds at, std::string upstream = "10.0.0.1:80") {
    std::vector<Symptom> fired;
    if (knowledge::terms_of(rules->rules()[0]).at(term - 1).is_counted()) {
      matches->on_count(count_of(term, 1, at, std::move(upstream)), fired);
    } else {
      matches->on_line(line_of(term, at, std::move(upstream)), fired);
    }
    return times_of(fired);
  }
  std::vector<double> wait_until(Microseconds at) {
    std::vector<Symptom> fired;
    matches->advance_to(start + at, fired);
    return times_of(fired);
  }
  std::vector<double> count(std::uint64_t lines, Microseconds at, std::uint32_t term = 1) {
    std::vector<Symptom> fired;
    matches->on_count(count_of(term, lines, at), fired);
    return times_of(fired);
  }
  static std::vector<double> times_of(const std::vector<Symptom>& symptoms) {
    std::vector<double> times;
    for (const auto& symptom : symptoms) {
      times.push_back(std::chrono::duration<double>(symptom.at - start).count());
    }
    return times;
  }

  std::shared_ptr<const knowledge::RuleSet> rules;
  std::unique_ptr<TimedMatches> matches;
};

TEST_F(TimedMatchesTest, FiresASetWithItsLastLineInAnyOrder) {
  use_set(10s, {term_named("a"), term_named("b")});
  EXPECT_THAT(see(2, 0s), IsEmpty());
  EXPECT_THAT(see(1, 3s), ElementsAre(3));
}

TEST_F(TimedMatchesTest, CountsLinesExactlyTheWindowApartAndNotFurther) {
  use_set(10s, {term_named("a"), term_named("b")});
  EXPECT_THAT(see(1, 0s), IsEmpty());
  EXPECT_THAT(see(2, 10s), ElementsAre(10));
  EXPECT_THAT(see(1, 20s), IsEmpty());
  EXPECT_THAT(see(2, 30s + 1us), IsEmpty());
}

TEST_F(TimedMatchesTest, UsesLinesUpWhenItFires) {
  use_set(10s, {term_named("a"), term_named("b")});
  (void)see(1, 0s);
  EXPECT_THAT(see(2, 1s), SizeIs(1));
  EXPECT_THAT(see(2, 2s), IsEmpty());
  EXPECT_THAT(see(1, 3s), SizeIs(1));
}

TEST_F(TimedMatchesTest, WantsAsManyLinesAsTheCountSays) {
  use_set(10s, {term_named("a", 3)});
  EXPECT_THAT(see(1, 0s), IsEmpty());
  EXPECT_THAT(see(1, 8s), IsEmpty());
  EXPECT_THAT(see(1, 11s), IsEmpty());
  EXPECT_THAT(see(1, 12s), ElementsAre(12));
}

TEST_F(TimedMatchesTest, FiresASequenceOnlyInItsOrder) {
  use_sequence(10s, {term_named("a"), term_named("b")});
  EXPECT_THAT(see(2, 0s), IsEmpty());
  EXPECT_THAT(see(1, 1s), IsEmpty());
  EXPECT_THAT(see(2, 2s), ElementsAre(2));
}

TEST_F(TimedMatchesTest, PutsLinesThatComeLateWhereTheyBelong) {
  use_sequence(10s, {term_named("a"), term_named("b")});
  EXPECT_THAT(see(2, 2s), IsEmpty());
  EXPECT_THAT(see(1, 1s), ElementsAre(2));
}

TEST_F(TimedMatchesTest, TakesLinesOfOneInstantInTheOrderOfTheirFile) {
  use_sequence(10s, {term_named("a"), term_named("b")});
  EXPECT_THAT(see(2, 5s), IsEmpty());
  EXPECT_THAT(see(1, 5s), IsEmpty());
  EXPECT_THAT(see(2, 5s), ElementsAre(5));
}

TEST_F(TimedMatchesTest, TakesLinesOfOneInstantInAnyOrderWhenTheyAreOfDifferentFiles) {
  use_sequence(10s, {term_named("a"), term_named("b")});
  EXPECT_THAT(see(2, 5s), IsEmpty());
  auto other = line_of(1, 5s);
  other.source = "other.log";
  std::vector<Symptom> fired;
  matches->on_line(other, fired);
  EXPECT_THAT(fired, SizeIs(1));
}

TEST_F(TimedMatchesTest, DoesNotLetASequenceOfOneRepeatedLineLastForEver) {
  use_sequence(10s, {term_named("a", 3)});
  for (const Microseconds at : {Microseconds(0s), Microseconds(24h), Microseconds(48h), Microseconds(72h)})
    EXPECT_THAT(see(1, at), IsEmpty());
}

TEST_F(TimedMatchesTest, WaitsForALineThatCouldForbidAndThenFires) {
  use_set(10s, {term_named("a"), term_named("b")}, {{.line = term_named("no").line, .window = 5s}});
  (void)see(1, 0s);
  EXPECT_THAT(see(2, 2s), IsEmpty());
  EXPECT_THAT(wait_until(9s), IsEmpty());  // 0 s + the 2 s of the lines + 5 s, and 2 s for lines that come late
  EXPECT_THAT(wait_until(9s + 1us), ElementsAre(2));
}

TEST_F(TimedMatchesTest, IsForbiddenByALineInsideTheWindowThatLooksAhead) {
  use_set(10s, {term_named("a"), term_named("b")}, {{.line = term_named("no").line, .window = 5s}});
  (void)see(1, 0s);
  (void)see(2, 2s);
  (void)see(3, 7s);
  EXPECT_THAT(wait_until(60s), IsEmpty());
}

TEST_F(TimedMatchesTest, IsForbiddenByALineBeforeWhenItSlidesBack) {
  use_set(10s, {term_named("a"), term_named("b")}, {{.line = term_named("no").line, .slide = -30s}});
  (void)see(3, 0s);
  (void)see(1, 29s);
  EXPECT_THAT(see(2, 30s), IsEmpty());
  EXPECT_THAT(wait_until(90s), IsEmpty());
  (void)see(1, 100s);
  (void)see(2, 101s);
  EXPECT_THAT(wait_until(200s), ElementsAre(101));
}

TEST_F(TimedMatchesTest, MeasuresAnAbsoluteWindowWithoutTheWidthOfTheLines) {
  use_sequence(10s, {term_named("a"), term_named("b")},
               {{.line = term_named("no").line, .window = 1s, .absolute = true}});
  (void)see(1, 0s);
  (void)see(3, 5s);
  (void)see(2, 8s);
  EXPECT_THAT(wait_until(60s), ElementsAre(8));
}

TEST_F(TimedMatchesTest, GivesUpTheLineOfTheAnchorThatIsForbidden) {
  use_sequence(10s, {term_named("a"), term_named("b")},
               {{.line = term_named("no").line, .window = 1s, .anchor = 1, .absolute = true}});
  (void)see(1, 0s);
  (void)see(2, 1s);
  (void)see(3, 1s + 500ms);
  (void)see(2, 5s);
  EXPECT_THAT(wait_until(60s), ElementsAre(5));
}

TEST_F(TimedMatchesTest, KeepsValuesOfAFieldApart) {
  use({.kind = knowledge::TimedKind::set, .window = 10s, .of = {term_named("a"), term_named("b")}, .by = "upstream"});
  (void)see(1, 0s, "10.0.0.1:80");
  EXPECT_THAT(see(2, 1s, "10.0.0.2:80"), IsEmpty());
  EXPECT_THAT(see(2, 2s, "10.0.0.1:80"), ElementsAre(2));
}

TEST_F(TimedMatchesTest, LeavesOutLinesWithoutTheField) {
  use({.kind = knowledge::TimedKind::set, .window = 10s, .of = {term_named("a"), term_named("b")}, .by = "upstream"});
  (void)see(1, 0s, "");
  EXPECT_THAT(see(2, 1s, ""), IsEmpty());
}

TEST_F(TimedMatchesTest, LetsAnUnlessLineWithoutTheFieldForbidAllValues) {
  use({.kind = knowledge::TimedKind::set,
       .window = 10s,
       .of = {term_named("a", 2)},
       .unless = {{.line = term_named("reload").line, .window = 5s}},
       .by = "upstream"});
  (void)see(1, 0s, "10.0.0.1:80");
  (void)see(2, 1s, "");
  EXPECT_THAT(see(1, 2s, "10.0.0.1:80"), IsEmpty());
  EXPECT_THAT(wait_until(60s), IsEmpty());
}

TEST_F(TimedMatchesTest, FiresARateWhenTheSecondIsOver) {
  use_rate(20, 60s);
  EXPECT_THAT(count(20, 0s), IsEmpty());
  EXPECT_THAT(wait_until(10s), IsEmpty());
  EXPECT_THAT(count(1, 59s), IsEmpty());
  EXPECT_THAT(wait_until(59s + 999ms), IsEmpty());
  EXPECT_THAT(wait_until(60s), ElementsAre(59));
}

TEST_F(TimedMatchesTest, CountsALongWindowInALimitedNumberOfParts) {
  use_rate(3000, 1h);
  std::vector<double> fired;
  for (int second = 0; second < 3600; ++second) {
    for (const auto at : count(1, second * 1s)) fired.push_back(at);
    for (const auto at : wait_until(second * 1s)) fired.push_back(at);
  }
  EXPECT_THAT(fired, SizeIs(1));
  EXPECT_THAT(matches->take_changes().changed.at(0).second, SizeIs(testing::Lt(10'000u)));
}

TEST_F(TimedMatchesTest, ForgetsSecondsThatAreOutOfTheRatesWindow) {
  use_rate(20, 60s);
  (void)count(20, 0s);
  (void)count(1, 60s);
  EXPECT_THAT(wait_until(200s), IsEmpty());
}

TEST_F(TimedMatchesTest, IsSilentForAWindowAfterARateWasReached) {
  use_rate(1, 60s);
  (void)count(5, 0s);
  (void)count(5, 30s);
  (void)count(5, 59s);
  (void)count(5, 60s);
  EXPECT_THAT(wait_until(100s), ElementsAre(0, 60));
}

TEST_F(TimedMatchesTest, CountsLateLinesInTheirOwnSecond) {
  use_rate(2, 10s);
  (void)count(2, 0s);
  EXPECT_THAT(wait_until(7s), IsEmpty());
  EXPECT_THAT(count(1, 5s), ElementsAre(5));
}

TEST_F(TimedMatchesTest, ComparesAShareWithAllLinesOfItsWindow) {
  use({.kind = knowledge::TimedKind::rate,
       .window = 60s,
       .of = {term_named("e")},
       .share_of = knowledge::Match{},
       .above = 0.05,
       .at_least = 20});
  (void)count(10, 0s, 1);
  (void)count(19, 0s, 2);
  EXPECT_THAT(wait_until(1s), IsEmpty());  // 10 of 19: too few to say
  (void)count(181, 1s, 2);
  (void)count(0, 1s, 1);
  EXPECT_THAT(wait_until(2s), IsEmpty());  // exactly 5 % is not above
  (void)count(1, 2s, 1);
  EXPECT_THAT(wait_until(3s), ElementsAre(2));
}

TEST_F(TimedMatchesTest, TellsHowManyLinesARateHad) {
  use_rate(20, 60s);
  (void)count(25, 0s);
  std::vector<Symptom> fired;
  matches->advance_to(start + 1s, fired);
  ASSERT_THAT(fired, SizeIs(1));
  EXPECT_EQ(fired[0].lines, 25u);
  EXPECT_EQ(fired[0].field("count"), "25");
}

TEST_F(TimedMatchesTest, GivesASymptomTheFieldsOfAllItsLines) {
  use_sequence(10s, {term_named("a"), term_named("b")});
  auto first = line_of(1, 0s);
  first.fields.push_back({"pid", "42"});
  std::vector<Symptom> fired;
  matches->on_line(first, fired);
  matches->on_line(line_of(2, 1s), fired);
  ASSERT_THAT(fired, SizeIs(1));
  EXPECT_EQ(fired[0].field("pid"), "42");
  EXPECT_EQ(fired[0].field("upstream"), "10.0.0.1:80");
  EXPECT_EQ(fired[0].rule, "a/timed");
  EXPECT_EQ(fired[0].lines, 2u);
}

TEST_F(TimedMatchesTest, ForgetsLinesWhosePartnersCanComeNoMore) {
  use_set(10s, {term_named("a"), term_named("b")});
  (void)see(1, 0s);
  EXPECT_EQ(matches->window_count(), 1u);
  (void)matches->take_changes();
  (void)wait_until(12s + 1us);
  EXPECT_EQ(matches->window_count(), 0u);
  EXPECT_THAT(matches->take_changes().ended, SizeIs(1));
}

TEST_F(TimedMatchesTest, KeepsABoundedNumberOfLinesOfATerm) {
  use_set(1h, {term_named("a"), term_named("b")});
  for (int i = 0; i < 1000; ++i) (void)see(1, i * 1ms);
  EXPECT_EQ(matches->given_up(), 1000 - 1 - spare_lines);
  EXPECT_THAT(see(2, 1s), SizeIs(1));
}

TEST_F(TimedMatchesTest, KeepsABoundedNumberOfWindowsAndGivesUpTheOldest) {
  use({.kind = knowledge::TimedKind::set, .window = 1h, .of = {term_named("a"), term_named("b")}, .by = "upstream"});
  for (std::size_t i = 0; i <= TimedMatches::most_windows; ++i) (void)see(1, i * 1ms, std::to_string(i));
  EXPECT_EQ(matches->window_count(), TimedMatches::most_windows);
  EXPECT_EQ(matches->given_up(), 1u);
  EXPECT_THAT(see(2, 10s, "0"), IsEmpty());
  EXPECT_THAT(see(2, 10s, "2"), SizeIs(1));
}

knowledge::TimedMatch absence_by_upstream() {
  return {.kind = knowledge::TimedKind::absence,
          .window = 2min,
          .of = {term_named("a")},
          .at_least = 100,
          .by = "upstream"};
}

TEST_F(TimedMatchesTest, WatchesABoundedNumberOfAbsencesAndCountsTheLinesOfOthers) {
  use(absence_by_upstream());
  for (std::size_t i = 0; i < TimedMatches::most_absences + 2; ++i) (void)see(1, i * 1ms, std::to_string(i));
  EXPECT_EQ(matches->window_count(), TimedMatches::most_absences);
  EXPECT_EQ(matches->given_up(), 2u);
  (void)see(1, 5s, "0");
  EXPECT_EQ(matches->given_up(), 2u) << "one that is watched";
}

TEST_F(TimedMatchesTest, GivesUpNoAbsenceToMakeRoomForOtherWindows) {
  const auto set = knowledge::TimedMatch{
      .kind = knowledge::TimedKind::set, .window = 24h, .of = {term_named("a"), term_named("b")}, .by = "upstream"};
  rules = rule_set({timed_rule(absence_by_upstream()), timed_rule(set, "a/other")});
  matches = std::make_unique<TimedMatches>(*rules);
  (void)see(1, 0s);
  std::vector<Symptom> fired;
  for (std::size_t i = 0; i < TimedMatches::most_windows; ++i) {
    matches->on_line(line_of(1, 1s, std::to_string(i), "a/other"), fired);
  }
  EXPECT_EQ(matches->given_up(), 1u);
  EXPECT_EQ(matches->window_count(), TimedMatches::most_windows);
  (void)see(1, 2s);
  EXPECT_EQ(matches->window_count(), TimedMatches::most_windows) << "the absence was still there";
}

TEST_F(TimedMatchesTest, SavesAAbsenceThatNobodyIsToldOfOnceInAWhile) {
  use(absence_by_upstream());
  (void)wait_until(0s);
  (void)see(1, 0s);
  EXPECT_THAT(matches->take_changes().changed, SizeIs(1));
  (void)wait_until(TimedMatches::absence_saved_every - 1us);
  (void)see(1, TimedMatches::absence_saved_every - 1us);
  EXPECT_THAT(matches->take_changes().changed, IsEmpty());
  (void)wait_until(TimedMatches::absence_saved_every);
  EXPECT_THAT(matches->take_changes().changed, SizeIs(1)) << "nothing is forgotten";
  EXPECT_THAT(matches->take_changes().changed, IsEmpty());
}

TEST_F(TimedMatchesTest, SavesAAbsenceAtOnceThatWasTold) {
  use(absence_by_upstream());
  for (int second = 0; second <= 3600; second += 5) {
    (void)wait_until(second * 1s);
    (void)see(1, second * 1s);
  }
  (void)matches->take_changes();
  std::vector<double> told;
  for (int second = 3605; told.empty() && second < 7200; second += 5) told = wait_until(second * 1s);
  EXPECT_THAT(told, ElementsAre(3600 + 120));
  EXPECT_THAT(matches->take_changes().changed, SizeIs(1));
}

TEST_F(TimedMatchesTest, KeepsItsWindowsOverAReloadThatChangesOtherThings) {
  use_set(10s, {term_named("a"), term_named("b")});
  (void)see(1, 0s);
  auto changed =
      timed_rule({.kind = knowledge::TimedKind::set, .window = 10s, .of = {term_named("a"), term_named("b")}});
  changed.title.english = "Another title";
  const auto reloaded = rule_set({std::move(changed)});
  matches->use_rules(*reloaded);
  EXPECT_THAT(see(2, 5s), ElementsAre(5));
  rules = reloaded;
}

TEST_F(TimedMatchesTest, ForgetsItsWindowsWhenAReloadChangesTheirCondition) {
  use_set(10s, {term_named("a"), term_named("b")});
  (void)see(1, 0s);
  const auto reloaded = rule_set(
      {timed_rule({.kind = knowledge::TimedKind::set, .window = 11s, .of = {term_named("a"), term_named("b")}})});
  matches->use_rules(*reloaded);
  EXPECT_THAT(see(2, 5s), IsEmpty());
  EXPECT_THAT(matches->take_changes().ended, SizeIs(1));
  rules = reloaded;
}

TEST_F(TimedMatchesTest, EndsASavedWindowThatCannotBeRead) {
  use_set(10s, {term_named("a"), term_named("b")});
  (void)see(1, 0s);
  const auto saved = matches->take_changes().changed;
  ASSERT_THAT(saved, SizeIs(1));
  TimedMatches other(*rules);
  EXPECT_FALSE(other.restore(saved[0].first, "{\"of\":3}"));
  EXPECT_THAT(other.take_changes().ended, ElementsAre(saved[0].first));
}

}  // namespace
}  // namespace triaged::diagnosis
