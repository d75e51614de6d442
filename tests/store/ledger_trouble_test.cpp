// What a ledger does when its file is damaged, deleted or locked: nothing that can be saved is lost.
#include <fstream>

#include <gtest/gtest.h>
#include <sqlite3.h>

#include "store/ledger.hpp"
#include "store/stored_outbox.hpp"
#include "tests/support/must.hpp"
#include "tests/support/sample_incidents.hpp"
#include "tests/support/state_rows.hpp"
#include "tests/support/temporary_folder.hpp"

namespace triaged::store {
namespace {

namespace fs = std::filesystem;
using Texts = std::vector<std::string>;

Notification notification_for(const std::string& sink, const std::string& key) {
  return {0, sink, key, samples::killed_worker()};
}

class LedgerInTrouble : public testing::Test {
 protected:
  [[nodiscard]] fs::path folder() const { return folder_.path() / "state"; }
  [[nodiscard]] std::string database() const { return (folder() / "triaged.db").string(); }

  void open() {
    close();
    ledger_ = must(Ledger::open(folder(), Durability::process));
  }
  void close() { ledger_.reset(); }

  void commit_some() {
    must(ledger_->commit({.cursors = {{"a", "7"}},
                          .state = {saved_incident("x")},
                          .notifications = {notification_for("s", "x/1"), notification_for("s", "x/2")}}));
  }

