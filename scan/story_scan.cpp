#include "scan/story_scan.hpp"

#include <algorithm>
#include <iostream>
#include <map>
#include <set>
#include <thread>

#include <fmt/format.h>
#include <fnmatch.h>
#include <unistd.h>

#include "base/clock.hpp"
#include "cli/progress_bar.hpp"
#include "config/configuration.hpp"
#include "diagnosis/diagnoser.hpp"
#include "probes/probe_stage.hpp"
#include "scan/rotated_logs.hpp"
#include "scan/story.hpp"
#include "scan/zone_guess.hpp"
#include "store/stored_incidents.hpp"

namespace triaged {

namespace {

struct OpenedFiles {
  std::vector<std::unique_ptr<SymptomStream>> streams;
  std::uint64_t total_bytes = 0;
};

bool is_meant(const std::string& glob, const std::string& path) {
  const auto name = path.substr(path.rfind('/') + 1);
  return ::fnmatch(glob.c_str(), path.c_str(), 0) == 0 || ::fnmatch(glob.c_str(), name.c_str(), 0) == 0;
}

std::optional<Format> format_of(const ScanOptions& options, const RotatedLog& log) {
  for (const auto& [format, glob] : options.formats) {
    const auto is_one = [&](const std::string& part) { return is_meant(glob, part); };
    if (is_meant(glob, log.name) || std::any_of(log.parts.begin(), log.parts.end(), is_one)) return format;
  }
  return std::nullopt;
}

/// Opens all files, in name order so that the story does not depend on how they were given. Says what cannot be opened.
std::optional<OpenedFiles> open_files(const ScanOptions& options, const std::shared_ptr<const SignatureSet>& signatures,
                                      ScanProgress& progress) {
  OpenedFiles opened;
  const auto zone = zone_of_neighbours(options.paths);
  bool is_good = true;
  for (const auto& log : rotated_logs(options.paths)) {
    std::vector<std::unique_ptr<FileScan>> files;
    for (const auto& path : log.parts) {
      auto file = FileScan::open(path);
      if (!file) {
        fmt::print(stderr, "triaged scan: {}\n", file.error().message);
        is_good = false;
        continue;
      }
      opened.total_bytes += (*file)->total_bytes();
      files.push_back(std::move(*file));
    }
    if (files.empty()) continue;
    const LineReaderOptions reading{.source_name = log.name, .format = format_of(options, log), .zone = {zone}};
    opened.streams.push_back(std::make_unique<SymptomStream>(std::move(files), signatures, reading, progress));
  }
  if (!is_good) return std::nullopt;
  return opened;
}

/// Nothing, unless a site was named. nullopt: it cannot be read, and standard error says why.
std::optional<Learnt> learnt_of(const ScanOptions& options) {
  if (!options.state) return Learnt();
  const auto incidents = StoredIncidents::open(*options.state, StoredFor::reading);
  const auto reports = incidents ? incidents->reports() : incidents.error();
  if (reports) return Learnt(*reports);
  fmt::print(stderr, "triaged scan: {}\n", reports.error().message);
  return std::nullopt;
}

/// Old logs ask nothing of a host unless somebody wants it: they may be another's.
DiagnosisOptions options_for(const ScanOptions& options) {
  DiagnosisOptions made{.language = options.language};
  if (!options.may_probe) return made;
  made.host = host_name();
  made.looks = ProbeOptions().looks();
  return made;
}

/// Runs the story through the diagnosis, keeps the last form of each incident.
class Scan {
 public:
  Scan(const std::shared_ptr<const RuleSet>& rules, const ScanOptions& options,
       const std::function<void(const Incident&)>& on_told, Learnt learnt, Topology topology)
      : options_(options), on_told_(on_told), diagnoser_(rules, options_for(options)) {
    diagnoser_.use_learnt(std::move(learnt));
    diagnoser_.use_topology(std::move(topology));
  }

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
    if (options_.may_probe) {
      diagnoser_.take_answers(answers_of_host(diagnoser_.take_questions(now(), Diagnoser::Asking::all)));
    }
    for (auto& incident : diagnoser_.open_incidents()) {
      // The story ended while it was settling: a daemon would have told it a moment later.
      if (!told_ids_.contains(incident.id)) tell(incident);
      keep(std::move(incident));
    }
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
      tell(incident);
      if (incident.merged_into.empty()) {
        keep(std::move(incident));
      } else {
        last_forms_.erase(incident.id);
      }
    }
    diagnoser_.drop_state_changes();
  }

  void tell(const Incident& incident) {
    if (!on_told_) return;
    told_ids_.insert(incident.id);
    on_told_(incident);
  }

  void keep(Incident incident) {
    incident.state = IncidentState::open;
    incident.change = Change::opened;
    incident.change_number = 1;
    auto id = incident.id;
    last_forms_.insert_or_assign(std::move(id), std::move(incident));
  }

  const ScanOptions& options_;
  const std::function<void(const Incident&)>& on_told_;
  Diagnoser diagnoser_;
  TimePoint latest_{}, looked_at_{};
  std::map<std::string, Incident> last_forms_;
  std::set<std::string> told_ids_;
};

Topology topology_of(const ScanOptions& options) {
  std::vector<std::string> troubles;
  auto topology = read_topology(options.topology, troubles);
  if (options.quiet) return topology;
  for (const auto& trouble : troubles) std::cerr << "triaged: " << trouble << '\n';
  return topology;
}

}  // namespace

std::optional<StoryScan> scan_story(const ScanOptions& options, const std::shared_ptr<const RuleSet>& rules,
                                    const std::shared_ptr<const SignatureSet>& signatures,
                                    const std::function<void(const Incident&)>& on_told) {
  auto learnt = learnt_of(options);
  if (!learnt) return std::nullopt;
  ScanProgress progress;
  auto files = open_files(options, signatures, progress);
  if (!files) return std::nullopt;
  const auto threads = options.jobs != 0 ? options.jobs : std::thread::hardware_concurrency();
  Story story(std::move(files->streams), threads);
  Scan scan(rules, options, on_told, std::move(*learnt), topology_of(options));
  {
    const bool is_shown = !options.quiet && ::isatty(STDERR_FILENO) == 1;
    const ProgressBar bar(is_shown, files->total_bytes, [&] { return progress.bytes_done.load(); });
    scan.read(story);
  }
  return StoryScan{scan.incidents(), progress.lines, story.failures()};
}

}  // namespace triaged
