#include "store/schema.hpp"

#include <array>
#include <string_view>

#include <fmt/format.h>

#include "base/crash_point.hpp"
#include "store/row_proof.hpp"

namespace triaged::store {

namespace {

// The tables, as the last step leaves them. outbox.row grows for ever (AUTOINCREMENT), so it is also the order of
// delivery; outbox.incident is the incident's JSON. sink_totals survives the pruning of settled outbox rows; its
// absent_since is when the configuration was first seen without the sink. incidents holds the last report of each
// incident, as JSON; an incident is open as long as `state` has it. requests is what operators ask of incidents that
// the daemon holds in memory, and reports what they say of workarounds; it only grows. digests (row_proof.hpp) has a
// row 'gone_back' from when reading goes back until the next safe place.

constexpr std::string_view first_tables = R"sql(
CREATE TABLE cursors (stream TEXT PRIMARY KEY, state TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE open_incidents (id TEXT PRIMARY KEY, state TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE outbox (
  row             INTEGER PRIMARY KEY AUTOINCREMENT,
  sink            TEXT NOT NULL,
  idempotency_key TEXT NOT NULL,
  incident        TEXT NOT NULL,
  outcome         INTEGER NOT NULL DEFAULT 0,
  settled_at      INTEGER,
  why             TEXT
) STRICT;
CREATE INDEX outbox_pending ON outbox (sink, row) WHERE outcome = 0;
CREATE INDEX outbox_rejected ON outbox (sink, row) WHERE outcome = 2;
CREATE TABLE sink_totals (
  sink      TEXT PRIMARY KEY,
  delivered INTEGER NOT NULL DEFAULT 0,
  rejected  INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
)sql";

// The size of a row stands in the index of pending rows, so that the outbox is measured without reading it. Old settled
// rows are found by an index of their own, and a sink that is no longer configured has a date.
constexpr std::string_view outbox_sizes = R"sql(
ALTER TABLE outbox ADD COLUMN bytes INTEGER NOT NULL DEFAULT 0;
UPDATE outbox SET bytes = length(CAST(incident AS BLOB)) WHERE outcome = 0;
DROP INDEX outbox_pending;
CREATE INDEX outbox_pending ON outbox (sink, row, bytes) WHERE outcome = 0;
CREATE INDEX outbox_settled ON outbox (row) WHERE outcome <> 0;
ALTER TABLE sink_totals ADD COLUMN absent_since INTEGER;
)sql";

// What operators see and say.
constexpr std::string_view operator_tables = R"sql(
CREATE TABLE incidents (id TEXT PRIMARY KEY, incident TEXT NOT NULL, acknowledged_at INTEGER NOT NULL) STRICT;
CREATE TABLE requests (
  id       TEXT PRIMARY KEY,
  incident TEXT NOT NULL,
  wish     INTEGER NOT NULL,
  at       INTEGER NOT NULL
) STRICT;
CREATE TABLE reports (
  id           TEXT PRIMARY KEY,
  at           INTEGER NOT NULL,
  incident     TEXT NOT NULL,
  rule         TEXT NOT NULL,
  cause        TEXT NOT NULL,
  workaround   TEXT NOT NULL,
  has_worked   INTEGER NOT NULL,
  is_withdrawn INTEGER NOT NULL
) STRICT;
)sql";

// Proof that rows are what was written (row_proof.hpp), and the places to which reading goes back without it.
constexpr std::string_view proofs = R"sql(
ALTER TABLE cursors ADD COLUMN sum INTEGER NOT NULL DEFAULT 0;
ALTER TABLE open_incidents ADD COLUMN sum INTEGER NOT NULL DEFAULT 0;
ALTER TABLE outbox ADD COLUMN sum INTEGER NOT NULL DEFAULT 0;
UPDATE cursors SET sum = row_sum(stream, state);
UPDATE open_incidents SET sum = row_sum(id, state);
UPDATE outbox SET sum = row_sum(sink, idempotency_key, incident) WHERE outcome <> 1;
CREATE TABLE safe_cursors (stream TEXT PRIMARY KEY, state TEXT NOT NULL, sum INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE digests (name TEXT PRIMARY KEY, rows INTEGER NOT NULL, sum INTEGER NOT NULL) STRICT, WITHOUT ROWID;
INSERT INTO digests SELECT 'cursors', count(*), coalesce(sum(sum), 0) FROM cursors;
INSERT INTO digests SELECT 'open_incidents', count(*), coalesce(sum(sum), 0) FROM open_incidents;
INSERT INTO digests SELECT 'outbox', count(*), coalesce(sum(sum), 0) FROM outbox WHERE outcome = 0;
CREATE TRIGGER cursor_added AFTER INSERT ON cursors BEGIN
  UPDATE digests SET rows = rows + 1, sum = sum + NEW.sum WHERE name = 'cursors';
END;
CREATE TRIGGER cursor_changed AFTER UPDATE ON cursors BEGIN
  UPDATE digests SET sum = sum - OLD.sum + NEW.sum WHERE name = 'cursors';
END;
CREATE TRIGGER cursor_dropped AFTER DELETE ON cursors BEGIN
  UPDATE digests SET rows = rows - 1, sum = sum - OLD.sum WHERE name = 'cursors';
END;
CREATE TRIGGER incident_added AFTER INSERT ON open_incidents BEGIN
  UPDATE digests SET rows = rows + 1, sum = sum + NEW.sum WHERE name = 'open_incidents';
END;
CREATE TRIGGER incident_changed AFTER UPDATE ON open_incidents BEGIN
  UPDATE digests SET sum = sum - OLD.sum + NEW.sum WHERE name = 'open_incidents';
END;
CREATE TRIGGER incident_dropped AFTER DELETE ON open_incidents BEGIN
  UPDATE digests SET rows = rows - 1, sum = sum - OLD.sum WHERE name = 'open_incidents';
END;
CREATE TRIGGER notification_added AFTER INSERT ON outbox WHEN NEW.outcome = 0 BEGIN
  UPDATE digests SET rows = rows + 1, sum = sum + NEW.sum WHERE name = 'outbox';
END;
CREATE TRIGGER notification_settled AFTER UPDATE ON outbox WHEN OLD.outcome = 0 AND NEW.outcome <> 0 BEGIN
  UPDATE digests SET rows = rows - 1, sum = sum - OLD.sum WHERE name = 'outbox';
END;
CREATE TRIGGER notification_retried AFTER UPDATE ON outbox WHEN OLD.outcome <> 0 AND NEW.outcome = 0 BEGIN
  UPDATE digests SET rows = rows + 1, sum = sum + NEW.sum WHERE name = 'outbox';
END;
CREATE TRIGGER notification_dropped AFTER DELETE ON outbox WHEN OLD.outcome = 0 BEGIN
  UPDATE digests SET rows = rows - 1, sum = sum - OLD.sum WHERE name = 'outbox';
END;
)sql";

// What stages remember has a table of its own, with its kind. Before, it stood among the cursors and the open incidents
// and was recognised by how its key began.
constexpr std::string_view state_table = R"sql(
CREATE TABLE state (
  kind  TEXT NOT NULL,
  id    TEXT NOT NULL,
  value TEXT NOT NULL,
  sum   INTEGER NOT NULL,
  PRIMARY KEY (kind, id)
) STRICT, WITHOUT ROWID;
CREATE TABLE safe_state (
  kind  TEXT NOT NULL,
  id    TEXT NOT NULL,
  value TEXT NOT NULL,
  sum   INTEGER NOT NULL,
  PRIMARY KEY (kind, id)
) STRICT, WITHOUT ROWID;
INSERT INTO digests VALUES ('state', 0, 0);
CREATE TRIGGER state_added AFTER INSERT ON state BEGIN
  UPDATE digests SET rows = rows + 1, sum = sum + NEW.sum WHERE name = 'state';
END;
CREATE TRIGGER state_changed AFTER UPDATE ON state BEGIN
  UPDATE digests SET sum = sum - OLD.sum + NEW.sum WHERE name = 'state';
END;
CREATE TRIGGER state_dropped AFTER DELETE ON state BEGIN
  UPDATE digests SET rows = rows - 1, sum = sum - OLD.sum WHERE name = 'state';
END;
INSERT INTO state
  SELECT 'window', substr(id, 7), state, row_sum('window', substr(id, 7), state)
  FROM open_incidents WHERE substr(id, 1, 6) = 'timed:';
INSERT INTO state
  SELECT 'usual share', substr(id, 7), state, row_sum('usual share', substr(id, 7), state)
  FROM open_incidents WHERE substr(id, 1, 6) = 'usual:';
INSERT INTO state
  SELECT 'process addresses', 'all', state, row_sum('process addresses', 'all', state)
  FROM open_incidents WHERE id = 'process-addresses';
INSERT INTO state
  SELECT 'incident', id, state, row_sum('incident', id, state)
  FROM open_incidents WHERE substr(id, 1, 6) NOT IN ('timed:', 'usual:') AND id <> 'process-addresses';
INSERT INTO state
  SELECT 'notified', substr(stream, 6), state, row_sum('notified', substr(stream, 6), state)
  FROM cursors WHERE substr(stream, 1, 5) = 'told:';
INSERT INTO state
  SELECT 'reader', substr(stream, 8), state, row_sum('reader', substr(stream, 8), state)
  FROM cursors WHERE substr(stream, 1, 7) = 'reader:';
INSERT INTO safe_state
  SELECT 'reader', substr(stream, 8), state, row_sum('reader', substr(stream, 8), state)
  FROM safe_cursors WHERE substr(stream, 1, 7) = 'reader:';
DELETE FROM cursors WHERE substr(stream, 1, 5) = 'told:' OR substr(stream, 1, 7) = 'reader:';
DELETE FROM safe_cursors WHERE substr(stream, 1, 7) = 'reader:';
DROP TABLE open_incidents;
DELETE FROM digests WHERE name = 'open_incidents';
)sql";

// steps[n] takes a file from schema n to n + 1 (PRAGMA user_version). A released step is never edited; a change of the
// tables is a new step.
constexpr std::array steps = {first_tables, outbox_sizes, operator_tables, proofs, state_table};

// From this schema on it stands in `digests`, too.
constexpr std::size_t first_with_digests = 4;

OpenFailure damaged(const std::string& path, const std::string& why) {
  return {fmt::format("{} is damaged: {}", path, why), OpenTrouble::damaged};
}

Result<void> take_step(const SqliteConnection& connection, std::size_t step) {
  auto transaction = SqliteTransaction::begin(connection);
  if (!transaction) return transaction.error();
  auto sql = fmt::format("{} PRAGMA user_version = {};", steps[step], step + 1);
  if (step + 1 >= first_with_digests) {
    sql += fmt::format("INSERT OR REPLACE INTO digests (name, rows, sum) VALUES ('schema', {}, 0);", step + 1);
  }
  const auto changed = connection.execute(sql);
  if (!changed) return changed.error();
  crash_point("inside-schema-step");
  return (*transaction)->commit();
}

/// Header bytes that SQLite does not check, or takes as a request: with a write version that it does not know it opens
/// the file for reading only.
bool has_odd_header(const SqliteConnection& connection) {
  const auto header = connection.beginning(20);
  const auto is_known = [&](std::size_t at) { return header[at] == 1 || header[at] == 2; };
  return header.size() == 20 && !(is_known(18) && is_known(19));
}

/// Whether the file is whole. The check itself may fail without saying anything about the file: it is locked, say.
std::optional<OpenFailure> failed_check(const SqliteConnection& connection, const std::string& path) {
  const auto failure = [&](const Error& why) { return damaged_or_unreadable(connection, path, why); };
  const auto statement = connection.prepare("PRAGMA quick_check(1)");
  if (!statement) return failure(statement.error());
  auto run = statement->run();
  const auto has_row = run.step();
  if (!has_row) return failure(has_row.error());
  if (run.text(0) != "ok") return damaged(path, run.text(0));
  if (has_odd_header(connection)) return damaged(path, "its header is not that of a database");
  return std::nullopt;
}

/// Whether the rows that must be right are those that were written, in a file of that schema.
std::optional<OpenFailure> failed_proof(const SqliteConnection& connection, const std::string& path,
                                        std::int64_t schema) {
  for (const auto& table : proved_tables_of(schema)) {
    const auto proved = is_proved(connection, table);
    if (!proved) return damaged_or_unreadable(connection, path, proved.error());
    if (!*proved) return damaged(path, fmt::format("table {} fails its checksum", table.name));
  }
  return std::nullopt;
}

/// Foreign and later files are left alone, whole or not.
std::optional<OpenFailure> failed_version_check(const SqliteConnection& connection, const std::string& path) {
  const auto refused = [](std::string why) { return OpenFailure{std::move(why), OpenTrouble::refused}; };
  const auto version = connection.number("PRAGMA user_version");
  if (!version) return std::nullopt;  // the check says why
  const auto schema = digest_of(connection, "schema");
  if (schema && schema->rows != *version && schema->rows <= current_schema()) {
    return damaged(path, "its header and its tables name different schemas");
  }
  if (*version < 0 || *version > static_cast<std::int64_t>(steps.size())) {
    return refused(
        fmt::format("{} was written by a later version of triaged (schema {}; this version knows {}): "
                    "install that version, or set another 'path' of 'state'",
                    path, *version, steps.size()));
  }
  const auto tables = connection.number("SELECT count(*) FROM sqlite_schema");
  if (tables && *version == 0 && *tables > 0)
    return refused(fmt::format("{} is a database of another program; set another 'path' of 'state'", path));
  return std::nullopt;
}

}  // namespace

