// What an operator wants of an open incident. The daemon holds incidents in memory, so whoever has a wish leaves it in
// the ledger; the daemon does it and forgets the wish in one transaction.
#pragma once

#include <string>

#include "base/time.hpp"

namespace triaged::inline values {

enum class Wish { acknowledge = 1, resolve = 2 };

struct IncidentRequest {
  std::string id;  // no two requests share it
  std::string incident;
  Wish wish = Wish::acknowledge;
  TimePoint at;
};

}  // namespace triaged::inline values
