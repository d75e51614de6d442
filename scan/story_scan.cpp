#include "scan/story_scan.hpp"

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <map>
#include <system_error>
#include <thread>

#include <fnmatch.h>

#include "base/clock.hpp"
#include "probes/probe_stage.hpp"
#include "scan/line_origins.hpp"
#include "scan/own_formats.hpp"
#include "scan/rotated_logs.hpp"
#include "scan/story.hpp"
#include "scan/time_clues.hpp"

namespace triaged::scan {

namespace {

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

struct OpenedLogs {
  std::vector<std::unique_ptr<FindingStream>> streams;
  TimePoint modified_at{};            // of the last one
  std::vector<std::string> failures;  // files that cannot be opened
};

/// The file or, of a large one, the part of it in which the span lies.
Result<LogFile> open_log(const std::string& path, const formats::LineReaderOptions& reading,
                         const StoryOptions& options) {
  auto part = find_part(path, reading, options.span, options.search);
  auto scan =
      part ? sources::FileScan::open(path, {.begin = part->begin, .end = part->end}) : sources::FileScan::open(path);
  if (!scan) return scan.error();
  return LogFile{std::move(*scan), std::move(part)};
}

/// The last year is then the one nearest to the dates in the lines.
TimePoint reference_of(const TimeClues& clues) {
  return clues.dated ? *clues.dated + std::chrono::days(180) : TimePoint();
}

/// Some of its lines; empty: it is no file, and what is read of a pipe is gone.
std::string beginning_of(const RotatedLog& log) {
  constexpr std::size_t some = 16 * 1024;
  std::error_code ignored;
  const auto& newest = log.parts.back();
  return std::filesystem::is_regular_file(newest, ignored) ? sources::beginning_of(newest, some) : "";
}

/// Opens all files, in name order so that the story does not depend on how they were given.
OpenedLogs open_logs(const StoryOptions& options, const std::shared_ptr<const matcher::SignatureSet>& signatures,
                     ScanProgress& progress) {
  OpenedLogs opened;
  const auto clues = time_clues_in(options.paths);
  for (const auto& log : rotated_logs(options.paths)) {
    const auto beginning = options.topology.log_formats().empty() ? "" : beginning_of(log);
    const formats::LineReaderOptions reading{.source_name = log.name,
                                             .format = format_of(options, log),
                                             .log_formats = log_formats_for(log.name, beginning, options.topology),
                                             .zone = {clues.zone},
                                             .reference = reference_of(clues)};
    std::vector<LogFile> files;
    for (const auto& path : log.parts) {
      auto file = open_log(path, reading, options);
      if (!file) {
        opened.failures.push_back(file.error().message);
        continue;
      }
      progress.total_bytes += file->scan->total_bytes();
      opened.modified_at = std::max(opened.modified_at, file->scan->modified_at());
      files.push_back(std::move(*file));
    }
    if (files.empty()) continue;
    auto stream = std::make_unique<FindingStream>(std::move(files), signatures, reading, progress, options.redactor);
    if (options.span.since || options.span.until) stream->note_times(reading);
    opened.streams.push_back(std::move(stream));
  }
  return opened;
}

/// Runs the story through the diagnosis, keeps the last form of each incident.
class Scan {
 public:
  /// `modified_at`: of the files.
  Scan(const std::shared_ptr<const knowledge::RuleSet>& rules, StoryOptions options, TimePoint modified_at)
      : options_(std::move(options)),
        modified_at_(modified_at),
        diagnoser_(rules, options_.diagnosis),
        notifier_(options_.notify) {
    diagnoser_.use_learnt(std::move(options_.learnt));
    diagnoser_.use_topology(std::move(options_.topology));
  }

  void read(Story& story) {
    while (auto finding = story.next()) {
      if (std::holds_alternative<CoveredTime>(*finding)) {
        diagnoser_.on_findings({&*finding, 1});
        continue;
      }
      auto& line = matched_line(*finding);
      // Plain output without any time: it belongs to the end of the story, or to the time at which it was written.
      if (line.at == TimePoint::max()) {
        line.at = latest_ == TimePoint() ? modified_at_ : latest_;
        origins_.note_undated(line);
      }
      if (options_.span.since && line.at < *options_.span.since) continue;
      if (options_.span.until && line.at > *options_.span.until) continue;
      latest_ = std::max(latest_, line.at);
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

  [[nodiscard]] std::vector<Incident> incidents(const std::vector<LogReading>& readings) {
    std::vector<Incident> all;
    for (auto& [id, incident] : last_forms_) all.push_back(std::move(incident));
    for (auto& incident : all) origins_.complete(incident, readings);
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
  TimePoint modified_at_;
  diagnosis::Diagnoser diagnoser_;
  notify::Notifier notifier_;
  LineOrigins origins_;
  TimePoint latest_{}, looked_at_{};
  std::map<std::string, Incident> last_forms_;
  std::map<std::string, std::uint64_t> notifications_;
};

}  // namespace

StoryScanResult scan_story(StoryOptions options, const std::shared_ptr<const knowledge::RuleSet>& rules,
                           const std::shared_ptr<const matcher::SignatureSet>& signatures, ScanProgress& progress) {
  auto opened = open_logs(options, signatures, progress);
  if (opened.streams.empty() && !opened.failures.empty()) return UnopenedFiles{std::move(opened.failures)};
  Story story(std::move(opened.streams), options.jobs != 0 ? options.jobs : std::thread::hardware_concurrency());
  const auto redactor = options.redactor;
  const auto span = options.span;
  Scan scan(rules, std::move(options), opened.modified_at);
  scan.read(story);
  auto failures = std::move(opened.failures);
  std::ranges::copy(story.failures(), std::back_inserter(failures));
  const auto readings = story.readings();
  return StoryScan{.incidents = scan.incidents(readings),
                   .lines = progress.lines,
                   .notifications = scan.notifications(),
                   .failures = std::move(failures),
                   .not_understood = logs_not_understood(readings),
                   .redactor = redactor,
                   .outside_span = logs_outside(span, readings)};
}

}  // namespace triaged::scan
