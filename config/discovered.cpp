#include "config/discovered.hpp"

#include <string>
#include <utility>

#include "discover/discover.hpp"
#include "discover/proposal.hpp"
#include "discover/show_discovery.hpp"

namespace triaged::config {

namespace {

constexpr const char* origin = "without a configuration";

constexpr const char* nothing_found =
    "found no log to follow on this host; waiting for logs at the usual places below /var/log. Start your servers and "
    "reload triaged, or name your logs in a configuration (triaged run --config FILE); `triaged discover` shows what "
    "it "
    "looked for";

void report(ProblemLevel level, std::string message, Problems& problems) {
  problems.push_back({level, origin, 0, 0, std::move(message), ""});
}

}  // namespace

Configuration discovered_configuration(Problems& problems) {
  const auto found = discover::discover("/", discover::this_process("/"));
  auto outlook = discover::outlook_of(found);
  if (!discover::finds_logs(found)) {
    report(ProblemLevel::warning, nothing_found, problems);
  } else {
    report(ProblemLevel::note, "following what runs here; `triaged discover --write FILE` makes a configuration of it",
           problems);
  }
  for (auto& each : outlook.follows) report(ProblemLevel::note, std::move(each), problems);
  for (auto& each : outlook.lacks) report(ProblemLevel::warning, std::move(each), problems);
  Problems mistakes;
  auto configuration =
      read_configuration(discover::proposed_configuration(found, discover::UsualPlaces::added), origin, mistakes);
  for (auto& mistake : mistakes) {  // its places are in a text that nobody sees
    report(ProblemLevel::warning, std::move(mistake.message), problems);
  }
  if (has_errors(mistakes)) return default_configuration();
  configuration.file.clear();
  return configuration;
}

}  // namespace triaged::config
