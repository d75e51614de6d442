// Metrics in the text format of Prometheus (exposition format 0.0.4).
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace triaged::admin {

struct MetricValue {
  std::vector<std::pair<std::string, std::string>> labels;
  double value = 0;
};

struct Metric {
  std::string name;  // of a counter: ends with _total
  std::string help;
  bool is_counter = false;  // else a gauge
  std::vector<MetricValue> values;
};

/// A metric of one value without labels.
[[nodiscard]] Metric counter(std::string name, std::string help, std::uint64_t value);
[[nodiscard]] Metric gauge(std::string name, std::string help, std::uint64_t value);

[[nodiscard]] std::string to_prometheus(const std::vector<Metric>& metrics);

}  // namespace triaged::admin
