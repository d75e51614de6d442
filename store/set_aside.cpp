#include "store/set_aside.hpp"

#include <ctime>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "store/row_proof.hpp"
#include "store/schema.hpp"

namespace triaged::store {

namespace {

namespace fs = std::filesystem;

/// Gives each row of `query` to `take` until one cannot be read. False: it came to that.
Result<bool> for_each_row(const SqliteConnection& from, std::string_view query,
                          const std::function<Result<void>(const SqliteRun&)>& take) {
  const auto statement = from.prepare(query);
  if (!statement) return false;
  auto run = statement->run();
  while (true) {
    const auto has_row = run.step();
    if (!has_row) return false;
    if (!*has_row) return true;
    const auto taken = take(run);
    if (!taken) return taken.error();
  }
}

/// How one table is copied. A table is read in its own order, not by an index that may be what is damaged.
struct CopiedTable {
  std::string_view query, insert;
  std::string_view kinds;                   // of the columns: t for text, n for a number
  std::size_t TakenOver::*count = nullptr;  // where its rows are counted
  std::string_view digest = {};             // its name in `digests`; it is proved when the sums of the last column fit
};

constexpr std::string_view insert_safe_cursor = "INSERT INTO safe_cursors (stream, state, sum) VALUES (?1, ?2, ?3)";
constexpr std::string_view insert_safe_state = "INSERT INTO safe_state (kind, id, value, sum) VALUES (?1, ?2, ?3, ?4)";

/// Where reading stands and stood.
constexpr CopiedTable places[] = {
    {"SELECT stream, state, sum FROM cursors WHERE sum = row_sum(stream, state)",
     "INSERT INTO cursors (stream, state, sum) VALUES (?1, ?2, ?3)", "ttn", &TakenOver::cursors, "cursors"},
    {"SELECT kind, id, value, sum FROM state WHERE sum = row_sum(kind, id, value)",
     "INSERT INTO state (kind, id, value, sum) VALUES (?1, ?2, ?3, ?4)", "tttn", nullptr, "state"},
    {"SELECT stream, state, sum FROM safe_cursors WHERE sum = row_sum(stream, state)", insert_safe_cursor, "ttn",
     &TakenOver::safe_cursors},
    {"SELECT kind, id, value, sum FROM safe_state WHERE sum = row_sum(kind, id, value)", insert_safe_state, "tttn"},
};
/// In a file of schema 4, to which reading goes back anyway. What readers remember stood among the cursors.
constexpr CopiedTable places_of_schema_4[] = {
    {"SELECT stream, state, sum FROM safe_cursors WHERE sum = row_sum(stream, state) "
     "AND substr(stream, 1, 7) <> 'reader:'",
     insert_safe_cursor, "ttn", &TakenOver::safe_cursors},
    {"SELECT 'reader', substr(stream, 8), state, row_sum('reader', substr(stream, 8), state) FROM safe_cursors "
     "WHERE sum = row_sum(stream, state) AND substr(stream, 1, 7) = 'reader:'",
     insert_safe_state, "tttn"},
};

constexpr CopiedTable tables[] = {
    {"SELECT row, sink, idempotency_key, incident, length(CAST(incident AS BLOB)), sum FROM outbox NOT INDEXED "
     "WHERE outcome = 0 AND sum = row_sum(sink, idempotency_key, incident)",
     "INSERT INTO outbox (row, sink, idempotency_key, incident, bytes, sum) VALUES (?1, ?2, ?3, ?4, ?5, ?6)", "ntttnn",
     &TakenOver::notifications, "outbox"},
    {"SELECT id, incident, acknowledged_at FROM incidents NOT INDEXED",
     "INSERT OR REPLACE INTO incidents (id, incident, acknowledged_at) VALUES (?1, ?2, ?3)", "ttn"},
    {"SELECT id, incident, wish, at FROM requests NOT INDEXED",
     "INSERT OR REPLACE INTO requests (id, incident, wish, at) VALUES (?1, ?2, ?3, ?4)", "ttnn"},
    {"SELECT id, at, incident, rule, cause, workaround, has_worked, is_withdrawn FROM reports NOT INDEXED",
     "INSERT OR REPLACE INTO reports (id, at, incident, rule, cause, workaround, has_worked, is_withdrawn) "
     "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
     "tnttttnn"},
    {"SELECT name, rows, sum FROM digests WHERE name = 'gone_back'",
     "INSERT OR REPLACE INTO digests (name, rows, sum) VALUES (?1, ?2, ?3)", "tnn"},
};

Result<void> put_row(const SqliteStatement& insert, const SqliteRun& row, std::string_view kinds) {
  std::vector<std::string> texts(kinds.size());  // bound text must live until the run ends
  auto run = insert.run();
  for (std::size_t i = 0; i < kinds.size(); ++i) {
    const auto column = static_cast<int>(i);
    if (kinds[i] == 't') {
      texts[i] = row.text(column);
      run.bind(column + 1, texts[i]);
    } else {
      run.bind(column + 1, row.number(column));
    }
  }
  return run.finish();
}

}  // namespace

fs::path name_to_set_aside(const fs::path& path) {
  fs::path aside;
  const auto moment = std::time(nullptr);
  for (int copy = 0; aside.empty() || fs::exists(aside); ++copy) {
    aside = fmt::format("{}.corrupt-{:%Y%m%dT%H%M%SZ}{}", path.string(), fmt::gmtime(moment),
                        copy == 0 ? "" : fmt::format("-{}", copy));
  }
  return aside;
}

Result<void> set_aside(const fs::path& path, const fs::path& aside) {
  for (const auto* ending : {"-wal", "-shm", ""}) {
    std::error_code failure;
    const fs::path from = path.string() + ending;
    if (!fs::exists(from, failure)) continue;
    fs::rename(from, aside.string() + ending, failure);
    if (failure) return error(fmt::format("cannot set {} aside: {}", from.string(), failure.message()));
  }
  return {};
}

Result<void> go_back(const SqliteConnection& connection) {
  return connection.execute(
      "DELETE FROM cursors; DELETE FROM state; "
      "INSERT INTO cursors (stream, state, sum) SELECT stream, state, sum FROM safe_cursors; "
      "INSERT INTO state (kind, id, value, sum) SELECT kind, id, value, sum FROM safe_state; "
      "INSERT OR REPLACE INTO digests (name, rows, sum) VALUES ('gone_back', 1, 0)");
}

namespace {

/// Whether everything of the table was copied.
Result<bool> take_over_table(const CopiedTable& table, const SqliteConnection& from, const SqliteConnection& into,
                             TakenOver& taken) {
  const auto insert = into.prepare(table.insert);
  if (!insert) return insert.error();
  Digest copied;
  const auto was_whole = for_each_row(from, table.query, [&](const SqliteRun& row) -> Result<void> {
    // A damaged file may show a row twice.
    const auto put = put_row(*insert, row, table.kinds);
    if (!put && into.last_trouble() == SqliteTrouble::duplicate) return {};
    if (!put) return put.error();
    if (table.count != nullptr) ++(taken.*table.count);
    ++copied.rows;
    copied.sum += row.number(static_cast<int>(table.kinds.size()) - 1);
    return {};
  });
  if (!was_whole) return was_whole.error();
  if (table.digest.empty()) return *was_whole;
  const auto digest = digest_of(from, table.digest);
  return *was_whole && digest && *digest == copied;
}

Result<void> take_over_tables(std::span<const CopiedTable> copied, const SqliteConnection& from,
                              const SqliteConnection& into, TakenOver& taken) {
  for (const auto& table : copied) {
    const auto is_all = take_over_table(table, from, into, taken);
    if (!is_all) return is_all.error();
    if (!table.digest.empty()) taken.is_proved = taken.is_proved && *is_all;
  }
  return {};
}

}  // namespace

Result<TakenOver> take_over(const fs::path& from, const LedgerFile& into) {
  TakenOver taken;
  const auto old = SqliteConnection::open_to_read(from.string());
  if (!old) return TakenOver{.is_proved = false};
  auto transaction = SqliteTransaction::begin(into.connection);
  if (!transaction) return transaction.error();
  const auto schema = old->number("PRAGMA user_version");
  constexpr std::int64_t with_state_among_cursors = 4;
  if (schema && *schema < current_schema()) taken.is_proved = false;
  const auto places_there =
      schema && *schema <= with_state_among_cursors ? std::span<const CopiedTable>(places_of_schema_4) : places;
  for (const auto& copied : {places_there, std::span<const CopiedTable>(tables)}) {
    if (const auto done = take_over_tables(copied, *old, into.connection, taken); !done) return done.error();
  }
  const auto incidents = into.connection.number("SELECT count(*) FROM state WHERE kind = 'incident'");
  if (!incidents) return incidents.error();
  taken.incidents = static_cast<std::size_t>(*incidents);
  if (!taken.is_proved) {
    if (const auto gone = go_back(into.connection); !gone) return gone.error();
  }
  const auto committed = (*transaction)->commit();
  if (!committed) return committed.error();
  return taken;
}

}  // namespace triaged::store
