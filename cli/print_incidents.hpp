// How one-shot commands show what they found, and whether that is bad enough for --fail-on.
#pragma once

#include <vector>

#include "cli/commands.hpp"
#include "values/incident.hpp"

namespace triaged::cli {

void print_incidents(const std::vector<Incident>& incidents, const ScanOptions& options);

[[nodiscard]] bool has_found(const std::vector<Incident>& incidents, const ScanOptions& options);

}  // namespace triaged::cli