std::int64_t current_schema() { return static_cast<std::int64_t>(steps.size()); }

OpenFailure damaged_or_unreadable(const SqliteConnection& connection, const std::string& path, const Error& why) {
  const auto trouble = connection.last_trouble();
  if (trouble == SqliteTrouble::damaged || trouble == SqliteTrouble::misfit) return damaged(path, why.message);
  return cannot_read(connection, path, why);
}

OpenFailure cannot_read(const SqliteConnection& connection, const std::string& path, const Error& why) {
  const bool may_pass = connection.last_trouble() == SqliteTrouble::passing;
  return {fmt::format("cannot read {}: {}", path, why.message), may_pass ? OpenTrouble::passing : OpenTrouble::refused};
}

std::optional<OpenFailure> bring_to_current_schema(const SqliteConnection& connection, const std::string& path) {
  if (auto failure = failed_version_check(connection, path)) return failure;
  if (auto failure = failed_check(connection, path)) return failure;
  const auto version = connection.number("PRAGMA user_version");
  if (!version) return cannot_read(connection, path, version.error());
  // Before any step: one that copies rows gives them new checksums, and would hide that they are damaged.
  if (auto failure = failed_proof(connection, path, *version)) return failure;
  // Pages that are not needed any more are given back to the disk; for a new file this must come before its tables.
  if (*version == 0) (void)connection.execute("PRAGMA auto_vacuum = INCREMENTAL");
  for (auto step = static_cast<std::size_t>(*version); step < steps.size(); ++step) {
    const auto taken = take_step(connection, step);
    if (taken) continue;
    // The file is whole and its schema known: what can go wrong is the disk.
    return OpenFailure{fmt::format("cannot prepare {}: {}", path, taken.error().message), OpenTrouble::passing};
  }
  return std::nullopt;
}

}  // namespace triaged::store
