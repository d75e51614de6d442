#include "store/set_aside.hpp"

#include <ctime>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/chrono.h>
#include <fmt/format.h>

namespace triaged {

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
};

constexpr CopiedTable tables[] = {
    {"SELECT stream, state FROM cursors", "INSERT OR REPLACE INTO cursors (stream, state) VALUES (?1, ?2)", "tt",
     &TakenOver::cursors},
    {"SELECT id, state FROM open_incidents", "INSERT OR REPLACE INTO open_incidents (id, state) VALUES (?1, ?2)", "tt",
     &TakenOver::incidents},
    {"SELECT row, sink, idempotency_key, incident, length(CAST(incident AS BLOB)) FROM outbox NOT INDEXED "
     "WHERE outcome = 0",
     "INSERT OR REPLACE INTO outbox (row, sink, idempotency_key, incident, bytes) VALUES (?1, ?2, ?3, ?4, ?5)", "ntttn",
     &TakenOver::notifications},
    {"SELECT id, incident, acknowledged_at FROM incidents NOT INDEXED",
     "INSERT OR REPLACE INTO incidents (id, incident, acknowledged_at) VALUES (?1, ?2, ?3)", "ttn"},
    {"SELECT id, incident, wish, at FROM requests NOT INDEXED",
     "INSERT OR REPLACE INTO requests (id, incident, wish, at) VALUES (?1, ?2, ?3, ?4)", "ttnn"},
    {"SELECT id, at, incident, rule, cause, workaround, has_worked, is_withdrawn FROM reports NOT INDEXED",
     "INSERT OR REPLACE INTO reports (id, at, incident, rule, cause, workaround, has_worked, is_withdrawn) "
     "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
     "tnttttnn"},
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

Result<TakenOver> take_over(const fs::path& from, const LedgerFile& into) {
  TakenOver taken;
  const auto old = SqliteConnection::open_to_read(from.string());
  if (!old) return TakenOver{.is_all = false};
  auto transaction = SqliteTransaction::begin(into.connection);
  if (!transaction) return transaction.error();
  for (const auto& table : tables) {
    const auto insert = into.connection.prepare(table.insert);
    if (!insert) return insert.error();
    const auto was_whole = for_each_row(*old, table.query, [&](const SqliteRun& row) -> Result<void> {
      if (table.count != nullptr) ++(taken.*table.count);
      return put_row(*insert, row, table.kinds);
    });
    if (!was_whole) return was_whole.error();
    taken.is_all = taken.is_all && *was_whole;
  }
  const auto committed = (*transaction)->commit();
  if (!committed) return committed.error();
  return taken;
}

}  // namespace triaged
