// `triaged scan`: the road over files that exist already. Their symptoms are merged by time, time itself is what the
// lines say, and the incidents are printed when the story is over.
#include <algorithm>
#include <cstdio>
#include <map>
#include <thread>

#include <fmt/format.h>
#include <fnmatch.h>
#include <unistd.h>

#include "daemon/cache_folder.hpp"
#include "daemon/commands.hpp"
#include "daemon/print_incidents.hpp"
#include "daemon/progress_bar.hpp"
#include "daemon/report_problems.hpp"
#include "daemon/story.hpp"
#include "daemon/zone_guess.hpp"
#include "diagnosis/diagnoser.hpp"
#include "knowledge/load_rules.hpp"

namespace triaged {

namespace {

struct OpenedFiles {
  std::vector<std::unique_ptr<SymptomStream>> streams;
  std::uint64_t total_bytes = 0;
};

std::optional<Format> format_of(const ScanOptions& options, const std::string& path) {
  const auto name = path.substr(path.rfind('/') + 1);
  for (const auto& [format, glob] : options.formats) {
    if (::fnmatch(glob.c_str(), path.c_str(), 0) == 0 || ::fnmatch(glob.c_str(), name.c_str(), 0) == 0) return format;
  }
  return std::nullopt;
}

/// Opens all files, in name order so that the story does not depend on how they were given. Says what cannot be opened.
std::optional<OpenedFiles> open_files(const ScanOptions& options, const std::shared_ptr<const SignatureSet>& signatures,
                                      ScanProgress& progress) {
  OpenedFiles opened;
  auto paths = options.paths;
  std::sort(paths.begin(), paths.end());
  paths.erase(std::unique(paths.begin(), paths.end()), paths.end());
  const auto zone = zone_of_neighbours(paths);
  bool is_good = true;
  for (const auto& path : paths) {
    auto file = FileScan::open(path);
    if (!file) {
      fmt::print(stderr, "triaged scan: {}\n", file.error().message);
      is_good = false;
      continue;
    }
    opened.total_bytes += (*file)->total_bytes();
    const LineReaderOptions reading{
        .source_name = path, .format = format_of(options, path), .zone = {zone}, .reference = (*file)->modified_at()};
    opened.streams.push_back(std::make_unique<SymptomStream>(std::move(*file), signatures, reading, progress));
  }
  if (!is_good) return std::nullopt;
  return opened;
}

/// Runs the story through the diagnosis and keeps the last form of each incident.
class Scan {
 public:
  Scan(const std::shared_ptr<const RuleSet>& rules, const ScanOptions& options)
      : options_(options), diagnoser_(rules, {.language = options.language}) {}

  void read(Story& story) {
    while (auto symptom = story.next()) {
      // Plain output without any time: it belongs to the end of the story.
      if (symptom->at == TimePoint::max()) symptom->at = latest_;
      latest_ = std::max(latest_, symptom->at);
      if (options_.since && symptom->at < *options_.since) continue;
      if (options_.until && symptom->at > *options_.until) continue;
      diagnoser_.on_symptoms({&*symptom, 1});
      if (latest_ >= looked_at_ + look_every) advance();
    }
    advance();
    diagnoser_.end_story();
    for (auto& incident : diagnoser_.open_incidents()) keep(std::move(incident));
  }

  [[nodiscard]] std::vector<Incident> incidents() {
    std::vector<Incident> all;
    for (auto& [id, incident] : last_forms_) all.push_back(std::move(incident));
    std::stable_sort(all.begin(), all.end(), [](const Incident& a, const Incident& b) {
      if (a.severity != b.severity) return a.severity > b.severity;
      if (a.count != b.count) return a.count > b.count;
      return a.first_seen < b.first_seen;
    });
    return all;
  }

 private:
  static constexpr Microseconds look_every = std::chrono::seconds(1);

  void advance() {
    looked_at_ = latest_;
    diagnoser_.advance_to(latest_);
    for (auto& incident : diagnoser_.take_changes()) {
      if (incident.merged_into.empty()) {
        keep(std::move(incident));
      } else {
        last_forms_.erase(incident.id);
      }
    }
    diagnoser_.drop_state_changes();
  }

  void keep(Incident incident) {
    incident.state = IncidentState::open;
    incident.change = Change::opened;
    incident.change_number = 1;
    auto id = incident.id;
    last_forms_.insert_or_assign(std::move(id), std::move(incident));
  }

  const ScanOptions& options_;
  Diagnoser diagnoser_;
  TimePoint latest_{}, looked_at_{};
  std::map<std::string, Incident> last_forms_;
};

void print_closing_line(const std::vector<Incident>& incidents, const ScanProgress& progress,
                        const ScanOptions& options) {
  if (options.quiet || options.output != ScanOutput::text) return;
  fmt::print(stderr, "{} line{} read, {} incident{}\n", progress.lines.load(), progress.lines == 1 ? "" : "s",
             incidents.size(), incidents.size() == 1 ? "" : "s");
}

}  // namespace

int scan_command(const ScanOptions& options) {
  if (options.as_cre_engine) return cre_scan_command(options);
  auto rules = options.rules.load();
  const auto signatures = SignatureSet::compile_when_needed(rules.rules, rules.problems,
                                                            [](const Problem& refused) { print_problems({refused}); },
                                                            {.cache = cache_folder()});
  std::erase_if(rules.problems, [&](const Problem& p) { return options.quiet && p.gravity == Gravity::warning; });
  print_problems(rules.problems);
  if (rules.rules->rules().empty()) {
    fmt::print(stderr, "triaged scan: no rules were found; name a folder of rules with --rules DIR\n");
    return exit_could_not_run;
  }
  ScanProgress progress;
  auto files = open_files(options, signatures, progress);
  if (!files) return exit_could_not_run;
  const auto threads = options.jobs != 0 ? options.jobs : std::thread::hardware_concurrency();
  Story story(std::move(files->streams), threads);
  Scan scan(rules.rules, options);
  {
    const bool is_shown = !options.quiet && ::isatty(STDERR_FILENO) == 1;
    const ProgressBar bar(is_shown, files->total_bytes, [&] { return progress.bytes_done.load(); });
    scan.read(story);
  }
  const auto incidents = scan.incidents();
  print_incidents(incidents, options);
  print_closing_line(incidents, progress, options);
  for (const auto& failure : story.failures()) fmt::print(stderr, "triaged scan: {}\n", failure);
  if (!story.failures().empty()) return exit_could_not_run;
  return has_found(incidents, options) ? exit_found : exit_done;
}

}  // namespace triaged
