#include "store/operator_rows.hpp"

namespace triaged::store {

Result<std::vector<IncidentRequest>> read_requests(const SqliteStatement& statement) {
  std::vector<IncidentRequest> requests;
  auto run = statement.run();
  while (true) {
    const auto has_row = run.step();
    if (!has_row) return has_row.error();
    if (!*has_row) return requests;
    requests.push_back({.id = run.text(0),
                        .incident = run.text(1),
                        .action = static_cast<IncidentAction>(run.number(2)),
                        .at = TimePoint(Microseconds(run.number(3)))});
  }
}

Result<std::vector<WorkaroundReport>> read_reports(const SqliteStatement& statement) {
  std::vector<WorkaroundReport> reports;
  auto run = statement.run();
  while (true) {
    const auto has_row = run.step();
    if (!has_row) return has_row.error();
    if (!*has_row) return reports;
    reports.push_back({.id = run.text(0),
                       .at = TimePoint(Microseconds(run.number(1))),
                       .incident = run.text(2),
                       .rule = run.text(3),
                       .cause = run.text(4),
                       .workaround = run.text(5),
                       .has_worked = run.number(6) != 0,
                       .is_withdrawn = run.number(7) != 0});
  }
}

}  // namespace triaged::store
