// Existing logs, read as one story and diagnosed: what `triaged scan`, `rules diff` and `rules test` have in common.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/time.hpp"
#include "diagnosis/diagnoser.hpp"
#include "formats/format.hpp"
#include "matcher/matcher.hpp"
#include "notify/notifier.hpp"
#include "scan/finding_stream.hpp"
#include "scan/not_understood.hpp"
#include "scan/outside_span.hpp"
#include "scan/time_search.hpp"
#include "values/incident.hpp"

namespace triaged::scan {

struct StoryOptions {
  std::vector<std::string> paths;                                // "-" is standard input
  std::vector<std::pair<formats::Format, std::string>> formats;  // FMT=GLOB: files of that name have that format
  TimeSpan span;
  TimeSearchOptions search;               // for the part of a large file that lies in the span
  unsigned jobs = 0;                      // 0: number of cores
  diagnosis::DiagnosisOptions diagnosis;  // with probe_kinds: this host is probed about what is not over at the end
  diagnosis::Learnt learnt;
  topology::Topology topology;
  notify::NotifyPolicy notify;  // for StoryScan::notifications
  std::shared_ptr<const formats::Redactor> redactor = formats::usual_redactor();
};

struct StoryScan {
  std::vector<Incident> incidents;  // in their last form, most important first
  std::uint64_t lines = 0;
  std::map<std::string, std::uint64_t> notifications;  // that a daemon would have sent to each sink that gets any
  std::vector<std::string> failures;                   // files that could not be opened, or not be read to their end
  std::vector<NotUnderstood> not_understood;           // logs of which hardly a line was recognised
  std::shared_ptr<const formats::Redactor> redactor;   // what is shown of their lines passes it
  std::vector<OutsideSpan> outside_span;               // logs of which no line lies in the span
};

/// None of the files can be opened: a sentence each.
struct UnopenedFiles {
  std::vector<std::string> why;
};
using StoryScanResult = boost::system::result<StoryScan, UnopenedFiles>;

/// Reads options.paths and says in `progress` how far it is, for whoever looks from another thread.
[[nodiscard]] StoryScanResult scan_story(StoryOptions options, const std::shared_ptr<const knowledge::RuleSet>& rules,
                                         const std::shared_ptr<const matcher::SignatureSet>& signatures,
                                         ScanProgress& progress);

}  // namespace triaged::scan
