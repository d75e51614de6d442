// Why the settings below. WAL: a commit appends to one file and readers in other processes never wait.
// Durability::process uses synchronous=NORMAL: the write-ahead log is synced at checkpoints only, so a commit costs no
// disk flush. What a killed process wrote is in the kernel's hands and survives; a power cut may lose the newest
// commits, whole ones only. OFF would save the flush at checkpoints, but then a power cut could damage the file.
// Durability::power uses FULL: every commit waits until the disk has it.
#include "store/ledger.hpp"

#include <cerrno>
#include <cstring>
#include <mutex>

#include <fmt/format.h>
#include <sys/stat.h>

#include "store/folder_lock.hpp"
#include "store/schema.hpp"
#include "store/sqlite.hpp"

namespace triaged {

namespace {

/// Old rows are looked for once in so many settled ones.
constexpr std::uint64_t settled_between_prunings = 256;

struct Statements {
  SqliteStatement put_cursor, put_incident, drop_incident, put_notification;
  SqliteStatement cursors, incidents, pending, dead_letters;
  SqliteStatement settle, count_delivered, count_rejected, prune, pending_count, totals;
};

Result<Statements> prepare_statements(const SqliteConnection& connection) {
  Statements statements;
  const std::pair<SqliteStatement*, std::string_view> texts[] = {
      {&statements.put_cursor, "INSERT OR REPLACE INTO cursors (stream, state) VALUES (?1, ?2)"},
      {&statements.put_incident, "INSERT OR REPLACE INTO open_incidents (id, state) VALUES (?1, ?2)"},
      {&statements.drop_incident, "DELETE FROM open_incidents WHERE id = ?1"},
      {&statements.put_notification, "INSERT INTO outbox (sink, idempotency_key, incident) VALUES (?1, ?2, ?3)"},
      {&statements.cursors, "SELECT stream, state FROM cursors ORDER BY stream"},
      {&statements.incidents, "SELECT id, state FROM open_incidents ORDER BY id"},
      {&statements.pending,
       "SELECT row, idempotency_key, incident FROM outbox WHERE sink = ?1 AND outcome = 0 ORDER BY row LIMIT ?2"},
      {&statements.dead_letters,
       "SELECT row, idempotency_key, incident, settled_at, why FROM outbox WHERE sink = ?1 AND outcome = 2 "
       "ORDER BY row DESC LIMIT ?2"},
      {&statements.settle,
       "UPDATE outbox SET outcome = ?2, settled_at = ?3, why = ?4 WHERE row = ?1 AND outcome = 0 RETURNING sink"},
      {&statements.count_delivered,
       "INSERT INTO sink_totals (sink, delivered) VALUES (?1, 1) "
       "ON CONFLICT (sink) DO UPDATE SET delivered = delivered + 1"},
      {&statements.count_rejected,
       "INSERT INTO sink_totals (sink, rejected) VALUES (?1, 1) "
       "ON CONFLICT (sink) DO UPDATE SET rejected = rejected + 1"},
      {&statements.prune, "DELETE FROM outbox WHERE row <= (SELECT max(row) FROM outbox) - ?1 AND outcome <> 0"},
      {&statements.pending_count, "SELECT count(*) FROM outbox WHERE sink = ?1 AND outcome = 0"},
      {&statements.totals, "SELECT delivered, rejected FROM sink_totals WHERE sink = ?1"},
  };
  for (const auto& [statement, text] : texts) {
    auto prepared = connection.prepare(text);
    if (!prepared) return prepared.error();
    *statement = std::move(*prepared);
  }
  return statements;
}

Result<void> create_folder(const std::filesystem::path& folder) {
  std::error_code failure;
  if (folder.has_parent_path()) std::filesystem::create_directories(folder.parent_path(), failure);
  // The ledger holds log lines; only the daemon's user and group may read them.
  if (::mkdir(folder.c_str(), 0750) == 0 || errno == EEXIST) return {};
  return error(fmt::format("cannot create {}: {}", folder.string(), std::strerror(errno)));
}

}  // namespace

struct Ledger::Database {
  Database(FolderLock folder_lock, SqliteConnection sqlite, Statements prepared, std::string name)
      : lock(std::move(folder_lock)),
        connection(std::move(sqlite)),
        statements(std::move(prepared)),
        path(std::move(name)) {}

  FolderLock lock;
  mutable std::mutex mutex;
  SqliteConnection connection;  // guarded by mutex
  Statements statements;        // guarded by mutex; before connection in destruction
  std::uint64_t settled = 0;    // guarded by mutex
  const std::string path;

