#include "store/ledger.hpp"

#include <csignal>
#include <fstream>
#include <thread>

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/stored_outbox.hpp"
#include "tests/support/must.hpp"
#include "tests/support/sample_incidents.hpp"
#include "tests/support/state_rows.hpp"
#include "tests/support/temporary_folder.hpp"

namespace triaged::store {
namespace {

using Texts = std::vector<std::string>;

Notification notification_for(const std::string& sink, const std::string& key) {
  return {0, sink, key, samples::killed_worker()};
}

class LedgerInAFolder : public testing::Test {
 protected:
  [[nodiscard]] std::filesystem::path folder() const { return folder_.path() / "state"; }
  [[nodiscard]] std::string database() const { return (folder() / "triaged.db").string(); }

  void open(Durability durability = Durability::process) {
    ledger_.reset();
    ledger_ = must(Ledger::open(folder(), durability));
  }
  void close() { ledger_.reset(); }

  [[nodiscard]] std::string message_of_opening() const {
    const auto ledger = Ledger::open(folder(), Durability::process);
    return ledger ? "" : ledger.error().message;
  }

  /// Runs SQL on the file as another program would.
  void tamper(const std::string& sql) const {
    sqlite3* handle = nullptr;
    ASSERT_EQ(sqlite3_open(database().c_str(), &handle), SQLITE_OK);
    const std::unique_ptr<sqlite3, int (*)(sqlite3*)> connection(handle, sqlite3_close);
    ASSERT_EQ(sqlite3_exec(handle, sql.c_str(), nullptr, nullptr, nullptr), SQLITE_OK) << sqlite3_errmsg(handle);
  }

  [[nodiscard]] long outbox_rows() const {
    sqlite3* handle = nullptr;
    EXPECT_EQ(sqlite3_open(database().c_str(), &handle), SQLITE_OK);
    const std::unique_ptr<sqlite3, int (*)(sqlite3*)> connection(handle, sqlite3_close);
    long rows = 0;
    const auto count = [](void* out, int, char** values, char**) {
      return *static_cast<long*>(out) = std::atol(values[0]), 0;
    };
    EXPECT_EQ(sqlite3_exec(handle, "SELECT count(*) FROM outbox", count, &rows, nullptr), SQLITE_OK);
    return rows;
  }

  [[nodiscard]] Texts pending_keys(std::string_view sink, std::size_t limit = 100) const {
    Texts keys;
    for (const auto& notification : must(ledger_->pending(sink, limit))) keys.push_back(notification.idempotency_key);
    return keys;
  }

  [[nodiscard]] std::string cursor_of(const std::string& stream) const {
    for (const auto& cursor : must(ledger_->cursors())) {
      if (cursor.stream == stream) return cursor.state;
    }
    return "";
  }

  [[nodiscard]] std::vector<DeadLetter> dead_letters() const {
    return must(must(StoredOutbox::open(folder(), StoredOutbox::For::reading)).dead_letters({}));
  }
  [[nodiscard]] std::uint64_t delivered() const {
    return must(must(StoredOutbox::open(folder(), StoredOutbox::For::reading)).sinks()).at(0).delivered;
  }

