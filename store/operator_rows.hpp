// The rows that operators write, as the daemon's ledger and the commands beside it both read them. For the room's own
// use.
#pragma once

#include <string_view>
#include <vector>

#include "store/sqlite.hpp"
#include "values/incident_request.hpp"
#include "values/workaround_report.hpp"

namespace triaged::store {

inline constexpr std::string_view select_requests = "SELECT id, incident, wish, at FROM requests ORDER BY rowid";
inline constexpr std::string_view select_reports =
    "SELECT id, at, incident, rule, cause, workaround, has_worked, is_withdrawn FROM reports ORDER BY at, id";

/// `statement` is select_requests, prepared. The error is SQLite's own.
[[nodiscard]] Result<std::vector<IncidentRequest>> read_requests(const SqliteStatement& statement);
/// The same of select_reports.
[[nodiscard]] Result<std::vector<WorkaroundReport>> read_reports(const SqliteStatement& statement);

}  // namespace triaged::store