  [[nodiscard]] static Result<std::unique_ptr<Database>> open(FolderLock lock, const std::string& path,
                                                              Durability durability);
  [[nodiscard]] Result<void> write(const Commit& commit);
  [[nodiscard]] Result<void> settle(std::int64_t row, RowOutcome outcome, TimePoint at, std::string_view why);

  [[nodiscard]] Error write_error(const Error& why) const {
    return error(fmt::format("cannot write {}: {}", path, why.message));
  }
  [[nodiscard]] Error read_error(const Error& why) const {
    return error(fmt::format("cannot read {}: {}", path, why.message));
  }
};

Result<std::unique_ptr<Ledger::Database>> Ledger::Database::open(FolderLock lock, const std::string& path,
                                                                 Durability durability) {
  auto connection = SqliteConnection::open(path);
  if (!connection) return error(fmt::format("cannot open {}: {}", path, connection.error().message));
  const auto ready = bring_to_current_schema(*connection, path);
  if (!ready) return ready.error();
  const auto set =
      connection->execute(fmt::format("PRAGMA journal_mode = WAL; PRAGMA synchronous = {}; PRAGMA journal_size_limit = "
                                      "67108864; PRAGMA trusted_schema = OFF",
                                      durability == Durability::power ? "FULL" : "NORMAL"));
  if (!set) return error(fmt::format("cannot open {}: {}", path, set.error().message));
  auto statements = prepare_statements(*connection);
  if (!statements) return error(fmt::format("cannot open {}: {}", path, statements.error().message));
  const auto pruned = statements->prune.run().bind(1, outbox_rows_kept).finish();
  if (!pruned) return error(fmt::format("cannot write {}: {}", path, pruned.error().message));
  return std::make_unique<Database>(std::move(lock), std::move(*connection), std::move(*statements), path);
}

Result<void> Ledger::Database::write(const Commit& commit) {
  for (const auto& cursor : commit.cursors) {
    const auto put = statements.put_cursor.run().bind(1, cursor.stream).bind(2, cursor.state).finish();
    if (!put) return put.error();
  }
  for (const auto& incident : commit.open_incidents) {
    const auto put = statements.put_incident.run().bind(1, incident.id).bind(2, incident.state).finish();
    if (!put) return put.error();
  }
  for (const auto& id : commit.closed_incidents) {
    const auto dropped = statements.drop_incident.run().bind(1, id).finish();
    if (!dropped) return dropped.error();
  }
  for (const auto& notification : commit.notifications) {
    const auto json = to_json(notification.incident);
    const auto put = statements.put_notification.run()
                         .bind(1, notification.sink)
                         .bind(2, notification.idempotency_key)
                         .bind(3, json)
                         .finish();
    if (!put) return put.error();
  }
  return {};
}

/// REQUIRES: mutex is held.
Result<void> Ledger::Database::settle(std::int64_t row, RowOutcome outcome, TimePoint at, std::string_view why) {
  auto transaction = SqliteTransaction::begin(connection);
  if (!transaction) return write_error(transaction.error());
  std::string sink;
  {
    auto run = statements.settle.run();
    run.bind(1, row).bind(2, static_cast<std::int64_t>(outcome)).bind(3, at.time_since_epoch().count()).bind(4, why);
    const auto changed = run.step();
    if (!changed) return write_error(changed.error());
    if (!*changed) return error(fmt::format("{} has no pending outbox row {}", path, row));
    sink = run.text(0);
  }
  const auto& count = outcome == RowOutcome::delivered ? statements.count_delivered : statements.count_rejected;
  const auto counted = count.run().bind(1, sink).finish();
  if (!counted) return write_error(counted.error());
  if (++settled % settled_between_prunings == 0) {
    const auto pruned = statements.prune.run().bind(1, outbox_rows_kept).finish();
    if (!pruned) return write_error(pruned.error());
  }
  const auto committed = (*transaction)->commit();
  if (!committed) return write_error(committed.error());
  return {};
}

Ledger::Ledger(std::unique_ptr<Database> database) : database_(std::move(database)) {}
Ledger::~Ledger() = default;

Result<std::unique_ptr<Ledger>> Ledger::open(const std::filesystem::path& folder, Durability durability) {
  const auto created = create_folder(folder);
  if (!created) return created.error();
  auto lock = FolderLock::take(folder);
  if (!lock) return lock.error();
  auto database = Database::open(std::move(*lock), (folder / "triaged.db").string(), durability);
  if (!database) return database.error();
  return std::unique_ptr<Ledger>(new Ledger(std::move(*database)));
}

Result<std::unique_ptr<Ledger>> Ledger::in_memory() {
  auto database = Database::open(FolderLock(), ":memory:", Durability::process);
  if (!database) return database.error();
  return std::unique_ptr<Ledger>(new Ledger(std::move(*database)));
}

Result<void> Ledger::commit(const Commit& commit) {
  const std::lock_guard lock(database_->mutex);
  auto transaction = SqliteTransaction::begin(database_->connection);
  if (!transaction) return database_->write_error(transaction.error());
  const auto written = database_->write(commit);
  if (!written) return database_->write_error(written.error());
  const auto committed = (*transaction)->commit();
  if (!committed) return database_->write_error(committed.error());
  return {};
}

Result<std::vector<Cursor>> Ledger::cursors() const {
  const std::lock_guard lock(database_->mutex);
  std::vector<Cursor> cursors;
  auto run = database_->statements.cursors.run();
  while (true) {
    const auto has_row = run.step();
    if (!has_row) return database_->read_error(has_row.error());
    if (!*has_row) return cursors;
    cursors.push_back({run.text(0), run.text(1)});
  }
}

Result<std::vector<StoredIncident>> Ledger::open_incidents() const {
  const std::lock_guard lock(database_->mutex);
  std::vector<StoredIncident> incidents;
  auto run = database_->statements.incidents.run();
  while (true) {
    const auto has_row = run.step();
    if (!has_row) return database_->read_error(has_row.error());
    if (!*has_row) return incidents;
    incidents.push_back({run.text(0), run.text(1)});
  }
}

Result<std::vector<Notification>> Ledger::pending(std::string_view sink, std::size_t limit) const {
  const std::lock_guard lock(database_->mutex);
  std::vector<Notification> notifications;
  std::vector<std::pair<std::int64_t, std::string>> unreadable;
  {
    auto run = database_->statements.pending.run();
    run.bind(1, sink).bind(2, static_cast<std::int64_t>(limit));
    while (true) {
      const auto has_row = run.step();
      if (!has_row) return database_->read_error(has_row.error());
      if (!*has_row) break;
      auto incident = incident_from_json(run.text(2));
      if (incident) {
        notifications.push_back({run.number(0), std::string(sink), run.text(1), std::move(*incident)});
      } else {
        unreadable.emplace_back(run.number(0), incident.error().message);
      }
    }
  }
  for (const auto& [row, why] : unreadable) {
    const auto settled = database_->settle(row, RowOutcome::rejected, TimePoint{}, why);
    if (!settled) return settled.error();
  }
  return notifications;
}

Result<void> Ledger::mark_delivered(std::int64_t row, TimePoint at) {
  const std::lock_guard lock(database_->mutex);
  return database_->settle(row, RowOutcome::delivered, at, "");
}

Result<void> Ledger::mark_rejected(std::int64_t row, TimePoint at, std::string_view why) {
  const std::lock_guard lock(database_->mutex);
  return database_->settle(row, RowOutcome::rejected, at, why);
}

Result<std::vector<Ledger::DeadLetter>> Ledger::dead_letters(std::string_view sink, std::size_t limit) const {
  const std::lock_guard lock(database_->mutex);
  std::vector<DeadLetter> letters;
  auto run = database_->statements.dead_letters.run();
  run.bind(1, sink).bind(2, static_cast<std::int64_t>(limit));
  while (true) {
    const auto has_row = run.step();
    if (!has_row) return database_->read_error(has_row.error());
    if (!*has_row) return letters;
    auto incident = incident_from_json(run.text(2));
    letters.push_back({{run.number(0), std::string(sink), run.text(1), incident ? std::move(*incident) : Incident{}},
                       TimePoint(Microseconds(run.number(3))),
                       run.text(4)});
  }
}

Result<Ledger::OutboxCounts> Ledger::outbox_counts(std::string_view sink) const {
  const std::lock_guard lock(database_->mutex);
  OutboxCounts counts;
  auto pending = database_->statements.pending_count.run();
  const auto counted = pending.bind(1, sink).step();
  if (!counted) return database_->read_error(counted.error());
  counts.pending = static_cast<std::uint64_t>(pending.number(0));
  auto totals = database_->statements.totals.run();
  const auto known = totals.bind(1, sink).step();
  if (!known) return database_->read_error(known.error());
  if (*known) {
    counts.delivered = static_cast<std::uint64_t>(totals.number(0));
    counts.rejected = static_cast<std::uint64_t>(totals.number(1));
  }
  return counts;
}

}  // namespace triaged
