#include "store/ledger_database.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include <sys/stat.h>

#include "base/crash_point.hpp"
#include "store/set_aside.hpp"

namespace triaged::store {

namespace {

/// Old rows are looked for once in so many settled ones, old incidents once in so many reports.
constexpr std::uint64_t settled_between_prunings = 256;
constexpr std::uint64_t reports_between_prunings = 256;

std::string description_of(const TakenOver& taken) {
  if (taken.is_proved) {
    return fmt::format("{} cursors, {} open incidents and {} undelivered notifications, nothing is missing",
                       taken.cursors, taken.incidents, taken.notifications);
  }
  return fmt::format(
      "{} undelivered notifications, others may be missing. Logs are read again from their last safe place (known for "
      "{}; the others are read from their beginning), and what was found since then is reported again under the same "
      "ids",
      taken.notifications, taken.safe_cursors);
}

}  // namespace

Result<void> create_state_folder(const std::filesystem::path& folder) {
  std::error_code failure;
  if (folder.has_parent_path()) std::filesystem::create_directories(folder.parent_path(), failure);
  // The ledger holds log lines; only the daemon's user and group may read them.
  if (::mkdir(folder.c_str(), 0750) == 0 || errno == EEXIST) return {};
  return error(fmt::format("cannot create {}: {}", folder.string(), std::strerror(errno)));
}

std::optional<OpenFailure> Ledger::Database::open_file() {
  auto why = open_or_replace_file();
  if (why) why->message = named.shown(std::move(why->message));
  return why;
}

/// Opens `path`; a damaged file is set aside first. nullopt: `file` is there.
std::optional<OpenFailure> Ledger::Database::open_or_replace_file() {
  for (int attempt = 0;; ++attempt) {
    if (is_damaged && aside.empty()) {
      const auto name = name_to_set_aside(path);
      const auto moved = set_aside(path, name);
      if (!moved) return OpenFailure{moved.error().message, OpenTrouble::damaged};
      aside = name;
    }
    auto opened = LedgerFile::open(path, durability);
    if (!opened) {
      if (opened.error().trouble != OpenTrouble::damaged || attempt > 0) return opened.error();
      say(opened.error().message);
      is_damaged = true;
      continue;
    }
    if (auto failure = take_over_what_was_set_aside(*opened)) return failure;
    file.emplace(std::move(*opened));
    is_damaged = false;
    if (const auto measured = measure_outbox(); !measured) return OpenFailure{measured.error().message};
    const auto gone_back = file->connection.number("SELECT count(*) FROM digests WHERE name = 'gone_back'");
    if (!gone_back) return OpenFailure{read_error(gone_back.error()).message};
    lacks_cursors = *gone_back > 0;
    file->shrink(pages_freed_at_once);
    return std::nullopt;
  }
}

std::optional<OpenFailure> Ledger::Database::take_over_what_was_set_aside(const LedgerFile& fresh) {
  if (aside.empty()) return std::nullopt;
  const auto taken = take_over(aside, fresh);
  if (!taken) return cannot_read(fresh.connection, path, taken.error());
  const auto numbered = fresh.connection.execute(
      fmt::format("DELETE FROM sqlite_sequence WHERE name = 'outbox'; INSERT INTO sqlite_sequence (name, seq) "
                  "SELECT 'outbox', max({}, (SELECT coalesce(max(row), 0) FROM outbox))",
                  highest_row));
  if (!numbered) return cannot_read(fresh.connection, path, numbered.error());
  say(fmt::format("{} was set aside as {} and a new file is in use; recovered: {}", path, aside.string(),
                  description_of(*taken)));
  aside.clear();
  ++times_set_aside;
  if (!taken->is_proved) ++times_gone_back;
  return std::nullopt;
}

Result<void> Ledger::Database::measure_outbox() {
  OutboxLoads measured;
  auto run = file->statements.loads.run();
  while (true) {
    const auto has_row = run.step();
    if (!has_row) return read_error(has_row.error());
    if (!*has_row) break;
    measured[run.text(0)] = {static_cast<std::uint64_t>(run.number(1)), static_cast<std::uint64_t>(run.number(2))};
  }
  loads = std::move(measured);
  const auto row = file->connection.number("SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'outbox'");
  if (!row) return read_error(row.error());
  highest_row = std::max(highest_row, *row);
  return {};
}

/// The files were deleted or replaced while they are open. All of them can still be read through what is open.
Result<void> Ledger::Database::bring_back() {
  if (!lock.stands_in(folder)) {
    const auto created = create_state_folder(folder);
    if (!created) return created.error();
    auto taken = FolderLock::take(folder);
    if (!taken) return taken.error();
    lock = std::move(*taken);
  }
  if (file->stands()) return {};
  const auto copy = path + ".new";
  std::error_code failure;
  std::filesystem::remove(copy, failure);
  keep_from_others(copy);
  const auto copied = file->connection.copy_to(copy);
  if (!copied) return error(fmt::format("cannot write {}: {}", copy, copied.error().message));
  for (const auto* ending : {"-wal", "-shm"}) std::filesystem::remove(path + ending, failure);
  std::filesystem::rename(copy, path, failure);
  if (failure) return error(fmt::format("cannot rename {} to {}: {}", copy, path, failure.message()));
  file->connection.keep_log_on_close();
  file.reset();
  if (const auto refused = open_file()) return error(refused->message);
  say(fmt::format("{} was deleted or replaced while in use; it was written again and nothing is lost", path));
  return {};
}

Result<void> Ledger::Database::make_usable() {
  if (folder.empty()) return {};
  if (file && file->stands() && !file->looks_whole()) {
    is_damaged = true;
    say(fmt::format("{} is damaged: something else wrote over it or its write-ahead log", path));
  }
  if (file && is_damaged) {
    file->connection.keep_log_on_close();
    file.reset();
  }
  if (!file) {
    if (const auto failure = open_file()) return error(failure->message);
    return {};
  }
  if (lock.stands_in(folder) && file->stands()) return {};
  if (const auto back = bring_back(); !back) return failure(back.error().message);
  return {};
}

/// Cursors and state, the present and the safe ones.
Result<void> Ledger::Database::write_places(const Commit& commit) {
  const auto write_cursors = [](const std::vector<Cursor>& cursors, const SqliteStatement& put,
                                const SqliteStatement& drop) -> Result<void> {
    for (const auto& [stream, state] : cursors) {
      const auto written =
          state.empty() ? drop.run().bind(1, stream).finish() : put.run().bind(1, stream).bind(2, state).finish();
      if (!written) return written;
      crash_point("inside-commit");
    }
    return {};
  };
  const auto write_state = [](const std::vector<SavedState>& rows, const SqliteStatement& put,
                              const SqliteStatement& drop) -> Result<void> {
    for (const auto& [kind, id, value] : rows) {
      const auto kind_name = name_of(kind);
      const auto written = value.empty() ? drop.run().bind(1, kind_name).bind(2, id).finish()
                                         : put.run().bind(1, kind_name).bind(2, id).bind(3, value).finish();
      if (!written) return written;
      crash_point("inside-commit");
    }
    return {};
  };
  const auto& with = file->statements;
  if (const auto done = write_cursors(commit.cursors, with.put_cursor, with.drop_cursor); !done) return done;
  if (const auto done = write_cursors(commit.safe_cursors, with.put_safe_cursor, with.drop_safe_cursor); !done)
    return done;
  if (const auto done = write_state(commit.state, with.put_state, with.drop_state); !done) return done;
  return write_state(commit.safe_state, with.put_safe_state, with.drop_safe_state);
}

Result<void> Ledger::Database::write(const Commit& commit, OutboxLoads& added) {
  auto& statements = file->statements;
  if (const auto written = write_places(commit); !written) return written;
  if (lacks_cursors && !commit.safe_cursors.empty()) {
    const auto forgotten = file->connection.execute("DELETE FROM digests WHERE name = 'gone_back'");
    if (!forgotten) return forgotten.error();
  }
  for (const auto& notification : commit.notifications) {
    const auto json = to_json(notification.incident);
    auto run = statements.put_notification.run();
    run.bind(1, notification.sink).bind(2, notification.idempotency_key).bind(3, json);
    run.bind(4, static_cast<std::int64_t>(json.size()));
    const auto put = run.step();
    if (!put) return put.error();
    highest_row = std::max(highest_row, run.number(0));
    auto& load = added[notification.sink];
    ++load.rows;
    load.bytes += json.size();
    crash_point("inside-commit");
  }
  return write_for_operators(commit);
}

/// `statement` gives streams and their states.
Result<std::vector<Cursor>> Ledger::Database::read_cursors(const SqliteStatement& statement) {
  std::vector<Cursor> cursors;
  auto run = statement.run();
  while (true) {
    const auto has_row = run.step();
    if (!has_row) return read_error(has_row.error());
    if (!*has_row) return cursors;
    cursors.push_back({run.text(0), run.text(1)});
  }
}

/// `statement` gives kinds, ids and values.
Result<std::vector<SavedState>> Ledger::Database::read_state(const SqliteStatement& statement) {
  std::vector<SavedState> rows;
  auto run = statement.run();
  while (true) {
    const auto has_row = run.step();
    if (!has_row) return read_error(has_row.error());
    if (!*has_row) return rows;
    if (const auto kind = state_kind_named(run.text(0))) rows.push_back({*kind, run.text(1), run.text(2)});
  }
}

/// What operators see of it, and their requests that it fulfils.
Result<void> Ledger::Database::write_for_operators(const Commit& commit) {
  const auto& statements = file->statements;
  for (const auto& incident : commit.reported) {
    const auto json = to_json(incident);
    const auto at = incident.acknowledged.time_since_epoch().count();
    const auto put = statements.put_incident.run().bind(1, incident.id).bind(2, json).bind(3, at).finish();
    if (!put) return put.error();
    crash_point("inside-commit");
    if (++reported % reports_between_prunings != 0) continue;
    const auto pruned = statements.prune_incidents.run().bind(1, incidents_kept).finish();
    if (!pruned) return pruned.error();
  }
  for (const auto& [id, at] : commit.acknowledged) {
    const auto noted = statements.acknowledge.run().bind(1, id).bind(2, at.time_since_epoch().count()).finish();
    if (!noted) return noted.error();
    crash_point("inside-commit");
  }
  for (const auto& id : commit.done_requests) {
    const auto dropped = statements.drop_request.run().bind(1, id).finish();
    if (!dropped) return dropped.error();
    crash_point("inside-commit");
  }
  return {};
}

Result<bool> Ledger::Database::settle(std::int64_t row, RowOutcome outcome, TimePoint at, std::string_view why) {
  if (const auto usable = make_usable(); !usable) return usable.error();
  auto transaction = SqliteTransaction::begin(file->connection);
  if (!transaction) return write_error(transaction.error());
  std::string sink;
  std::uint64_t bytes = 0;
  {
    auto run = file->statements.settle.run();
    run.bind(1, row).bind(2, static_cast<std::int64_t>(outcome)).bind(3, at.time_since_epoch().count()).bind(4, why);
    const auto changed = run.step();
    if (!changed) return write_error(changed.error());
    if (!*changed) return false;
    sink = run.text(0);
    bytes = static_cast<std::uint64_t>(run.number(1));
  }
  const auto counted = outcome == RowOutcome::delivered
                           ? file->statements.count_delivered.run().bind(1, sink).finish()
                           : file->statements.count_rejected.run().bind(1, sink).bind(2, 1).finish();
  if (!counted) return write_error(counted.error());
  const bool is_time_to_prune = ++settled % settled_between_prunings == 0;
  if (is_time_to_prune) {
    const auto pruned = file->statements.prune.run().bind(1, outbox_rows_kept).finish();
    if (!pruned) return write_error(pruned.error());
  }
  crash_point("inside-settle");
  const auto committed = (*transaction)->commit();
  if (!committed) return write_error(committed.error());
  crash_point("after-settle");
  auto& load = loads[sink];
  load.rows -= std::min<std::uint64_t>(load.rows, 1);
  load.bytes -= std::min(load.bytes, bytes);
  if (is_time_to_prune) file->shrink(pages_freed_at_once);
  return true;
}

/// What one absent sink has left is given up, or waits on.
Result<void> Ledger::Database::note_absent(AbsentSink& sink, TimePoint now) {
  auto& statements = file->statements;
  {
    auto run = statements.absent.run();
    const auto noted_since = run.bind(1, sink.name).bind(2, now.time_since_epoch().count()).step();
    if (!noted_since) return write_error(noted_since.error());
    sink.since = TimePoint(Microseconds(run.number(0)));
  }
  sink.was_given_up = now - sink.since >= absent_sink_time;
  if (!sink.was_given_up) return {};
  const auto why = fmt::format("no sink of this name has been configured since {}", to_rfc3339(sink.since));
  const auto given_up =
      statements.give_up.run().bind(1, sink.name).bind(2, now.time_since_epoch().count()).bind(3, why).finish();
  if (!given_up) return write_error(given_up.error());
  const auto counted =
      statements.count_rejected.run().bind(1, sink.name).bind(2, static_cast<std::int64_t>(sink.pending)).finish();
  if (!counted) return write_error(counted.error());
  return {};
}

}  // namespace triaged::store
