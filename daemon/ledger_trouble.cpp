#include "daemon/ledger_trouble.hpp"

#include <fmt/format.h>

#include "values/identity.hpp"
#include "values/symptom.hpp"

namespace triaged::daemon {

namespace {

constexpr const char* rule = "triaged/ledger";

/// The words of SQLite and of the C library for a disk without room.
bool is_about_room(const std::string& why) {
  return why.find("disk is full") != std::string::npos || why.find("No space left") != std::string::npos;
}

}  // namespace

Incident ledger_trouble(Change change, const std::string& why, const std::string& host, TimePoint first_seen,
                        TimePoint now) {
  Incident incident;
  incident.id = incident_id({.rule = rule, .source = host, .at = first_seen, .line = rule});
  incident.entity = {"host", host};
  incident.key = incident_key(rule, incident.entity);
  incident.state = change == Change::resolved ? IncidentState::resolved : IncidentState::open;
  incident.change = change;
  incident.change_number = change == Change::opened ? 1 : 2;
  incident.severity = Severity::critical;
  incident.title = "triaged cannot write its ledger: no other diagnosis is delivered";
  incident.host = host;
  incident.first_seen = first_seen;
  incident.last_seen = now;
  incident.count = 1;
  const std::string cause = is_about_room(why) ? "disk-full" : "ledger-unavailable";
  incident.causes = {{.cause = cause, .rule = rule, .probability = 1, .text = why, .because = {}}};
  incident.chain = {{.rule = rule, .role = ChainRole::root, .at = first_seen, .source = "triaged", .line = why}};
  incident.workarounds = {{.action = "Let triaged write its state folder again",
                           .how =
                               "Free space on its disk, or end what holds the lock; triaged resumes by itself. Do not "
                               "delete the folder: what is not delivered yet stands in it",
                           .success_rate = 0.95,
                           .score = 0.95,
                           .cause = cause}};
  incident.rules = {rule};
  incident.confidence = 1;
  return incident;
}

}  // namespace triaged::daemon
