#include "store/ledger.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/crash_point.hpp"
#include "store/ledger_database.hpp"
#include "store/operator_rows.hpp"
#include "store/set_aside.hpp"

namespace triaged::store {

Ledger::Ledger(std::unique_ptr<Database> database) : database_(std::move(database)) {}
Ledger::~Ledger() = default;

Ledger::Opened Ledger::open(const StateFolder& named, Durability durability) {
  // "/var/lib/triaged/" has an empty last name, and would be its own parent.
  auto folder = named.path.lexically_normal();
  if (!folder.has_filename()) folder = folder.parent_path();
  const auto created = create_state_folder(folder);
  if (!created) return OpenFailure{named.shown(created.error().message)};
  auto lock = FolderLock::take(folder);
  if (!lock) return OpenFailure{named.shown(lock.error().message)};
  auto database = std::make_unique<Database>(durability);
  const Lock held(database->mutex);
  database->named = named;
  database->folder = folder;
  database->path = (folder / "triaged.db").string();
  database->lock = std::move(*lock);
  if (auto failure = database->open_file()) return std::move(*failure);
  return std::unique_ptr<Ledger>(new Ledger(std::move(database)));
}

Ledger::Opened Ledger::in_memory() {
  auto database = std::make_unique<Database>(Durability::process);
  const Lock held(database->mutex);
  if (auto failure = database->open_file()) return std::move(*failure);
  return std::unique_ptr<Ledger>(new Ledger(std::move(database)));
}

Result<void> Ledger::commit(const Commit& commit) {
  const Lock held(database_->mutex);
  crash_point("before-commit");
  const auto set_aside_before = database_->times_set_aside;
  if (const auto usable = database_->make_usable(); !usable) return usable.error();
  // What the group goes on from may not stand in the new file.
  if (database_->times_set_aside != set_aside_before)
    return database_->failure(database_->path + " was damaged and is set aside");
  auto transaction = SqliteTransaction::begin(database_->file->connection);
  if (!transaction) return database_->write_error(transaction.error());
  OutboxLoads added;
  const auto written = database_->write(commit, added);
  if (!written) return database_->write_error(written.error());
  const auto committed = (*transaction)->commit();
  if (!committed) return database_->write_error(committed.error());
  crash_point("after-commit");
  if (!commit.safe_cursors.empty()) database_->lacks_cursors = false;
  for (const auto& [sink, load] : added) {
    database_->loads[sink].rows += load.rows;
    database_->loads[sink].bytes += load.bytes;
  }
  return {};
}

std::vector<std::string> Ledger::take_messages() {
  const Lock held(database_->mutex);
  return std::exchange(database_->messages, {});
}

std::uint64_t Ledger::times_set_aside() const {
  const Lock held(database_->mutex);
  return database_->times_set_aside;
}

std::uint64_t Ledger::times_gone_back() const {
  const Lock held(database_->mutex);
  return database_->times_gone_back;
}

bool Ledger::lacks_cursors() const {
  const Lock held(database_->mutex);
  return database_->lacks_cursors;
}

OutboxLoad Ledger::outbox_load(std::string_view sink) const {
  const Lock held(database_->mutex);
  const auto load = database_->loads.find(sink);
  return load == database_->loads.end() ? OutboxLoad{} : load->second;
}

Result<bool> Ledger::mark_delivered(std::int64_t row, TimePoint at) {
  const Lock held(database_->mutex);
  return database_->settle(row, RowOutcome::delivered, at, "");
}

Result<bool> Ledger::mark_rejected(std::int64_t row, TimePoint at, std::string_view why) {
  const Lock held(database_->mutex);
  return database_->settle(row, RowOutcome::rejected, at, why);
}

Result<std::vector<Cursor>> Ledger::cursors() const {
  const Lock held(database_->mutex);
  if (const auto usable = database_->make_usable(); !usable) return usable.error();
  return database_->read_cursors(database_->file->statements.cursors);
}

Result<std::vector<Cursor>> Ledger::safe_cursors() const {
  const Lock held(database_->mutex);
  if (const auto usable = database_->make_usable(); !usable) return usable.error();
  return database_->read_cursors(database_->file->statements.safe_cursors);
}

Result<void> Ledger::go_back() {
  const Lock held(database_->mutex);
  if (const auto usable = database_->make_usable(); !usable) return usable.error();
  auto transaction = SqliteTransaction::begin(database_->file->connection);
  if (!transaction) return database_->write_error(transaction.error());
  if (const auto gone = store::go_back(database_->file->connection); !gone) return database_->write_error(gone.error());
  if (const auto committed = (*transaction)->commit(); !committed) return database_->write_error(committed.error());
  ++database_->times_gone_back;
  database_->lacks_cursors = true;
  return {};
}

std::int64_t Ledger::highest_row() const {
  const Lock held(database_->mutex);
  return database_->highest_row;
}

Result<bool> Ledger::has_pending(std::int64_t row) const {
  const Lock held(database_->mutex);
  if (const auto usable = database_->make_usable(); !usable) return usable.error();
  auto run = database_->file->statements.has_pending.run();
  const auto has_row = run.bind(1, row).step();
  if (!has_row) return database_->read_error(has_row.error());
  return run.number(0) != 0;
}

Result<std::vector<SavedState>> Ledger::state() const {
  const Lock held(database_->mutex);
  if (const auto usable = database_->make_usable(); !usable) return usable.error();
  return database_->read_state(database_->file->statements.state);
}

Result<std::vector<SavedState>> Ledger::safe_state() const {
  const Lock held(database_->mutex);
  if (const auto usable = database_->make_usable(); !usable) return usable.error();
  return database_->read_state(database_->file->statements.safe_state);
}

Result<std::vector<IncidentRequest>> Ledger::requests() const {
  const Lock held(database_->mutex);
  if (const auto usable = database_->make_usable(); !usable) return usable.error();
  auto requests = read_requests(database_->file->statements.requests);
  if (!requests) return database_->read_error(requests.error());
  return requests;
}

Result<std::vector<WorkaroundReport>> Ledger::reports() const {
  const Lock held(database_->mutex);
  if (const auto usable = database_->make_usable(); !usable) return usable.error();
  auto reports = read_reports(database_->file->statements.reports);
  if (!reports) return database_->read_error(reports.error());
  return reports;
}

Result<std::vector<Notification>> Ledger::pending(std::string_view sink, std::size_t limit, TimePoint now) const {
  const Lock held(database_->mutex);
  if (const auto usable = database_->make_usable(); !usable) return usable.error();
  std::vector<Notification> notifications;
  std::vector<std::pair<std::int64_t, std::string>> unreadable;
  {
    auto run = database_->file->statements.pending.run();
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
    const auto settled = database_->settle(row, RowOutcome::rejected, now, why);
    if (!settled) return settled.error();
    database_->say(
        fmt::format("notification {} for sink {} cannot be read and is kept as a dead letter: {}", row, sink, why));
  }
  return notifications;
}

Result<bool> Ledger::was_changed_by_others() {
  const Lock held(database_->mutex);
  if (const auto usable = database_->make_usable(); !usable) return usable.error();
  std::int64_t version = 0;
  {
    auto run = database_->file->statements.version.run();
    const auto has_row = run.step();
    if (!has_row) return database_->read_error(has_row.error());
    version = run.number(0);
  }
  if (std::exchange(database_->file->seen_version, version) == version) return false;
  const auto measured = database_->measure_outbox();
  if (!measured) return measured.error();
  return true;
}

Result<std::vector<AbsentSink>> Ledger::note_sinks(const std::vector<std::string>& names, TimePoint now) {
  const Lock held(database_->mutex);
  if (const auto usable = database_->make_usable(); !usable) return usable.error();
  auto transaction = SqliteTransaction::begin(database_->file->connection);
  if (!transaction) return database_->write_error(transaction.error());
  for (const auto& name : names) {
    const auto present = database_->file->statements.present.run().bind(1, name).finish();
    if (!present) return database_->write_error(present.error());
  }
  std::vector<AbsentSink> absent;
  for (const auto& [name, load] : database_->loads) {
    if (load.rows == 0 || std::find(names.begin(), names.end(), name) != names.end()) continue;
    absent.push_back({.name = name, .pending = load.rows});
    const auto noted = database_->note_absent(absent.back(), now);
    if (!noted) return noted.error();
  }
  const auto committed = (*transaction)->commit();
  if (!committed) return database_->write_error(committed.error());
  for (const auto& sink : absent) {
    if (sink.was_given_up) database_->loads.erase(sink.name);
  }
  return absent;
}

}  // namespace triaged::store