  void damage(std::streamoff from, std::size_t bytes) const {
    std::fstream file(database(), std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(from);
    file << std::string(bytes, 'x');
  }

  [[nodiscard]] Texts pending_keys() const {
    Texts keys;
    for (const auto& notification : must(ledger_->pending("s", 1000))) keys.push_back(notification.idempotency_key);
    return keys;
  }

  [[nodiscard]] Texts files_set_aside() const {
    Texts names;
    for (const auto& entry : fs::directory_iterator(folder())) {
      const auto name = entry.path().filename().string();
      if (name.find(".corrupt-") != std::string::npos) names.push_back(entry.path().string());
    }
    return names;
  }

  /// Another process with the database open.
  class Stranger {
   public:
    explicit Stranger(const std::string& path) {
      EXPECT_EQ(sqlite3_open(path.c_str(), &handle_), SQLITE_OK);
      EXPECT_EQ(sqlite3_exec(handle_, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr), SQLITE_OK);
    }
    ~Stranger() { sqlite3_close(handle_); }
    Stranger(const Stranger&) = delete;
    Stranger& operator=(const Stranger&) = delete;

   private:
    sqlite3* handle_ = nullptr;
  };

  TemporaryFolder folder_;
  std::unique_ptr<Ledger> ledger_;
};

TEST_F(LedgerInTrouble, SetsAFileAsideThatIsNoDatabase) {
  fs::create_directories(folder());
  std::ofstream(database()) << std::string(8192, 'x');
  open();
  commit_some();
  EXPECT_EQ(pending_keys(), (Texts{"x/1", "x/2"}));
  const auto aside = files_set_aside();
  ASSERT_EQ(aside.size(), 1U);
  EXPECT_EQ(fs::file_size(aside[0]), 8192U);
  const auto messages = ledger_->take_messages();
  ASSERT_EQ(messages.size(), 2U);
  EXPECT_EQ(messages[0], database() + " is damaged: file is not a database");
  EXPECT_TRUE(
      messages[1].starts_with(database() + " was set aside as " + aside[0] +
                              " and a new file is in use; recovered: 0 undelivered notifications, others may be "
                              "missing. Logs are read again"))
      << messages[1];
}

TEST_F(LedgerInTrouble, TakesOverNotificationsOfADamagedFileAndGoesBackToTheSafePlace) {
  open();
  Commit commit{.cursors = {{"a", "7"}, {"b", "9"}}, .state = {saved_incident("x")}};
  commit.safe_cursors = {{"a", "5"}};
  for (int i = 0; i < 200; ++i) commit.notifications.push_back(notification_for("s", std::to_string(i)));
  must(ledger_->commit(commit));
  close();
  damage(4096 * 60, 4096 * 4);
  open();
  ASSERT_EQ(must(ledger_->cursors()).size(), 1U);
  EXPECT_EQ(must(ledger_->cursors()).at(0).state, "5");
  EXPECT_TRUE(must(ledger_->state()).empty());
  const auto keys = pending_keys();
  EXPECT_GT(keys.size(), 10U);
  EXPECT_LT(keys.size(), 200U);
  EXPECT_EQ(keys.front(), "0");
  EXPECT_EQ(ledger_->times_set_aside(), 1U);
  EXPECT_EQ(ledger_->outbox_load("s").rows, keys.size());
}

TEST_F(LedgerInTrouble, LeavesAFileOfALaterVersionWhereItIs) {
  open();
  close();
  sqlite3* handle = nullptr;
  ASSERT_EQ(sqlite3_open(database().c_str(), &handle), SQLITE_OK);
  sqlite3_exec(handle, "PRAGMA user_version = 7; UPDATE digests SET rows = 7 WHERE name = 'schema'", nullptr, nullptr,
               nullptr);
  sqlite3_close(handle);
  const auto opened = Ledger::open(folder(), Durability::process);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().trouble, OpenTrouble::refused);
  EXPECT_TRUE(files_set_aside().empty());
}

TEST_F(LedgerInTrouble, StartsANewFileWhenItIsDamagedWhileInUse) {
  open();
  commit_some();
  const auto rows = must(ledger_->pending("s", 10));
  {
    // The header of the file and of its log: whatever SQLite reads next is no database.
    std::fstream log(database() + "-wal", std::ios::in | std::ios::out | std::ios::binary);
    log << std::string(4096, 'x');
  }
  fs::resize_file(database(), 8192);
  damage(0, 8192);
  fs::resize_file(database() + "-shm", 0);
  fs::resize_file(database() + "-shm", 32768);
  Result<void> committed = error("not tried");
  for (int tries = 0; !committed && tries < 5; ++tries) committed = ledger_->commit({.cursors = {{"a", "8"}}});
  ASSERT_TRUE(committed) << committed.error().message;
  EXPECT_EQ(must(ledger_->cursors()).at(0).state, "8");
  EXPECT_EQ(ledger_->times_set_aside(), 1U);
  EXPECT_FALSE(files_set_aside().empty());
  // What a sink delivered meanwhile stood in the old file; a new row never takes its number.
  EXPECT_FALSE(must(ledger_->mark_delivered(rows[1].row + 100, TimePoint{})));
  must(ledger_->commit({.notifications = {notification_for("s", "x/3")}}));
  EXPECT_GT(must(ledger_->pending("s", 10)).back().row, rows[1].row);
}

TEST_F(LedgerInTrouble, IsWrittenAnewWhenItsFolderIsDeleted) {
  open();
  commit_some();
  fs::remove_all(folder());
  must(ledger_->commit({.cursors = {{"b", "1"}}}));
  EXPECT_EQ(ledger_->take_messages(),
            (Texts{database() + " was deleted or replaced while in use; it was written again and nothing is lost"}));
  open();
  EXPECT_EQ(must(ledger_->cursors()).size(), 2U);
  EXPECT_EQ(pending_keys(), (Texts{"x/1", "x/2"}));
}

TEST_F(LedgerInTrouble, IsWrittenAnewWhenOnlyItsLogIsDeleted) {
  open();
  commit_some();
  fs::remove(database() + "-wal");
  must(ledger_->commit({.cursors = {{"b", "1"}}}));
  open();
  EXPECT_EQ(must(ledger_->cursors()).size(), 2U);
  EXPECT_EQ(pending_keys(), (Texts{"x/1", "x/2"}));
}

TEST_F(LedgerInTrouble, KeepsASecondDaemonOutAfterItsFolderWasDeleted) {
  open();
  fs::remove_all(folder());
  must(ledger_->commit({.cursors = {{"b", "1"}}}));
  EXPECT_FALSE(Ledger::open(folder(), Durability::process));
}

TEST_F(LedgerInTrouble, CannotCommitWhileSomebodyElseHoldsTheLockAndCanAgainAfterwards) {
  open();
  {
    const Stranger stranger(database());
    const auto committed = ledger_->commit({.cursors = {{"a", "1"}}});
    ASSERT_FALSE(committed);
    EXPECT_EQ(committed.error().message, "cannot write " + database() + ": database is locked");
  }
  must(ledger_->commit({.cursors = {{"a", "1"}}}));
  EXPECT_EQ(ledger_->times_set_aside(), 0U);
}

TEST_F(LedgerInTrouble, ForgetsTheCursorOfAStreamThatHasEnded) {
  open();
  must(ledger_->commit({.cursors = {{"a", "1"}, {"b", "1"}}}));
  must(ledger_->commit({.cursors = {{"a", ""}}}));
  ASSERT_EQ(must(ledger_->cursors()).size(), 1U);
  EXPECT_EQ(must(ledger_->cursors())[0].stream, "b");
}

TEST_F(LedgerInTrouble, MeasuresWhatASinkHasStillToDeliver) {
  open();
  commit_some();
  const auto size = to_json(samples::killed_worker()).size();
  for (int opening = 0; opening < 2; ++opening, open()) {
    EXPECT_EQ(ledger_->outbox_load("s").rows, 2U);
    EXPECT_EQ(ledger_->outbox_load("s").bytes, 2 * size);
    EXPECT_EQ(ledger_->outbox_load("other").rows, 0U);
  }
  EXPECT_TRUE(must(ledger_->mark_delivered(1, TimePoint{})));
  EXPECT_EQ(ledger_->outbox_load("s").bytes, size);
}

TEST_F(LedgerInTrouble, KeepsWhatAnAbsentSinkHasLeftForAWeek) {
  open();
  commit_some();
  const TimePoint start = samples::at("2026-11-21T00:00:00Z");
  auto absent = must(ledger_->note_sinks({"other"}, start));
  ASSERT_EQ(absent.size(), 1U);
  EXPECT_EQ(absent[0].name, "s");
  EXPECT_EQ(absent[0].pending, 2U);
  absent = must(ledger_->note_sinks({"other"}, start + absent_sink_time - Microseconds(1)));
  EXPECT_FALSE(absent.at(0).was_given_up);
  EXPECT_EQ(pending_keys(), (Texts{"x/1", "x/2"}));
  absent = must(ledger_->note_sinks({"other"}, start + absent_sink_time));
  EXPECT_TRUE(absent.at(0).was_given_up);
  EXPECT_TRUE(pending_keys().empty());
  const auto outbox = must(StoredOutbox::open(folder(), StoredOutbox::For::reading));
  EXPECT_EQ(must(outbox.sinks()).at(0).rejected, 2U);
  EXPECT_EQ(must(outbox.dead_letters({})).at(1).why,
            "no sink of this name has been configured since 2026-11-21T00:00:00.000000Z");
  EXPECT_TRUE(must(ledger_->note_sinks({"other"}, start + absent_sink_time)).empty());
}

TEST_F(LedgerInTrouble, StartsTheWeekAnewWhenTheSinkWasBack) {
  open();
  commit_some();
  const TimePoint start = samples::at("2026-11-21T00:00:00Z");
  EXPECT_EQ(must(ledger_->note_sinks({}, start)).size(), 1U);
  EXPECT_TRUE(must(ledger_->note_sinks({"s"}, start + std::chrono::hours(24))).empty());
  const auto absent = must(ledger_->note_sinks({}, start + absent_sink_time));
  EXPECT_EQ(absent.at(0).since, start + absent_sink_time);
  EXPECT_EQ(pending_keys(), (Texts{"x/1", "x/2"}));
}

}  // namespace
}  // namespace triaged::store
