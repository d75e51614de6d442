// How the ledger keeps an incident of which nobody was notified.
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "notify/history_summary.hpp"

namespace triaged::notify {

[[nodiscard]] std::string to_json(const PastIncident& incident);
[[nodiscard]] Result<PastIncident> past_incident_from_json(std::string_view json);

}  // namespace triaged::notify
