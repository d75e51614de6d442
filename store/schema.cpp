#include "store/schema.hpp"

#include <array>

#include <fmt/format.h>

namespace triaged {

namespace {

// steps[n] takes a file from schema n to n + 1 (PRAGMA user_version). A released step is never edited; a change of the
// tables is a new step.
//
// outbox.row grows for ever (AUTOINCREMENT), so it is also the order of delivery. outbox.incident is the incident's
// JSON. sink_totals survives the pruning of settled outbox rows.
constexpr std::array steps = {R"sql(
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
)sql"};

/// "ok", or what is wrong.
std::string check_of(const SqliteConnection& connection) {
  const auto statement = connection.prepare("PRAGMA quick_check(1)");
  if (!statement) return statement.error().message;
  auto run = statement->run();
  const auto has_row = run.step();
  return has_row ? run.text(0) : has_row.error().message;
}

Result<void> take_step(const SqliteConnection& connection, std::size_t step) {
  auto transaction = SqliteTransaction::begin(connection);
  if (!transaction) return transaction.error();
  const auto changed = connection.execute(fmt::format("{} PRAGMA user_version = {};", steps[step], step + 1));
  if (!changed) return changed.error();
  return (*transaction)->commit();
}

}  // namespace

Result<void> bring_to_current_schema(const SqliteConnection& connection, const std::string& path) {
  const auto check = check_of(connection);
  if (check != "ok") return error(fmt::format("{} is damaged: {}", path, check));
  const auto version = connection.number("PRAGMA user_version");
  const auto tables = connection.number("SELECT count(*) FROM sqlite_schema");
  if (!version || !tables)
    return error(fmt::format("cannot read {}: {}", path, (version ? tables : version).error().message));
  if (*version < 0 || *version > static_cast<std::int64_t>(steps.size())) {
    return error(fmt::format("{} was written by a later version of triaged (schema {}; this version knows {})", path,
                             *version, steps.size()));
  }
  if (*version == 0 && *tables > 0) return error(fmt::format("{} is a database of another program", path));
  for (auto step = static_cast<std::size_t>(*version); step < steps.size(); ++step) {
    const auto taken = take_step(connection, step);
    if (!taken) return error(fmt::format("cannot prepare {}: {}", path, taken.error().message));
  }
  return {};
}

}  // namespace triaged
