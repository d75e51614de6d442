#include "daemon/pipeline_metrics.hpp"

#include <algorithm>
#include <iterator>

namespace triaged::daemon {

namespace {

Metric failing(const PipelineCounts& counts) {
  Metric metric{"triaged_sink_failing", "1 while the last delivery of the sink failed", false, {}};
  for (const auto& name : counts.sinks) {
    const bool fails = std::any_of(counts.failing_sinks.begin(), counts.failing_sinks.end(),
                                   [&](const auto& failure) { return failure.starts_with(name + ":"); });
    metric.values.push_back({{{"sink", name}}, fails ? 1.0 : 0.0});
  }
  return metric;
}

Metric probes_of(const probes::ProbeCounts& counts) {
  Metric metric{"triaged_probes_total", "probes of this host, by outcome", true, {}};
  const std::pair<const char*, std::uint64_t> kinds[] = {{"answered", counts.answered},
                                                         {"unknown", counts.unknown},
                                                         {"given-up", counts.given_up},
                                                         {"refused", counts.refused}};
  for (const auto& [result, count] : kinds) {
    metric.values.push_back({{{"result", result}}, static_cast<double>(count)});
  }
  return metric;
}

Metric distrusted_lines_of(const matcher::DistrustedLines& lines) {
  Metric metric{"triaged_distrusted_lines_total",
                "lines that count nothing because a client may have written them, by how they were found",
                true,
                {}};
  metric.values.push_back({{{"how", "taken-back"}}, static_cast<double>(lines.taken_back)});
  metric.values.push_back({{{"how", "silenced"}}, static_cast<double>(lines.silenced)});
  return metric;
}

}  // namespace

std::vector<Metric> metrics_of(const PipelineCounts& counts) {
  const auto& diagnosis = counts.diagnosis;
  Metric build{
      "triaged_build_info", "always 1; the label is the running version", false, {{{{"version", TRIAGED_VERSION}}, 1}}};
  std::vector<Metric> metrics = {
      std::move(build),
      gauge("triaged_rules", "rules that are loaded", counts.rules),
      counter("triaged_symptoms_total", "lines that a rule recognised as a failure by themselves", diagnosis.symptoms),
      counter("triaged_term_lines_total", "lines that conditions over time wait for, or count", diagnosis.term_lines),
      counter("triaged_commits_total", "transactions of the ledger", diagnosis.commits),
      counter("triaged_notifications_total", "notifications put into the outbox", diagnosis.notifications),
      gauge("triaged_open_incidents", "incidents that are open", diagnosis.open_incidents),
      counter("triaged_pushed_out_incidents_total", "incidents closed early because too many were open",
              diagnosis.pushed_out),
      counter("triaged_given_up_lines_total", "lines of conditions over time given up because there were too many",
              diagnosis.given_up_lines),
      counter("triaged_demoted_rules_total", "public rules that matched too much of a log and support only",
              counts.demotions),
      distrusted_lines_of(counts.distrusted),
      counter("triaged_own_lines_total", "lines that count nothing because triaged wrote them", counts.distrusted.own),
      counts.plain_lines,
      probes_of(counts.probes),
      gauge("triaged_waiting", "1 while reading is paused; the status says why", diagnosis.trouble.empty() ? 0 : 1),
      failing(counts),
  };
  std::ranges::copy(counts.sources, std::back_inserter(metrics));
  return metrics;
}

}  // namespace triaged::daemon
