// Why the settings below. WAL: a commit appends to one file and readers in other processes never wait.
// Durability::process uses synchronous=NORMAL: the write-ahead log is synced at checkpoints only, so a commit costs no
// disk flush. What a killed process wrote is in the kernel's hands and survives; a power cut may lose the newest
// commits, whole ones only. OFF would save the flush at checkpoints, but then a power cut could damage the file.
// Durability::power uses FULL: every commit waits until the disk has it. The cache is small, for the kernel has the
// pages of a file of some megabytes anyway.
#include "store/ledger_file.hpp"

#include <algorithm>
#include <fstream>
#include <string_view>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include "base/descriptor.hpp"
#include "store/operator_rows.hpp"
#include "store/schema.hpp"

namespace triaged::store {

namespace {

// At a start another process, such as a backup, may hold the file for a while. Later a commit that fails is repeated,
// and the diagnosis goes on meanwhile.
constexpr auto busy_wait_at_start = std::chrono::seconds(5);
constexpr auto busy_wait = std::chrono::seconds(1);

constexpr std::int64_t free_pages_kept = 1024;

Result<LedgerStatements> prepare_statements(const SqliteConnection& connection) {
  LedgerStatements statements;
  const std::pair<SqliteStatement*, std::string_view> texts[] = {
      {&statements.put_cursor,
       "INSERT INTO cursors (stream, state, sum) VALUES (?1, ?2, row_sum(?1, ?2)) "
       "ON CONFLICT (stream) DO UPDATE SET state = excluded.state, sum = excluded.sum"},
      {&statements.drop_cursor, "DELETE FROM cursors WHERE stream = ?1"},
      {&statements.cursors, "SELECT stream, state FROM cursors ORDER BY stream"},
      {&statements.put_safe_cursor,
       "INSERT OR REPLACE INTO safe_cursors (stream, state, sum) VALUES (?1, ?2, row_sum(?1, ?2))"},
      {&statements.drop_safe_cursor, "DELETE FROM safe_cursors WHERE stream = ?1"},
      {&statements.safe_cursors, "SELECT stream, state FROM safe_cursors ORDER BY stream"},
      {&statements.put_state,
       "INSERT INTO state (kind, id, value, sum) VALUES (?1, ?2, ?3, row_sum(?1, ?2, ?3)) "
       "ON CONFLICT (kind, id) DO UPDATE SET value = excluded.value, sum = excluded.sum"},
      {&statements.drop_state, "DELETE FROM state WHERE kind = ?1 AND id = ?2"},
      {&statements.state, "SELECT kind, id, value FROM state ORDER BY kind, id"},
      {&statements.put_safe_state,
       "INSERT OR REPLACE INTO safe_state (kind, id, value, sum) VALUES (?1, ?2, ?3, row_sum(?1, ?2, ?3))"},
      {&statements.drop_safe_state, "DELETE FROM safe_state WHERE kind = ?1 AND id = ?2"},
      {&statements.safe_state, "SELECT kind, id, value FROM safe_state ORDER BY kind, id"},
      {&statements.has_pending,
       "SELECT EXISTS (SELECT 1 FROM outbox INDEXED BY outbox_pending WHERE outcome = 0 AND row <= ?1)"},
      {&statements.put_notification,
       "INSERT INTO outbox (sink, idempotency_key, incident, bytes, sum) VALUES (?1, ?2, ?3, ?4, row_sum(?1, ?2, ?3)) "
       "RETURNING row"},
      {&statements.pending,
       "SELECT row, idempotency_key, incident FROM outbox WHERE sink = ?1 AND outcome = 0 ORDER BY row LIMIT ?2"},
      {&statements.settle,
       "UPDATE outbox SET outcome = ?2, settled_at = ?3, why = ?4 WHERE row = ?1 AND outcome = 0 "
       "RETURNING sink, bytes"},
      {&statements.count_delivered,
       "INSERT INTO sink_totals (sink, delivered) VALUES (?1, 1) "
       "ON CONFLICT (sink) DO UPDATE SET delivered = delivered + 1"},
      {&statements.count_rejected,
       "INSERT INTO sink_totals (sink, rejected) VALUES (?1, ?2) "
       "ON CONFLICT (sink) DO UPDATE SET rejected = rejected + ?2"},
      {&statements.prune,
       "DELETE FROM outbox INDEXED BY outbox_settled WHERE row <= (SELECT max(row) FROM outbox) - ?1 AND outcome <> 0"},
      {&statements.loads, "SELECT sink, count(*), sum(bytes) FROM outbox WHERE outcome = 0 GROUP BY sink"},
      {&statements.absent,
       "INSERT INTO sink_totals (sink, absent_since) VALUES (?1, ?2) "
       "ON CONFLICT (sink) DO UPDATE SET absent_since = coalesce(absent_since, ?2) RETURNING absent_since"},
      {&statements.present, "UPDATE sink_totals SET absent_since = NULL WHERE sink = ?1 AND absent_since IS NOT NULL"},
      {&statements.give_up, "UPDATE outbox SET outcome = 2, settled_at = ?2, why = ?3 WHERE sink = ?1 AND outcome = 0"},
      {&statements.version, "PRAGMA data_version"},
      {&statements.put_incident,
       "INSERT INTO incidents (id, incident, acknowledged_at) VALUES (?1, ?2, ?3) "
       "ON CONFLICT (id) DO UPDATE SET incident = ?2, acknowledged_at = ?3"},
      {&statements.prune_incidents,
       "DELETE FROM incidents WHERE id <= (SELECT id FROM incidents ORDER BY id DESC LIMIT 1 OFFSET ?1) "
       "AND NOT EXISTS (SELECT 1 FROM state WHERE kind = 'incident' AND state.id = incidents.id)"},
      {&statements.acknowledge, "UPDATE incidents SET acknowledged_at = ?2 WHERE id = ?1"},
      {&statements.drop_request, "DELETE FROM requests WHERE id = ?1"},
      {&statements.requests, select_requests},
      {&statements.reports, select_reports},
  };
  for (const auto& [statement, text] : texts) {
    auto prepared = connection.prepare(text);
    if (!prepared) return prepared.error();
    *statement = std::move(*prepared);
  }
  return statements;
}

/// What `path` begins with, as far as there are bytes. Not for the database: see SqliteConnection::beginning().
std::string beginning_of(const std::string& path, std::size_t bytes) {
  std::string text(bytes, '\0');
  std::ifstream file(path, std::ios::binary);
  file.read(text.data(), static_cast<std::streamsize>(bytes));
  text.resize(static_cast<std::size_t>(std::max<std::streamsize>(file.gcount(), 0)));
  return text;
}

}  // namespace

void keep_from_others(const std::string& path) {
  constexpr mode_t of_others = 0007;
  static_cast<void>(Descriptor(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0640)));
  // One that is there is not opened: closing it would drop the locks that SQLite may hold on it in this process.
  for (const auto* ending : {"", "-wal", "-shm"}) {
    const auto file = path + ending;
    struct stat status {};
    if (::stat(file.c_str(), &status) != 0 || (status.st_mode & of_others) == 0) continue;
    (void)::chmod(file.c_str(), status.st_mode & 07777 & ~of_others);
  }
}

