#include "scan/story_scan.hpp"

#include <algorithm>
#include <map>
#include <thread>

#include <fnmatch.h>

#include "base/clock.hpp"
#include "probes/probe_stage.hpp"
#include "scan/rotated_logs.hpp"
#include "scan/story.hpp"
#include "scan/zone_guess.hpp"

namespace triaged::scan {

namespace {

using Streams = std::vector<std::unique_ptr<FindingStream>>;

bool is_meant(const std::string& glob, const std::string& path) {
  const auto name = path.substr(path.rfind('/') + 1);
  return ::fnmatch(glob.c_str(), path.c_str(), 0) == 0 || ::fnmatch(glob.c_str(), name.c_str(), 0) == 0;
}

std::optional<formats::Format> format_of(const StoryOptions& options, const RotatedLog& log) {
  for (const auto& [format, glob] : options.formats) {
    const auto is_one = [&glob = glob](const std::string& part) { return is_meant(glob, part); };
    if (is_meant(glob, log.name) || std::any_of(log.parts.begin(), log.parts.end(), is_one)) return format;
  }
  return std::nullopt;
}

/// Opens all files, in name order so that the story does not depend on how they were given.
boost::system::result<Streams, UnopenedFiles> open_files(const StoryOptions& options,
                                                         const std::shared_ptr<const matcher::SignatureSet>& signatures,
                                                         ScanProgress& progress) {
  Streams streams;
  UnopenedFiles unopened;
  const auto zone = zone_of_neighbours(options.paths);
  for (const auto& log : rotated_logs(options.paths)) {
    std::vector<std::unique_ptr<sources::FileScan>> files;
    for (const auto& path : log.parts) {
      auto file = sources::FileScan::open(path);
      if (!file) {
        unopened.why.push_back(file.error().message);
        continue;
      }
      progress.total_bytes += (*file)->total_bytes();
      files.push_back(std::move(*file));
    }
    if (files.empty()) continue;
    const formats::LineReaderOptions reading{.source_name = log.name,
                                             .format = format_of(options, log),
                                             .log_formats = options.topology.log_formats_of(log.name),
                                             .zone = {zone}};
    streams.push_back(
        std::make_unique<FindingStream>(std::move(files), signatures, reading, progress, options.redactor));
  }
  if (!unopened.why.empty()) return unopened;
  return streams;
}

/// Runs the story through the diagnosis, keeps the last form of each incident.
class Scan {
 public:
  Scan(const std::shared_ptr<const knowledge::RuleSet>& rules, StoryOptions options)
      : options_(std::move(options)), diagnoser_(rules, options_.diagnosis), notifier_(options_.notify) {
    diagnoser_.use_learnt(std::move(options_.learnt));
    diagnoser_.use_topology(std::move(options_.topology));
  }

  void read(Story& story) {
    while (auto finding = story.next()) {
      auto& line = matched_line(*finding);
      // Plain output without any time: it belongs to the end of the story.
      if (line.at == TimePoint::max()) line.at = latest_;
      latest_ = std::max(latest_, line.at);
      if (options_.since && line.at < *options_.since) continue;
      if (options_.until && line.at > *options_.until) continue;
      diagnoser_.on_findings({&*finding, 1});
      if (latest_ >= looked_at_ + look_every) advance();
    }
    advance();
    diagnoser_.end_story();
    if (!options_.diagnosis.probe_kinds.empty()) {
      diagnoser_.take_answers(
          probes::answers_of_host(diagnoser_.take_questions(now(), diagnosis::Diagnoser::Asking::all)));
    }
    for (auto& incident : diagnoser_.open_incidents()) {
      // The story ended while it was settling: a daemon would have told it a moment later.
      if (!notifier_.knows(incident.id)) tell({incident});
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
  [[nodiscard]] const std::map<std::string, std::uint64_t>& notifications() const { return notifications_; }

 private:
  static constexpr Microseconds look_every = std::chrono::seconds(1);

  void advance() {
    looked_at_ = latest_;
    diagnoser_.advance_to(latest_, [this](const auto& id, TimePoint at) { return notifier_.wants_update(id, at); });
    auto changes = diagnoser_.take_changes();
    tell(changes);
    for (auto& incident : changes) {
      if (incident.merged_into.empty()) {
        keep(std::move(incident));
      } else {
        last_forms_.erase(incident.id);
      }
    }
    diagnoser_.drop_state_changes();
  }

  void tell(std::vector<Incident> reports) {
    for (const auto& sent : notifier_.on_reports(std::move(reports), latest_).notifications)
      ++notifications_[sent.sink];
    (void)notifier_.take_state_changes();
  }

  void keep(Incident incident) {
    incident.state = IncidentState::open;
    incident.change = Change::opened;
    incident.change_number = 1;
    auto id = incident.id;
    last_forms_.insert_or_assign(std::move(id), std::move(incident));
  }

  StoryOptions options_;
  diagnosis::Diagnoser diagnoser_;
  notify::Notifier notifier_;
  TimePoint latest_{}, looked_at_{};
  std::map<std::string, Incident> last_forms_;
  std::map<std::string, std::uint64_t> notifications_;
};

}  // namespace

StoryScanResult scan_story(StoryOptions options, const std::shared_ptr<const knowledge::RuleSet>& rules,
                           const std::shared_ptr<const matcher::SignatureSet>& signatures, ScanProgress& progress) {
  auto streams = open_files(options, signatures, progress);
  if (!streams) return streams.error();
  Story story(std::move(*streams), options.jobs != 0 ? options.jobs : std::thread::hardware_concurrency());
  Scan scan(rules, std::move(options));
  scan.read(story);
  return StoryScan{scan.incidents(), progress.lines, scan.notifications(), story.failures()};
}

}  // namespace triaged::scan
