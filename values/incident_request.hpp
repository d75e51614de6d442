// What an operator asks the daemon to do with an open incident. The daemon holds open incidents in memory, so a command
// or a form leaves its request in the ledger; the daemon does it and deletes the request in one transaction.
#pragma once

#include <string>

#include "base/time.hpp"

namespace triaged::inline values {

/// The numbers stand in ledgers.
enum class IncidentAction { acknowledge = 1, resolve = 2 };

struct IncidentRequest {
  std::string id;  // no two requests share it
  std::string incident;
  IncidentAction action = IncidentAction::acknowledge;
  TimePoint at;
};

}  // namespace triaged::inline values
