#include "daemon/operator_requests.hpp"

#include <spdlog/spdlog.h>

#include "base/utf8.hpp"

namespace triaged::daemon {

store::Commit OperatorRequests::take_up(const store::Ledger& ledger, const Backlog& backlog,
                                        diagnosis::Diagnoser& diagnoser, notify::Notifier& notifier) {
  store::Commit group;
  if (!are_expected_) return group;
  const auto reports = ledger.reports();
  const auto requests = ledger.requests();
  if (!reports || !requests) return group;  // next time; what fails now fails louder elsewhere
  are_expected_ = false;
  diagnoser.use_learnt(diagnosis::Learnt(*reports));
  for (const auto& request : *requests) {
    if (backlog.has_done(request.id)) continue;
    const bool is_resolution = request.action == IncidentAction::resolve;
    const bool is_done =
        is_resolution ? diagnoser.resolve(request.incident) : notifier.acknowledge(request.incident, request.at);
    if (is_done && !is_resolution) group.acknowledged.push_back({request.incident, request.at});
    spdlog::info("incident {} {} an operator{}", to_printable(request.incident),
                 is_resolution ? "resolved by" : "acknowledged by", is_done ? "" : ": it was over already");
    group.done_requests.push_back(request.id);
  }
  return group;
}

}  // namespace triaged::daemon
