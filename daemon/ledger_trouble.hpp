// What the sinks are told when the ledger itself fails: the one diagnosis that cannot wait in the outbox.
#pragma once

#include <string>

#include "values/incident.hpp"

namespace triaged::daemon {

/// `why` is the ledger's message; `first_seen` names the incident, so that Change::resolved ends what Change::opened
/// began.
[[nodiscard]] Incident ledger_trouble(Change change, const std::string& why, const std::string& host,
                                      TimePoint first_seen, TimePoint now);

}  // namespace triaged::daemon
