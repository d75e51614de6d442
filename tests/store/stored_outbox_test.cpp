#include "store/stored_outbox.hpp"

#include <gmock/gmock.h>

#include "store/ledger.hpp"
#include "tests/support/must.hpp"
#include "tests/support/sample_incidents.hpp"
#include "tests/support/temporary_folder.hpp"

namespace triaged::store {
namespace {

using testing::ElementsAre;
using For = StoredOutbox::For;

/// A daemon's ledger with dead letters in rows 1 and 3 (sink a) and 4 (sink b), and row 2 (sink a) still to be
/// delivered.
class StoredOutboxBesideADaemon : public testing::Test {
 protected:
  StoredOutboxBesideADaemon() : ledger_(must(Ledger::open(folder_.path(), Durability::process))) {
    Commit commit;
    for (const auto& [sink, key] : {std::pair{"a", "x/1"}, {"a", "x/2"}, {"a", "x/3"}, {"b", "x/1"}}) {
      commit.notifications.push_back({0, sink, key, samples::killed_worker()});
    }
    must(ledger_->commit(commit));
    for (const std::int64_t row : {1, 3, 4}) must(ledger_->mark_rejected(row, TimePoint{}, "HTTP 404"));
    EXPECT_FALSE(must(ledger_->was_changed_by_others()));
  }

  [[nodiscard]] StoredOutbox opened(For purpose) const { return must(StoredOutbox::open(folder_.path(), purpose)); }
  [[nodiscard]] std::vector<std::int64_t> dead_rows(const DeadLetterChoice& choice = {}) const {
    std::vector<std::int64_t> rows;
    for (const auto& letter : must(opened(For::reading).dead_letters(choice))) rows.push_back(letter.row);
    return rows;
  }
  [[nodiscard]] std::vector<std::int64_t> pending_rows(std::string_view sink) const {
    std::vector<std::int64_t> rows;
    for (const auto& notification : must(ledger_->pending(sink, 10))) rows.push_back(notification.row);
    return rows;
  }

  TemporaryFolder folder_;
  std::unique_ptr<Ledger> ledger_;
};

TEST_F(StoredOutboxBesideADaemon, ShowsDeadLettersOldestFirst) {
  EXPECT_THAT(dead_rows(), ElementsAre(1, 3, 4));
  EXPECT_THAT(dead_rows({.rows = {}, .sink = "b"}), ElementsAre(4));
  EXPECT_THAT(dead_rows({.rows = {2, 3, 4}, .sink = "a"}), ElementsAre(3));
}

TEST_F(StoredOutboxBesideADaemon, PutsADeadLetterBackWhereItStood) {
  EXPECT_THAT(must(opened(For::changing).retry({.rows = {1, 2}, .sink = {}})), ElementsAre(1));
  EXPECT_TRUE(must(ledger_->was_changed_by_others()));
  EXPECT_FALSE(must(ledger_->was_changed_by_others()));
  EXPECT_THAT(pending_rows("a"), ElementsAre(1, 2));
  EXPECT_THAT(dead_rows(), ElementsAre(3, 4));
  EXPECT_EQ(ledger_->outbox_load("a").rows, 2U);
  EXPECT_EQ(ledger_->outbox_load("a").bytes, 2 * to_json(samples::killed_worker()).size());
  EXPECT_TRUE(must(ledger_->mark_delivered(1, TimePoint{})));
  EXPECT_THAT(pending_rows("a"), ElementsAre(2));
}

TEST_F(StoredOutboxBesideADaemon, DropsDeadLettersAndNothingElse) {
  EXPECT_THAT(must(opened(For::changing).drop({})), ElementsAre(1, 3, 4));
  EXPECT_THAT(dead_rows(), ElementsAre());
  EXPECT_THAT(pending_rows("a"), ElementsAre(2));
}

TEST_F(StoredOutboxBesideADaemon, CountsWhatEachSinkHasLeft) {
  const auto sinks = must(opened(For::reading).sinks());
  ASSERT_EQ(sinks.size(), 2U);
  EXPECT_EQ(std::tie(sinks[0].sink, sinks[0].pending, sinks[0].delivered, sinks[0].rejected),
            std::tuple("a", 1U, 0U, 2U));
  EXPECT_EQ(std::tie(sinks[1].sink, sinks[1].pending, sinks[1].delivered, sinks[1].rejected),
            std::tuple("b", 0U, 0U, 1U));
}

TEST(StoredOutbox, SaysThatNothingWasEverKept) {
  const TemporaryFolder folder;
  const auto outbox = StoredOutbox::open(folder.path(), For::changing);
  ASSERT_FALSE(outbox);
  EXPECT_EQ(outbox.error().message,
            "there is no " + (folder.path() / "triaged.db").string() + ": no daemon has used this state folder yet");
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

}  // namespace
}  // namespace triaged::store
