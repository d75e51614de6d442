#include "daemon/matcher_stage.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "knowledge/dialects/load_rules.hpp"
#include "tests/support/temporary_folder.hpp"

namespace triaged::daemon {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

constexpr auto observed_at = TimePoint(std::chrono::seconds(1795221366));  // 2026-11-21T00:36:06Z
const std::string gunicorn_header = "[2026-11-21 00:31:19 +0000] [31622] [ERROR] Exception in worker process";

class MatcherStages : public testing::Test {
 protected:
  MatcherStages() {
    Problems problems;
    const auto yaml =
        "- {id: app/refused, title: t, root_cause: r, match: {regex: 'refused'}}\n"
        "- {id: python/import, title: t, root_cause: r, match: {regex: \"No module named\"}}\n";
    const auto rules = std::make_shared<const knowledge::RuleSet>(knowledge::read_rule_file(yaml, "a.yaml", problems));
    signatures = matcher::SignatureSet::compile(rules, problems);
    EXPECT_TRUE(problems.empty());
  }

  std::unique_ptr<MatcherStage> stage(std::size_t threads, std::size_t room = 1000) {
    matched = std::make_unique<BoundedQueue<MatchedBatch>>(room);
    return std::make_unique<MatcherStage>(
        threads, signatures, std::make_shared<Reading>(Reading{.sources = {{{}, {0s}, {}}}, .topology = {}}),
        remembered, noisy, *matched);
  }

  static LineBatch batch(const std::string& stream, const std::string& state, const std::vector<std::string>& lines) {
    LineBatch made;
    made.source_name = stream;
    made.cursor = {stream, state};
    made.observed_at = observed_at;
    for (const auto& line : lines) {
      made.lines.push_back(
          {static_cast<std::uint32_t>(made.bytes.size()), static_cast<std::uint32_t>(line.size()), made.bytes.size()});
      made.bytes += line + '\n';
    }
    made.bytes.reserve(made.bytes.size() + 64);
    return made;
  }

  /// What a stage that gets these batches hands on until it ends.
  std::vector<MatchedBatch> matched_of(std::vector<LineBatch> batches, std::size_t threads = 1) {
    {
      const auto running = stage(threads);
      for (auto& given : batches) {
        while (!running->try_push(given)) std::this_thread::yield();
      }
    }
    matched->close();
    std::vector<MatchedBatch> all;
    while (auto done = next_matched()) all.push_back(std::move(*done));
    return all;
  }

  /// Without what each batch says of the time that it covers.
  std::optional<MatchedBatch> next_matched() {
    auto done = matched->pop();
    if (done)
      std::erase_if(done->findings, [](const Finding& each) { return std::holds_alternative<CoveredTime>(each); });
    return done;
  }