  TemporaryFolder folder_;
  std::unique_ptr<Ledger> ledger_;
};

mode_t mode_of(const std::filesystem::path& path) {
  struct stat status {};
  EXPECT_EQ(::stat(path.c_str(), &status), 0) << path;
  return status.st_mode & 07777;
}

TEST_F(LedgerInAFolder, ShowsNothingToOthersWhateverTheUmask) {
  const auto before = ::umask(0022);
  const auto with_slash = folder().string() + "/";
  ledger_ = must(Ledger::open(StateFolder(with_slash), Durability::process));
  must(ledger_->commit({.cursors = {{"a", "7"}}}));
  ::umask(before);
  EXPECT_EQ(mode_of(folder()), 0750U);
  EXPECT_EQ(mode_of(database()), 0640U);
  EXPECT_EQ(mode_of(database() + "-wal"), 0640U);
  EXPECT_EQ(message_of_opening(), folder().string() + " is in use by another triaged (process " +
                                      std::to_string(::getpid()) +
                                      "): stop that one, or set another 'path' of 'state'");
}

TEST_F(LedgerInAFolder, ClosesAFileThatOthersCouldRead) {
  open();
  close();
  std::filesystem::permissions(database(), std::filesystem::perms(0644));
  open();
  EXPECT_EQ(mode_of(database()), 0640U);
}

TEST_F(LedgerInAFolder, MakesItsFolderForItsGroupOnly) {
  ::umask(0022);
  open();
  struct stat status {};
  ASSERT_EQ(::stat(folder().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0750U);
  EXPECT_TRUE(must(ledger_->cursors()).empty());
  EXPECT_TRUE(must(ledger_->state()).empty());
}

TEST_F(LedgerInAFolder, KeepsAGroupOverAReopening) {
  open();
  must(ledger_->commit(
      {.cursors = {{"file:/a", R"({"offset":1})"}, {"file:/b", "{}"}},
       .state = {saved_incident("01A", "{\"x\":1}"), saved_incident("01B", std::string("nul\0inside", 10))},
       .notifications = {notification_for("slack", "01A/1")}}));
  open(Durability::power);
  EXPECT_EQ(cursor_of("file:/a"), R"({"offset":1})");
  EXPECT_EQ(cursor_of("file:/b"), "{}");
  const auto state = must(ledger_->state());
  ASSERT_EQ(state.size(), 2U);
  EXPECT_EQ(state[1].value, std::string("nul\0inside", 10));
  const auto pending = must(ledger_->pending("slack", 10));
  ASSERT_EQ(pending.size(), 1U);
  EXPECT_EQ(pending[0].sink, "slack");
  EXPECT_EQ(pending[0].idempotency_key, "01A/1");
  EXPECT_GT(pending[0].row, 0);
  EXPECT_EQ(to_json(pending[0].incident), to_json(samples::killed_worker()));
}

TEST_F(LedgerInAFolder, ReplacesCursorsAndStateAndForgetsWhatIsEmpty) {
  open();
  must(
      ledger_->commit({.cursors = {{"a", "1"}, {"b", "1"}}, .state = {saved_incident("x"), saved_incident("y", "1")}}));
  must(ledger_->commit({.cursors = {{"a", "2"}, {"b", ""}},
                        .state = {saved_incident("y", "2"), ended_incident("x"), ended_incident("never opened")}}));
  EXPECT_EQ(cursor_of("a"), "2");
  EXPECT_EQ(must(ledger_->cursors()).size(), 1U);
  EXPECT_EQ(must(ledger_->state()), (std::vector<SavedState>{saved_incident("y", "2")}));
}

TEST_F(LedgerInAFolder, KeepsEachKindOfStateByItself) {
  open();
  std::vector<SavedState> all;
  for (const auto& [kind, name] : state_kinds) all.push_back({kind, "the same id", "of " + std::string(name)});
  must(ledger_->commit({.state = all, .safe_state = {{StateKind::reader, "a", "safe"}}}));
  open();
  EXPECT_THAT(must(ledger_->state()), testing::UnorderedElementsAreArray(all));
  EXPECT_EQ(must(ledger_->safe_state()), (std::vector<SavedState>{{StateKind::reader, "a", "safe"}}));
  must(ledger_->commit(
      {.state = {{StateKind::notified, "the same id", ""}}, .safe_state = {{StateKind::reader, "a", ""}}}));
  EXPECT_EQ(must(ledger_->state()).size(), all.size() - 1);
  EXPECT_TRUE(must(ledger_->safe_state()).empty());
}

TEST_F(LedgerInAFolder, LeavesStateOfAKindAloneThatItDoesNotKnow) {
  open();
  must(ledger_->commit({.state = {saved_incident("x")}}));
  tamper("UPDATE state SET kind = 'silence'");
  EXPECT_TRUE(must(ledger_->state()).empty());
}

TEST_F(LedgerInAFolder, GoesBackToTheSafeCursorsAndTheirState) {
  open();
  must(ledger_->commit({.cursors = {{"a", "7"}, {"b", "7"}},
                        .state = {saved_incident("x"), {StateKind::notified, "x", "n"}, {StateKind::reader, "a", "m7"}},
                        .safe_cursors = {{"a", "5"}},
                        .safe_state = {{StateKind::reader, "a", "m5"}}}));
  must(ledger_->go_back());
  EXPECT_EQ(cursor_of("a"), "5");
  EXPECT_EQ(cursor_of("b"), "");
  EXPECT_EQ(must(ledger_->state()), (std::vector<SavedState>{{StateKind::reader, "a", "m5"}}));
  open();
  EXPECT_EQ(ledger_->times_set_aside(), 0U) << "it proves what it holds";
}

TEST_F(LedgerInAFolder, CommitsAllOfAGroupOrNothing) {
  open();
  must(ledger_->commit({.cursors = {{"a", "1"}}, .state = {saved_incident("x")}}));
  tamper(
      "CREATE TRIGGER fail BEFORE INSERT ON outbox WHEN NEW.idempotency_key = 'bad' BEGIN SELECT RAISE(ABORT, 'no "
      "room'); END");
  const auto committed =
      ledger_->commit({.cursors = {{"a", "2"}},
                       .state = {saved_incident("z"), ended_incident("x")},
                       .notifications = {notification_for("s", "good"), notification_for("s", "bad")}});
  ASSERT_FALSE(committed);
  EXPECT_EQ(committed.error().message, "cannot write " + database() + ": no room");
  EXPECT_EQ(cursor_of("a"), "1");
  EXPECT_EQ(must(ledger_->state())[0].id, "x");
  EXPECT_TRUE(pending_keys("s").empty());
  must(ledger_->commit({.cursors = {{"a", "3"}}}));
  EXPECT_EQ(cursor_of("a"), "3");
}

TEST_F(LedgerInAFolder, GivesEachSinkItsOwnRowsInTheOrderOfCommits) {
  open();
  must(ledger_->commit(
      {.notifications = {notification_for("a", "1"), notification_for("b", "1"), notification_for("a", "2")}}));
  must(ledger_->commit({.notifications = {notification_for("a", "0")}}));
  EXPECT_EQ(pending_keys("a"), (Texts{"1", "2", "0"}));
  EXPECT_EQ(pending_keys("a", 2), (Texts{"1", "2"}));
  EXPECT_EQ(pending_keys("b"), (Texts{"1"}));
  EXPECT_EQ(pending_keys("c"), Texts{});
}

TEST_F(LedgerInAFolder, SettlesARowOnceAndCounts) {
  open();
  must(ledger_->commit(
      {.notifications = {notification_for("a", "1"), notification_for("a", "2"), notification_for("a", "3")}}));
  const auto rows = must(ledger_->pending("a", 10));
  EXPECT_TRUE(must(ledger_->mark_delivered(rows[0].row, samples::at("2026-11-21T00:00:00Z"))));
  EXPECT_TRUE(must(ledger_->mark_rejected(rows[1].row, samples::at("2026-11-21T00:00:01Z"),
                                          "HTTP 404 from https://hooks.slack.com")));
  EXPECT_EQ(pending_keys("a"), (Texts{"3"}));
  const auto counts = must(must(StoredOutbox::open(folder(), StoredOutbox::For::reading)).sinks()).at(0);
  EXPECT_EQ(std::tie(counts.sink, counts.pending, counts.delivered, counts.rejected), std::tuple("a", 1U, 1U, 1U));
  EXPECT_FALSE(must(ledger_->mark_delivered(rows[1].row, TimePoint{})));
}

TEST_F(LedgerInAFolder, KeepsDeadLettersWithWhy) {
  open();
  must(ledger_->commit({.notifications = {notification_for("a", "1"), notification_for("a", "2")}}));
  for (const auto& notification : must(ledger_->pending("a", 10))) {
    EXPECT_TRUE(must(ledger_->mark_rejected(notification.row, samples::at("2026-11-21T00:00:01Z"),
                                            "no " + notification.idempotency_key)));
  }
  open();
  const auto letters = dead_letters();
  ASSERT_EQ(letters.size(), 2U);
  EXPECT_EQ(letters[0].idempotency_key, "1");
  EXPECT_EQ(letters[0].incident, to_json(samples::killed_worker()));
  EXPECT_EQ(letters[1].why, "no 2");
  EXPECT_EQ(letters[1].at, samples::at("2026-11-21T00:00:01Z"));
}

TEST_F(LedgerInAFolder, MakesADeadLetterOfARowThatCannotBeRead) {
  open();
  must(ledger_->commit({.notifications = {notification_for("a", "1"), notification_for("a", "2")}}));
  tamper("UPDATE outbox SET incident = '{\"schema\":9}' WHERE idempotency_key = '1'");
  EXPECT_EQ(must(ledger_->pending("a", 10, samples::at("2026-11-21T00:00:01Z"))).at(0).idempotency_key, "2");
  const auto letter = dead_letters().at(0);
  EXPECT_EQ(letter.why, "incident JSON has schema 9; this version reads schema 1");
  EXPECT_EQ(letter.at, samples::at("2026-11-21T00:00:01Z"));
  EXPECT_EQ(ledger_->take_messages(),
            (Texts{"notification 1 for sink a cannot be read and is kept as a dead letter: incident JSON has schema 9; "
                   "this version reads schema 1"}));
}

TEST_F(LedgerInAFolder, DeletesOldSettledRowsButNeverPendingOnesAndKeepsTheCounts) {
  open();
  must(
      ledger_->commit({.notifications = {notification_for("a", "old pending"), notification_for("a", "old settled")}}));
  EXPECT_TRUE(must(ledger_->mark_delivered(2, TimePoint{})));
  tamper("INSERT INTO outbox (row, sink, idempotency_key, incident, outcome) VALUES (20000, 'a', 'new', '{}', 1)");
  open();
  EXPECT_EQ(pending_keys("a"), (Texts{"old pending"}));
  EXPECT_EQ(delivered(), 1U);
  EXPECT_EQ(outbox_rows(), 2);
}

TEST_F(LedgerInAFolder, LetsASinkSettleWhileTheDiagnosisCommits) {
  open();
  std::jthread diagnosis([&] {
    for (int i = 0; i < 100; ++i) must(ledger_->commit({.notifications = {notification_for("a", std::to_string(i))}}));
  });
  for (int settled = 0; settled < 100;) {
    for (const auto& notification : must(ledger_->pending("a", 10))) {
      EXPECT_EQ(notification.idempotency_key, std::to_string(settled++));
      EXPECT_TRUE(must(ledger_->mark_delivered(notification.row, TimePoint{})));
    }
  }
  EXPECT_EQ(delivered(), 100U);
}

/// Closing a descriptor of the file would drop the lock. Then a program that looks at the outbox and leaves deletes the
/// write-ahead log of the running daemon, and what that program wrote is lost.
TEST_F(LedgerInAFolder, StaysLockedForOthersWhileItIsUsed) {
  open();
  for (const char* key : {"1", "2"}) must(ledger_->commit({.notifications = {notification_for("a", key)}}));
  EXPECT_EQ(pending_keys("a"), (Texts{"1", "2"}));
  const int file = ::open(database().c_str(), O_RDWR | O_CLOEXEC);
  struct flock lock {};
  lock.l_type = F_WRLCK;
  EXPECT_EQ(::fcntl(file, F_OFD_GETLK, &lock), 0);
  EXPECT_EQ(lock.l_type, F_RDLCK);
  close();
  ::close(file);
}

TEST_F(LedgerInAFolder, RefusesASecondDaemonOnTheSameFolder) {
  open();
  EXPECT_EQ(message_of_opening(), folder().string() + " is in use by another triaged (process " +
                                      std::to_string(::getpid()) +
                                      "): stop that one, or set another 'path' of 'state'");
  close();
  EXPECT_EQ(message_of_opening(), "");
}

TEST_F(LedgerInAFolder, RefusesADatabaseOfALaterVersion) {
  open();
  close();
  tamper("PRAGMA user_version = 7; UPDATE digests SET rows = 7 WHERE name = 'schema'");
  EXPECT_EQ(message_of_opening(), database() +
                                      " was written by a later version of triaged (schema 7; this version knows 5): "
                                      "install that version, or set another 'path' of 'state'");
}

TEST_F(LedgerInAFolder, RefusesADatabaseOfAnotherProgram) {
  std::filesystem::create_directories(folder());
  tamper("CREATE TABLE theirs (x)");
  EXPECT_EQ(message_of_opening(), database() + " is a database of another program; set another 'path' of 'state'");
}

TEST_F(LedgerInAFolder, SaysWhichFileItCannotOpen) {
  std::filesystem::create_directories(database());
  EXPECT_EQ(message_of_opening(), "cannot open " + database() + ": unable to open database file");
}

TEST_F(LedgerInAFolder, SaysWhichFolderItCannotMake) {
  std::ofstream(folder_.path() / "file") << "x";
  const auto inside_a_file = folder_.path() / "file" / "state";
  const auto ledger = Ledger::open(inside_a_file, Durability::process);
  ASSERT_FALSE(ledger);
  EXPECT_EQ(ledger.error().message, "cannot create " + inside_a_file.string() + ": Not a directory");
}

TEST_F(LedgerInAFolder, SaysThatTheDiskIsFullAndKeepsWhatItHas) {
  open();
  must(ledger_->commit({.cursors = {{"a", "1"}}}));
  close();
  tamper("PRAGMA journal_mode = DELETE");
  open();
  // Files of this process may grow to 64 KiB: to SQLite that is a disk without room.
  const struct rlimit small { 65536, RLIM_INFINITY };
  const auto before = std::signal(SIGXFSZ, SIG_IGN);
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
  Commit large{.cursors = {{"a", "2"}}, .state = {saved_incident("x", std::string(1 << 20, 'x'))}};
  const auto committed = ledger_->commit(large);
  const struct rlimit unlimited_size { RLIM_INFINITY, RLIM_INFINITY };
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &unlimited_size), 0);
  std::signal(SIGXFSZ, before);
  ASSERT_FALSE(committed);
  EXPECT_TRUE(committed.error().message.starts_with("cannot write " + database() + ": ")) << committed.error().message;
  EXPECT_EQ(cursor_of("a"), "1");
  must(ledger_->commit(large));
  EXPECT_EQ(cursor_of("a"), "2");
}

TEST(LedgerInMemory, KeepsNoFile) {
  const auto ledger = must(Ledger::in_memory());
  must(ledger->commit({.cursors = {{"a", "1"}}, .notifications = {notification_for("s", "1")}}));
  EXPECT_EQ(must(ledger->cursors())[0].state, "1");
  EXPECT_EQ(ledger->outbox_load("s").rows, 1U);
}

}  // namespace
}  // namespace triaged::store
