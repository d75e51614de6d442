#include "store/set_aside.hpp"

#include <ctime>
#include <functional>

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
  const auto& statements = into.statements;
  const auto put = [](const SqliteStatement& statement, const SqliteRun& row, std::size_t& count) -> Result<void> {
    const auto name = row.text(0);
    const auto state = row.text(1);
    ++count;
    return statement.run().bind(1, name).bind(2, state).finish();
  };
  const auto put_row = into.connection.prepare(
      "INSERT OR REPLACE INTO outbox (row, sink, idempotency_key, incident, bytes) VALUES (?1, ?2, ?3, ?4, ?5)");
  if (!put_row) return put_row.error();
  const auto put_notification = [&](const SqliteRun& row) -> Result<void> {
    const std::string texts[] = {row.text(1), row.text(2), row.text(3)};
    ++taken.notifications;
    return put_row->run()
        .bind(1, row.number(0))
        .bind(2, texts[0])
        .bind(3, texts[1])
        .bind(4, texts[2])
        .bind(5, static_cast<std::int64_t>(texts[2].size()))
        .finish();
  };
  // A table is read in its own order, not by an index that may be what is damaged.
  const std::pair<std::string_view, std::function<Result<void>(const SqliteRun&)>> tables[] = {
      {"SELECT stream, state FROM cursors",
       [&](const SqliteRun& row) { return put(statements.put_cursor, row, taken.cursors); }},
      {"SELECT id, state FROM open_incidents",
       [&](const SqliteRun& row) { return put(statements.put_incident, row, taken.incidents); }},
      {"SELECT row, sink, idempotency_key, incident FROM outbox NOT INDEXED WHERE outcome = 0", put_notification},
  };
  for (const auto& [query, take] : tables) {
    const auto was_whole = for_each_row(*old, query, take);
    if (!was_whole) return was_whole.error();
    taken.is_all = taken.is_all && *was_whole;
  }
  const auto committed = (*transaction)->commit();
  if (!committed) return committed.error();
  return taken;
}

}  // namespace triaged