  TemporaryFolder folder;
  NoisyRules noisy{folder.path()};
  std::shared_ptr<const matcher::SignatureSet> signatures;
  std::vector<SavedState> remembered;
  std::unique_ptr<BoundedQueue<MatchedBatch>> matched;
};

TEST_F(MatcherStages, HandOnFindingsTogetherWithHowFarTheirStreamIsDone) {
  const auto done = matched_of({batch("a.log", "7", {"connection refused", "all is well"})});
  ASSERT_EQ(done.size(), 1U);
  ASSERT_EQ(done[0].findings.size(), 1U);
  EXPECT_EQ(std::get<Symptom>(done[0].findings[0]).rule, "app/refused");
  EXPECT_EQ(done[0].reader.kind, StateKind::reader);
  EXPECT_EQ(done[0].reader.id, "a.log");
  EXPECT_NE(done[0].reader.value, "");
  EXPECT_EQ(done[0].cursor.stream, "a.log");
  EXPECT_EQ(done[0].cursor.state, "7");
}

TEST_F(MatcherStages, HandOnABatchInWhichNothingMatches) {
  const auto done = matched_of({batch("a.log", "7", {"all is well"})});
  ASSERT_EQ(done.size(), 1U);
  EXPECT_TRUE(done[0].findings.empty());
  EXPECT_EQ(done[0].cursor.state, "7");
}

TEST_F(MatcherStages, KeepTheOrderOfEachStream) {
  std::vector<LineBatch> batches;
  for (int i = 0; i < 300; ++i) {
    batches.push_back(batch("log " + std::to_string(i % 7), std::to_string(i), {"connection refused"}));
  }
  const auto done = matched_of(std::move(batches), 3);
  EXPECT_EQ(done.size(), 300U);
  std::map<std::string, int> last;
  for (const auto& one : done) {
    const auto& cursor = one.cursor;
    const auto [known, is_new] = last.try_emplace(cursor.stream, -1);
    EXPECT_LT(known->second, std::stoi(cursor.state));
    known->second = std::stoi(cursor.state);
  }
  EXPECT_EQ(last.size(), 7U);
}

TEST_F(MatcherStages, LeaveABatchAloneForWhichThereIsNoRoom) {
  const auto running = stage(1, 1);  // nobody takes what is matched
  auto given = batch("a.log", "1", {"connection refused"});
  int taken = 0;
  for (; taken < 1000; ++taken) {
    auto next = given;
    if (running->try_push(next)) continue;
    EXPECT_EQ(next.bytes, given.bytes);
    EXPECT_EQ(next.lines.size(), 1U);
    break;
  }
  EXPECT_LE(taken, 18);  // 16 wait, one is in work, one is matched
  EXPECT_GE(taken, 16);
  matched->close();
}

TEST_F(MatcherStages, TakeTheArrivalOfALineThatClaimsToBeFromTheFuture) {
  const auto done = matched_of({batch(
      "a.log", "1", {"2026-11-21T00:36:50Z a: connection refused", "2026-11-22T00:36:50Z a: connection refused"})});
  ASSERT_EQ(done.at(0).findings.size(), 2U);
  const auto& past = matched_line(done[0].findings[0]);
  EXPECT_EQ(to_rfc3339(past.at), "2026-11-21T00:36:50.000000Z");
  EXPECT_TRUE(past.has_own_time);
  const auto& future = matched_line(done[0].findings[1]);
  EXPECT_EQ(future.at, observed_at);
  EXPECT_FALSE(future.has_own_time);
}

TEST_F(MatcherStages, RememberAnOpenRecordFromBatchToBatchAndOverARestart) {
  const auto is_continued = [&](const std::vector<MatchedBatch>& done) {
    const auto& findings = done.back().findings;
    return findings.size() == 1 && matched_line(findings[0]).header == gunicorn_header;
  };
  const auto header = batch("gunicorn.log", "1", {gunicorn_header, "Traceback (most recent call last):"});
  const auto rest = batch("gunicorn.log", "2", {"ModuleNotFoundError: No module named 'shop'"});
  EXPECT_TRUE(is_continued(matched_of({header, rest})));
  EXPECT_FALSE(is_continued(matched_of({rest})));
  remembered = {matched_of({header}).back().reader};
  EXPECT_TRUE(is_continued(matched_of({rest})));
}

TEST_F(MatcherStages, CountTheLinesThatAClientMayHaveWrittenOfAllThreads) {
  const std::string missing =
      R"(2026/11/21 00:36:00 [error] 7#7: *2 open() "/srv/www/x" failed (2: No such file or directory), client: 9.9.9.9, server: s, request: "GET /x HTTP/1.1", host: "h")";
  const std::string end =
      R"(" failed (2: No such file or directory), client: 9.9.9.9, server: s, request: "GET /x%0A HTTP/1.1", host: "h")";
  const std::string forged = "2026/11/21 00:36:00 [crit] 7#7: *1 connection refused, client: 9.9.9.9, server: s";
  const auto running = stage(3);
  for (int i = 0; i < 7; ++i) {
    auto given = batch("log " + std::to_string(i), "1", {missing, "panic: connection refused", forged, end});
    ASSERT_TRUE(running->try_push(given));
  }
  for (int i = 0; i < 7; ++i) EXPECT_TRUE(next_matched()->findings.empty());
  EXPECT_EQ(running->distrusted_lines().silenced, 7U);
  EXPECT_EQ(running->distrusted_lines().taken_back, 7U);
  matched->close();
}

TEST_F(MatcherStages, ForgetAStreamThatHasEnded) {
  const auto done = matched_of({batch("gunicorn.log", "1", {gunicorn_header}), batch("gunicorn.log", "", {}),
                                batch("gunicorn.log", "1", {"ModuleNotFoundError: No module named 'shop'"})});
  ASSERT_EQ(done.size(), 3U);
  EXPECT_EQ(done[1].reader, (SavedState{StateKind::reader, "gunicorn.log", ""}));
  EXPECT_EQ(done[1].cursor.state, "");
  ASSERT_EQ(done[2].findings.size(), 1U);
  EXPECT_EQ(matched_line(done[2].findings[0]).header, "");
}

}  // namespace
}  // namespace triaged::daemon
