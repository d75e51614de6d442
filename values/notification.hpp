// An incident as one sink must tell it.
#pragma once

#include <cstdint>
#include <string>

#include "values/incident.hpp"

namespace triaged::inline values {

struct Notification {
  std::int64_t row = 0;         // its place in the outbox; 0 until it is committed
  std::string sink;             // name of the sink it is for
  std::string idempotency_key;  // "INCIDENT/CHANGE-NUMBER", kept over every retry and restart
  Incident incident;
};

}  // namespace triaged::inline values
