#include "cli/print_incidents.hpp"

#include <algorithm>
#include <cstdio>

#include <fmt/format.h>
#include <unistd.h>

#include "cli/report_problems.hpp"
#include "values/incident_markdown.hpp"
#include "values/incident_text.hpp"

namespace triaged::cli {

void print_incidents(const std::vector<Incident>& incidents, const ScanOptions& options) {
  for (const auto& incident : incidents) {
    if (options.output == ScanOutput::json) {
      fmt::print("{}\n", to_json(incident));
    } else if (options.output == ScanOutput::markdown) {
      fmt::print("{}\n", to_markdown(incident));
    } else {
      fmt::print("{}\n", to_text(incident, {.colour = shows_colour(STDOUT_FILENO), .shows_all = options.verbose}));
    }
  }
}

bool has_found(const std::vector<Incident>& incidents, const ScanOptions& options) {
  return options.fail_on && std::any_of(incidents.begin(), incidents.end(), [&](const Incident& incident) {
           return incident.severity >= *options.fail_on;
         });
}

}  // namespace triaged::cli
