// What a daemon that wrote a ledger of schema 4 remembered is read back by this one: nothing of it is unreadable.
#include <algorithm>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/read_file.hpp"
#include "daemon/safe_place.hpp"
#include "diagnosis/diagnoser.hpp"
#include "knowledge/dialects/load_rules.hpp"
#include "notify/notifier.hpp"
#include "store/sqlite.hpp"
#include "tests/support/must.hpp"
#include "tests/support/state_rows.hpp"
#include "tests/support/temporary_folder.hpp"

namespace triaged::daemon {
namespace {

TEST(OlderLedger, IsReadBackByEveryStage) {
  const TemporaryFolder folder;
  must(must(store::SqliteConnection::open((folder.path() / "triaged.db").string()))
           .execute(must(read_plain_file(TRIAGED_SOURCE_DIR "/tests/store/schema4.sql", 1 << 20)).text));
  const auto ledger = must(store::Ledger::open(folder.path(), store::Durability::process));
  const auto state = must(ledger->state());
  const auto rules = knowledge::load_rules({TRIAGED_SOURCE_DIR "/rules"}).rules;
  const auto at = TimePoint(std::chrono::seconds(1796011300));  // soon after it was written
  diagnosis::Diagnoser diagnoser(rules, {});
  EXPECT_THAT(diagnoser.restore(state, at), testing::IsEmpty());
  ASSERT_EQ(diagnoser.open_count(), 1U);
  const auto incident = diagnoser.open_incidents()[0];
  EXPECT_EQ(incident.causes.front().cause, "oom-kill");
  EXPECT_EQ(incident.count, 21U);
  // What is kept is kept under the same keys: nothing stays in the table for ever. (A window ends when its rule
  // changes.)
  std::set<StateKey> before, after;
  for (const auto& [kind, id, value] : state) before.insert({kind, id});
  for (const auto& [kind, id, value] : diagnoser.saved_state()) {
    if (kind != StateKind::log_coverage) after.insert({kind, id});  // one row, which that ledger did not have yet
  }
  EXPECT_TRUE(std::ranges::includes(before, after));
  std::set<StateKind> kinds;
  for (const auto& key : after) kinds.insert(key.kind);
  EXPECT_THAT(kinds,
              testing::IsSupersetOf({StateKind::incident, StateKind::usual_share, StateKind::process_addresses}));

  notify::Notifier notifier({.update_every = std::chrono::minutes(1)});
  EXPECT_THAT(notifier.restore(state, at), testing::IsEmpty());
  EXPECT_TRUE(notifier.knows(incident.id));
  EXPECT_FALSE(notifier.wants_update(incident.id, at + std::chrono::hours(1))) << "it is acknowledged";
}

}  // namespace
}  // namespace triaged::daemon
