// `triaged scan`: the road over files that exist already. Their symptoms are merged by time, time itself is what the
// lines say, and the incidents are printed when the story is over.
#include <algorithm>
#include <cstdio>

#include <fmt/format.h>
#include <unistd.h>

#include "base/host_name.hpp"
#include "cli/commands.hpp"
#include "cli/print_incidents.hpp"
#include "cli/progress_bar.hpp"
#include "cli/report_problems.hpp"
#include "config/cache_folder.hpp"
#include "daemon/descriptor_limit.hpp"
#include "knowledge/dialects/load_rules.hpp"
#include "probes/probe_options.hpp"
#include "scan/find_logs.hpp"
#include "scan/story_scan.hpp"
#include "store/stored_incidents.hpp"

namespace triaged::cli {

namespace {

std::string counted(std::uint64_t count, std::string_view what) {
  return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

void print_closing_line(const scan::StoryScan& story, std::size_t not_read, const ScanOptions& options) {
  if (options.quiet || options.output != ScanOutput::text) return;
  not_read += story.failures.size();
  fmt::print(stderr, "{} read, {}{}\n", counted(story.lines, "line"), counted(story.incidents.size(), "incident"),
             not_read == 0 ? "" : fmt::format(", {} not read", counted(not_read, "file")));
}

/// What the site has learnt that was named. nullopt: it cannot be read, and standard error says why.
std::optional<diagnosis::Learnt> learnt_of(const ScanOptions& options) {
  if (!options.state) return diagnosis::Learnt();
  const auto incidents = store::StoredIncidents::open(*options.state, store::StoredFor::reading);
  const auto reports = incidents ? incidents->reports() : incidents.error();
  if (reports) return diagnosis::Learnt(*reports);
  fmt::print(stderr, "triaged scan: {}\n", reports.error().message);
  return std::nullopt;
}

topology::Topology topology_of(const ScanOptions& options) {
  std::vector<std::string> troubles;
  auto topology = topology::read_topology(options.topology, troubles);
  if (options.quiet) return topology;
  for (const auto& trouble : troubles) fmt::print(stderr, "triaged: {}\n", trouble);
  return topology;
}

/// Old logs ask nothing of a host unless somebody wants it: they may be another's.
diagnosis::DiagnosisOptions diagnosis_of(const ScanOptions& options) {
  diagnosis::DiagnosisOptions made{.language = options.language};
  if (!options.may_probe) return made;
  made.host = host_name();
  made.probe_kinds = probes::ProbeOptions().probe_kinds();
  return made;
}

/// nullopt: something cannot be read, and standard error says what and why.
std::optional<scan::StoryScan> scan(const ScanOptions& options, const std::shared_ptr<const knowledge::RuleSet>& rules,
                                    const std::shared_ptr<const matcher::SignatureSet>& signatures) {
  auto redactor = options.redaction.load(options.quiet);
  if (redactor == nullptr) return std::nullopt;
  auto learnt = learnt_of(options);
  if (!learnt) return std::nullopt;
  scan::StoryOptions story{.paths = options.paths,
                           .formats = options.formats,
                           .span = {options.since, options.until},
                           .jobs = options.jobs,
                           .diagnosis = diagnosis_of(options),
                           .learnt = std::move(*learnt),
                           .topology = topology_of(options),
                           .redactor = std::move(redactor)};
  scan::ScanProgress progress;
  const auto read = [&] {
    const ProgressBar bar(!options.quiet && ::isatty(STDERR_FILENO) == 1, progress);
    return scan::scan_story(std::move(story), rules, signatures, progress);
  };
  auto result = read();
  if (result) return std::move(*result);
  for (const auto& why : result.error().why) fmt::print(stderr, "triaged scan: {}\n", why);
  return std::nullopt;
}

/// Takes the files that the paths stand for, and gives how many were named and are none. nullopt: there is none at all,
/// and standard error says why.
std::optional<std::size_t> find_files(ScanOptions& options) {
  auto found = scan::find_logs(options.paths);
  for (const auto& warning : found.warnings) fmt::print(stderr, "triaged scan: {}\n", warning);
  options.paths = std::move(found.paths);
  return options.paths.empty() ? std::nullopt : std::optional(found.not_read);
}

/// One line for each log, but of a large folder not hundreds of them.
template <typename Log>
void print_some(const std::vector<Log>& logs, std::size_t most, const auto& text_of) {
  const auto shown = std::min(logs.size(), most);
  for (std::size_t i = 0; i < shown; ++i) fmt::print(stderr, "triaged scan: {}\n", text_of(logs[i]));
  if (shown == logs.size()) return;
  fmt::print(stderr, "triaged scan: … and {} like that (--verbose names them)\n",
             counted(logs.size() - shown, "more log"));
}

void print_notes(const scan::StoryScan& story, const ScanOptions& options) {
  if (options.quiet) return;
  const std::size_t most_outside = options.verbose ? story.outside_span.size() : 3;
  print_some(story.outside_span, most_outside, [&](const auto& log) {
    return to_text(log, {options.since, options.until});
  });
  const std::size_t most_not_understood = options.verbose ? story.not_understood.size() : 10;
  print_some(story.not_understood, most_not_understood, [&](const auto& log) {
    return fmt::format("{} ('triaged explain LINE' says more of a line)", to_text(log, *story.redactor));
  });
}

}  // namespace

int scan_command(const ScanOptions& given) {
  (void)daemon::raise_descriptor_limit();  // the files of a story are open together
  auto options = given;
  if (given.paths.empty()) options.paths = {"-"};
  const auto not_read = find_files(options);
  if (!not_read) return exit_could_not_run;
  if (options.as_cre_engine) return cre_scan_command(options);
  auto rules = options.rules.load();
  const auto signatures = matcher::SignatureSet::compile_when_needed(
      rules.rules, [](const Problem& refused) { print_problems({refused}); }, {.cache = config::cache_folder()});
  std::erase_if(rules.problems, [&](const Problem& p) { return options.quiet && p.level == ProblemLevel::warning; });
  print_problems(rules.problems);
  if (rules.rules->rules().empty()) {
    fmt::print(stderr, "triaged scan: no rules were found; name a folder of rules with --rules DIR\n");
    return exit_could_not_run;
  }
  const auto story = scan(options, rules.rules, signatures);
  if (!story) return exit_could_not_run;
  if (given.paths.empty() && story->lines == 0) {
    fmt::print(stderr, "triaged scan: no PATH is named, and standard input is empty\n");
    return exit_could_not_run;
  }
  print_incidents(story->incidents, options);
  print_closing_line(*story, *not_read, options);
  print_notes(*story, options);
  for (const auto& failure : story->failures) fmt::print(stderr, "triaged scan: {}\n", failure);
  if (!story->failures.empty() && story->lines == 0) return exit_could_not_run;
  return has_found(story->incidents, options) ? exit_found : exit_done;
}

}  // namespace triaged::cli
