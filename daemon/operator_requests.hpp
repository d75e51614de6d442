// What operators leave in the ledger (`triaged incidents`, the admin pages): acknowledge or resolve an incident,
// reports on workarounds.
#pragma once

#include "daemon/backlog.hpp"
#include "diagnosis/diagnoser.hpp"
#include "notify/notifier.hpp"
#include "store/ledger.hpp"

namespace triaged::daemon {

class OperatorRequests {
 public:
  /// There may be some that were not looked at, as there may be after a start.
  void expect() { are_expected_ = true; }

  /// Takes up what is there. What a request changes belongs into one group with its end (`done_requests` of the
  /// answer), so that both become true together. Those that `backlog` has done already are left out.
  [[nodiscard]] store::Commit take_up(const store::Ledger& ledger, const Backlog& backlog,
                                      diagnosis::Diagnoser& diagnoser, notify::Notifier& notifier);

 private:
  bool are_expected_ = true;
};

}  // namespace triaged::daemon
