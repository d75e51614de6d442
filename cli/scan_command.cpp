// `triaged scan`: the road over files that exist already. Their symptoms are merged by time, time itself is what the
// lines say, and the incidents are printed when the story is over.
#include <algorithm>
#include <cstdio>

#include <fmt/format.h>
#include <unistd.h>

#include "cli/commands.hpp"
#include "cli/print_incidents.hpp"
#include "cli/report_problems.hpp"
#include "config/cache_folder.hpp"
#include "knowledge/dialects/load_rules.hpp"
#include "scan/story_scan.hpp"

namespace triaged {

namespace {

void print_closing_line(const std::vector<Incident>& incidents, std::uint64_t lines, const ScanOptions& options) {
  if (options.quiet || options.output != ScanOutput::text) return;
  fmt::print(stderr, "{} line{} read, {} incident{}\n", lines, lines == 1 ? "" : "s", incidents.size(),
             incidents.size() == 1 ? "" : "s");
}

}  // namespace

int scan_command(const ScanOptions& options) {
  if (options.as_cre_engine) return cre_scan_command(options);
  auto rules = options.rules.load();
  const auto signatures = SignatureSet::compile_when_needed(
      rules.rules, [](const Problem& refused) { print_problems({refused}); }, {.cache = cache_folder()});
  std::erase_if(rules.problems, [&](const Problem& p) { return options.quiet && p.gravity == Gravity::warning; });
  print_problems(rules.problems);
  if (rules.rules->rules().empty()) {
    fmt::print(stderr, "triaged scan: no rules were found; name a folder of rules with --rules DIR\n");
    return exit_could_not_run;
  }
  const auto scan = scan_story(options, rules.rules, signatures);
  if (!scan) return exit_could_not_run;
  print_incidents(scan->incidents, options);
  print_closing_line(scan->incidents, scan->lines, options);
  for (const auto& failure : scan->failures) fmt::print(stderr, "triaged scan: {}\n", failure);
  if (!scan->failures.empty()) return exit_could_not_run;
  return has_found(scan->incidents, options) ? exit_found : exit_done;
}

}  // namespace triaged
