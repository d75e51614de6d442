// Who is told of what.
#pragma once

#include <optional>
#include <string>

#include "values/incident.hpp"
#include "values/notification.hpp"
#include "values/severity.hpp"

namespace triaged::notify {

/// Which notifications a sink gets.
struct Route {
  std::string sink;
  Severity min_severity = Severity::info;
};

/// What `route` is told of a change; nullopt: nothing. `was_told`: it has heard of this incident before. An incident
/// that was too mild for it until now is opened to it, and one that it never heard of is not resolved to it.
[[nodiscard]] std::optional<Notification> notification_for(const Route& route, const Incident& incident, bool was_told);

}  // namespace triaged::notify
