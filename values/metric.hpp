// What a part of triaged counts, as /metrics shows it (docs/admin.md lists the names).
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace triaged::inline values {

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

/// Adds `metric`; when one of its name is there already, its values go to that one: several parts count the same, each
/// under labels of its own.
void add_metric(Metric metric, std::vector<Metric>& metrics);

}  // namespace triaged::inline values
