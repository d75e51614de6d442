// `triaged scan --parity cre`: the verdicts of the CRE format's own engine.
#include <fmt/format.h>

#include "cli/commands.hpp"
#include "cli/print_incidents.hpp"
#include "cli/report_problems.hpp"
#include "cre/cre_run.hpp"

namespace triaged::cli {

namespace {

/// The verdicts are that engine's; the lines that are shown with them are redacted like all others.
void redact(std::vector<Incident>& incidents, const formats::Redactor& redactor) {
  for (auto& incident : incidents) {
    for (auto& evidence : incident.evidence) evidence.line = redactor.redacted(evidence.line);
    for (auto& link : incident.chain) link.line = redactor.redacted(link.line);
  }
}

}  // namespace

int cre_scan_command(const ScanOptions& options) {
  if (options.rules.folders.empty()) {
    fmt::print(stderr, "triaged scan: --parity cre needs CRE rules: name their file or folder with --rules\n");
    return exit_could_not_run;
  }
  if (options.since || options.until || !options.formats.empty()) {
    fmt::print(stderr, "triaged scan: --since, --until and --format cannot be combined with --parity cre\n");
    return exit_could_not_run;
  }
  const auto redactor = options.redaction.load(options.quiet);
  if (redactor == nullptr) return exit_could_not_run;
  auto rules = knowledge::load_cre_rules(options.rules.folders);
  if (options.quiet) std::erase_if(rules.problems, [](const Problem& p) { return p.level == ProblemLevel::warning; });
  print_problems(rules.problems);
  if (has_errors(rules.problems)) return exit_could_not_run;
  auto outcome = cre::run_cre(rules.rules, options.paths);
  redact(outcome.incidents, *redactor);
  for (const auto& failure : outcome.unreadable) fmt::print(stderr, "triaged scan: {}\n", failure);
  for (const auto& failure : outcome.cut_short) fmt::print(stderr, "triaged scan: {}\n", failure);
  if (outcome.files == 0) return exit_could_not_run;
  print_incidents(outcome.incidents, options);
  if (!options.quiet && options.output == ScanOutput::text) {
    fmt::print(stderr, "{} entries read, {} of {} rules hit", outcome.entries, outcome.incidents.size(),
               rules.rules.size());
    if (outcome.slow_patterns > 0) fmt::print(stderr, "; {} patterns are left to RE2", outcome.slow_patterns);
    fmt::print(stderr, "\n");
  }
  if (!outcome.cut_short.empty()) return exit_could_not_run;
  return has_found(outcome.incidents, options) ? exit_found : exit_done;
}

}  // namespace triaged::cli
