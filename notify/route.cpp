#include "notify/route.hpp"

#include <fmt/format.h>

namespace triaged::notify {

std::optional<Notification> notification_for(const Route& route, const Incident& incident, bool was_told) {
  if (!was_told && (incident.severity < route.min_severity || incident.change == Change::resolved)) return std::nullopt;
  Notification notification{.sink = route.sink,
                            .idempotency_key = fmt::format("{}/{}", incident.id, incident.change_number),
                            .incident = incident};
  if (!was_told) notification.incident.change = Change::opened;
  return notification;
}

}  // namespace triaged::notify
