#include "store/stored_incidents.hpp"

#include <utility>

#include <fmt/format.h>

#include "store/operator_rows.hpp"

namespace triaged::store {

namespace {

constexpr std::int64_t no_limit = -1;

/// Of a row of the table incidents.
constexpr std::string_view is_open = "EXISTS (SELECT 1 FROM state WHERE kind = 'incident' AND state.id = incidents.id)";

}  // namespace

Result<StoredIncidents> StoredIncidents::open(const StateFolder& folder, For purpose) {
  auto file = open_stored_file(folder, purpose);
  if (!file) return file.error();
  return StoredIncidents(std::move(*file));
}

std::string_view StoredStory::state() const {
  if (incident.state == IncidentState::resolved) return "resolved";
  if (requested) return *requested == IncidentAction::resolve ? "resolving" : "acknowledging";
  return incident.acknowledged == TimePoint{} ? "open" : "acknowledged";
}

Result<SqliteStatement> StoredIncidents::selecting(std::string_view columns) const {
  return file_.connection.prepare(fmt::format(
      "SELECT {} FROM incidents WHERE substr(id, 1, length(?1)) = upper(?1) AND (?2 = '' OR id < upper(?2)) "
      "AND (?3 = 0 OR {}) ORDER BY id DESC LIMIT ?4",
      columns, is_open));
}

Result<std::uint64_t> StoredIncidents::count(const StorySelection& wanted) const {
  const auto statement = selecting("count(*)");
  if (!statement) return file_.failure("read", statement.error());
  auto run = statement->run();
  run.bind(1, wanted.prefix).bind(2, wanted.before).bind(3, wanted.only_open ? 1 : 0).bind(4, no_limit);
  const auto has_row = run.step();
  if (!has_row) return file_.failure("read", has_row.error());
  return static_cast<std::uint64_t>(run.number(0));
}

Result<std::vector<StoredStory>> StoredIncidents::all(const StorySelection& wanted) const {
  // Of several requests to resolve is the one that matters.
  const auto statement =
      selecting(fmt::format("incident, acknowledged_at, {}, "
                            "(SELECT coalesce(max(wish), 0) FROM requests WHERE requests.incident = incidents.id)",
                            is_open));
  if (!statement) return file_.failure("read", statement.error());
  std::vector<StoredStory> stories;
  auto run = statement->run();
  run.bind(1, wanted.prefix).bind(2, wanted.before).bind(3, wanted.only_open ? 1 : 0);
  run.bind(4, wanted.most ? std::int64_t{*wanted.most} : no_limit);
  while (true) {
    const auto has_row = run.step();
    if (!has_row) return file_.failure("read", has_row.error());
    if (!*has_row) return stories;
    auto incident = incident_from_json(run.text(0));
    if (!incident) continue;
    incident->acknowledged = TimePoint(Microseconds(run.number(1)));
    if (run.number(2) == 0) incident->state = IncidentState::resolved;
    StoredStory story{.incident = std::move(*incident), .requested = {}};
    if (run.number(3) != 0) story.requested = static_cast<IncidentAction>(run.number(3));
    stories.push_back(std::move(story));
  }
}

Result<void> StoredIncidents::ask(const IncidentRequest& request) const {
  const auto statement =
      file_.connection.prepare("INSERT OR IGNORE INTO requests (id, incident, wish, at) VALUES (?1, ?2, ?3, ?4)");
  if (!statement) return file_.failure("write", statement.error());
  auto run = statement->run();
  run.bind(1, request.id).bind(2, request.incident).bind(3, static_cast<std::int64_t>(request.action));
  const auto left = run.bind(4, request.at.time_since_epoch().count()).finish();
  if (!left) return file_.failure("write", left.error());
  return {};
}

Result<std::vector<WorkaroundReport>> StoredIncidents::reports() const {
  const auto statement = file_.connection.prepare(select_reports);
  if (!statement) return file_.failure("read", statement.error());
  auto reports = read_reports(*statement);
  if (!reports) return file_.failure("read", reports.error());
  return reports;
}

/// True: it was not there, or not withdrawn yet.
Result<bool> StoredIncidents::add_one(const SqliteStatement& insert, const WorkaroundReport& report) const {
  auto run = insert.run();
  run.bind(1, report.id).bind(2, report.at.time_since_epoch().count()).bind(3, report.incident).bind(4, report.rule);
  run.bind(5, report.cause).bind(6, report.workaround);
  run.bind(7, static_cast<std::int64_t>(report.has_worked)).bind(8, static_cast<std::int64_t>(report.is_withdrawn));
  const auto has_row = run.step();
  if (!has_row) return file_.failure("write", has_row.error());
  return *has_row;
}

Result<std::size_t> StoredIncidents::add(std::span<const WorkaroundReport> reports) const {
  auto transaction = SqliteTransaction::begin(file_.connection);
  if (!transaction) return file_.failure("write", transaction.error());
  const auto insert = file_.connection.prepare(
      "INSERT INTO reports (id, at, incident, rule, cause, workaround, has_worked, is_withdrawn) "
      "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT (id) DO UPDATE SET is_withdrawn = 1 "
      "WHERE excluded.is_withdrawn AND NOT reports.is_withdrawn RETURNING id");
  if (!insert) return file_.failure("write", insert.error());
  std::size_t added = 0;
  for (const auto& report : reports) {
    const auto is_new = add_one(*insert, report);
    if (!is_new) return is_new.error();
    added += *is_new ? 1 : 0;
  }
  const auto committed = (*transaction)->commit();
  if (!committed) return file_.failure("write", committed.error());
  return added;
}

Result<std::optional<WorkaroundReport>> StoredIncidents::withdraw_last(std::string_view incident) const {
  auto transaction = SqliteTransaction::begin(file_.connection);
  if (!transaction) return file_.failure("write", transaction.error());
  const auto all = reports();
  if (!all) return all.error();
  const WorkaroundReport* last = nullptr;
  for (const auto& report : *all) {
    if (report.incident == incident && !report.is_withdrawn) last = &report;
  }
  if (last == nullptr) return std::optional<WorkaroundReport>();
  const auto statement = file_.connection.prepare("UPDATE reports SET is_withdrawn = 1 WHERE id = ?1");
  if (!statement) return file_.failure("write", statement.error());
  const auto withdrawn = statement->run().bind(1, last->id).finish();
  if (!withdrawn) return file_.failure("write", withdrawn.error());
  const auto committed = (*transaction)->commit();
  if (!committed) return file_.failure("write", committed.error());
  return std::optional(*last);
}

}  // namespace triaged::store
