// Conditions over several lines through the whole diagnosis stage: from lines to incidents, and over restarts.
#include <map>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/timed_lines.hpp"

namespace triaged::diagnosis {
namespace {

std::shared_ptr<const knowledge::RuleSet> three_conditions() {
  return rule_set({timed_rule({.kind = knowledge::TimedKind::set,
                               .window = 10s,
                               .of = {term_named("a", 2), term_named("b")},
                               .by = "upstream"},
                              "a/set"),
                   timed_rule({.kind = knowledge::TimedKind::sequence,
                               .window = 10s,
                               .of = {term_named("a"), term_named("b")},
                               .unless = {{.line = term_named("no").line, .window = 5s}}},
                              "a/sequence"),
                   timed_rule({.kind = knowledge::TimedKind::rate,
                               .window = 10s,
                               .of = {term_named("e")},
                               .share_of = knowledge::Match{},
                               .above = 0.1,
                               .at_least = 20},
                              "a/rate")});
}

std::vector<Finding> story() {
  std::vector<Finding> lines;
  for (int i = 0; i < 60; ++i) {
    const auto at = i * 1s;
    const auto upstream = "10.0.0." + std::to_string(i % 2) + ":80";
    lines.push_back(line_of(i % 5 == 0 ? 2 : 1, at, upstream, "a/set"));
    lines.push_back(line_of(i % 17 == 16 ? 3 : i % 3 == 0 ? 2 : 1, at + 100ms, "10.0.0.3:80", "a/sequence"));
    lines.push_back(count_of(1, i > 20 && i < 25 ? 5 : 1, at + 200ms, "10.0.0.4:80", "a/rate"));
    lines.push_back(count_of(2, 12, at + 200ms, "10.0.0.4:80", "a/rate"));
  }
  for (std::size_t i = 0; i < lines.size(); ++i) matched_line(lines[i]).offset = i;
  return lines;
}

std::vector<std::string> incidents_of(const std::vector<Finding>& lines, bool restarts) {
  const auto rules = three_conditions();
  Diagnoser diagnoser(rules, {});
  StateRows ledger;
  for (const auto& line : lines) {
    diagnoser.on_findings(std::vector<Finding>{line});
    diagnoser.advance_to(matched_line(line).at);
    ledger.take(diagnoser.take_state_changes());
    if (!restarts) continue;
    Diagnoser next(rules, {});
    EXPECT_THAT(next.restore(ledger.rows(), matched_line(line).at), testing::IsEmpty());
    diagnoser = std::move(next);
  }
  diagnoser.end_story();
  std::vector<std::string> incidents;
  for (const auto& incident : diagnoser.open_incidents()) incidents.push_back(to_json(incident));
  return incidents;
}

TEST(TimedResume, ComesToTheSameIncidentsWhenItIsRestartedAfterEveryLine) {
  const auto lines = story();
  const auto once = incidents_of(lines, false);
  EXPECT_THAT(once, testing::SizeIs(testing::Ge(4u)));
  EXPECT_EQ(incidents_of(lines, true), once);
}

/// A sequence is whole, the daemon is down for five minutes, and then reads on.
std::size_t told_after_restart(bool is_forbidden) {
  const auto rules = three_conditions();
  Diagnoser before(rules, {});
  const std::vector<Finding> lines = {line_of(1, 0s, "x", "a/sequence"), line_of(2, 1s, "x", "a/sequence")};
  before.on_findings(lines);
  before.advance_to(start + 2s);
  const auto saved = kept(before.take_state_changes());
  Diagnoser after(rules, {});
  EXPECT_THAT(after.restore(saved, start + 5min), testing::IsEmpty());
  after.advance_to(start + 5min + 1s);
  const auto forbids = line_of(3, 4s, "x", "a/sequence");
  if (is_forbidden) after.on_findings(std::vector<Finding>{forbids});
  after.advance_to(start + 5min + 30s);
  after.advance_to(start + 6min);
  return after.take_changes().size();
}

TEST(TimedResume, WaitsAfterARestartForLinesThatWereWrittenMeanwhile) {
  EXPECT_EQ(told_after_restart(true), 0u);
  EXPECT_EQ(told_after_restart(false), 1u);
}

TEST(SavedState, HoldsAllForALedgerThatIsWrittenAnew) {
  auto answered_500 = rule("nginx/access-500", {cause("app-exception", 0.6)}, Severity::warning);
  answered_500.alone_from = 5;
  const auto rules =
      rule_set({answered_500,
                timed_rule({.kind = knowledge::TimedKind::set, .window = 10s, .of = {term_named("a"), term_named("b")}},
                           "a/timed")});
  Diagnoser diagnoser(rules, {});
  auto failed = symptom("nginx/access-500", start, "10.0.0.1:80");
  failed.log_lines = 10;
  const std::vector<Finding> lines = {failed, line_of(1, 0s)};
  diagnoser.on_findings(lines);
  (void)diagnoser.take_state_changes();  // nothing is new any more
  std::set<StateKind> kinds;
  for (const auto& saved : diagnoser.saved_state()) kinds.insert(saved.kind);
  EXPECT_EQ(kinds, (std::set{StateKind::incident, StateKind::window, StateKind::usual_share,
                             StateKind::process_addresses, StateKind::log_coverage}));

  Diagnoser after(rules, {});
  EXPECT_TRUE(after.restore(diagnoser.saved_state(), start).empty());
  EXPECT_EQ(after.saved_state().size(), diagnoser.saved_state().size());
}

}  // namespace
}  // namespace triaged::diagnosis
