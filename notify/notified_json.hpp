// How the ledger keeps what was told of an incident.
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "notify/notifier.hpp"

namespace triaged::notify {

[[nodiscard]] std::string to_json(const NotifiedIncident& notified);
[[nodiscard]] Result<NotifiedIncident> notified_from_json(std::string_view json);

}  // namespace triaged::notify
