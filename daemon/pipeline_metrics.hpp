// What the stages count, under the names that /metrics shows (docs/admin.md lists them).
#pragma once

#include <string>
#include <vector>

#include "daemon/diagnosis_stage.hpp"
#include "matcher/matcher.hpp"
#include "probes/probe_stage.hpp"
#include "values/metric.hpp"

namespace triaged::daemon {

struct PipelineCounts {
  std::vector<Metric> sources;  // what they count themselves
  DiagnosisCounts diagnosis;
  std::vector<std::string> sinks;          // all of them, by name
  std::vector<std::string> failing_sinks;  // "NAME: why", of those whose last try failed
  std::size_t rules = 0;
  std::uint64_t demotions = 0;  // of public rules that match too much
  matcher::DistrustedLines distrusted;
  Metric plain_lines;  // by entry of `sources`
  probes::ProbeCounts probes;
};

[[nodiscard]] std::vector<Metric> metrics_of(const PipelineCounts& counts);

}  // namespace triaged::daemon