LedgerFile::LedgerFile(SqliteConnection sqlite, LedgerStatements prepared, std::string path)
    : connection(std::move(sqlite)), statements(std::move(prepared)), path_(std::move(path)), marks_(marks_now()) {}

LedgerFile::Opened LedgerFile::open(const std::string& path, Durability durability) {
  if (path != ":memory:") keep_from_others(path);
  auto connection = SqliteConnection::open(path);
  if (!connection) return OpenFailure{fmt::format("cannot open {}: {}", path, connection.error().message)};
  connection->wait_when_busy(busy_wait_at_start);
  if (auto failure = bring_to_current_schema(*connection, path)) {
    connection->keep_log_on_close();  // what is wrong with the file is not made worse
    return std::move(*failure);
  }
  const auto set =
      connection->execute(fmt::format("PRAGMA journal_mode = WAL; PRAGMA synchronous = {}; PRAGMA journal_size_limit = "
                                      "67108864; PRAGMA trusted_schema = OFF; PRAGMA cache_size = -256",
                                      durability == Durability::power ? "FULL" : "NORMAL"));
  if (!set) return cannot_read(*connection, path, set.error());
  auto statements = prepare_statements(*connection);
  if (!statements) {
    connection->keep_log_on_close();
    return damaged_or_unreadable(*connection, path, statements.error());
  }
  connection->wait_when_busy(busy_wait);
  LedgerFile file(std::move(*connection), std::move(*statements), path);
  // Tidying up can wait for a better day.
  (void)file.statements.prune.run().bind(1, outbox_rows_kept).finish();
  (void)file.statements.prune_incidents.run().bind(1, incidents_kept).finish();
  if (const auto version = file.connection.number("PRAGMA data_version")) file.seen_version = *version;
  return file;
}

std::array<LedgerFile::Mark, 2> LedgerFile::marks_now() const {
  std::array<Mark, 2> marks;
  if (path_ == ":memory:") return marks;
  const std::array<std::string, 2> paths = {path_, path_ + "-wal"};
  for (std::size_t i = 0; i < paths.size(); ++i) {
    struct stat status {};
    if (::stat(paths[i].c_str(), &status) == 0) marks[i] = {status.st_dev, status.st_ino};
  }
  return marks;
}

bool LedgerFile::stands() {
  const auto marks = marks_now();
  if (marks_[1] == Mark{}) marks_[1] = marks[1];  // SQLite makes the log when it first needs it
  return marks == marks_;
}

bool LedgerFile::looks_whole() const {
  constexpr std::string_view of_database("SQLite format 3\0", 16);
  constexpr std::string_view of_log("\x37\x7f\x06", 3);  // the fourth byte tells the byte order of its checksums
  const auto database = connection.beginning(of_database.size());
  const auto log = beginning_of(path_ + "-wal", of_log.size());
  return (database.empty() || database == of_database) && (log.empty() || log == of_log);
}

void LedgerFile::shrink(std::int64_t most_pages) const {
  const auto free_pages = connection.number("PRAGMA freelist_count");
  if (!free_pages || *free_pages <= free_pages_kept) return;
  const auto pages = std::min(*free_pages - free_pages_kept, most_pages);
  (void)connection.execute(fmt::format("PRAGMA incremental_vacuum({})", pages));
}

}  // namespace triaged::store
