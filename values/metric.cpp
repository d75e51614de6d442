#include "values/metric.hpp"

#include <algorithm>
#include <iterator>

namespace triaged::inline values {

namespace {

Metric single(std::string name, std::string help, bool is_counter, std::uint64_t value) {
  return {std::move(name), std::move(help), is_counter, {{{}, static_cast<double>(value)}}};
}

}  // namespace

Metric counter(std::string name, std::string help, std::uint64_t value) {
  return single(std::move(name), std::move(help), true, value);
}

Metric gauge(std::string name, std::string help, std::uint64_t value) {
  return single(std::move(name), std::move(help), false, value);
}

void add_metric(Metric metric, std::vector<Metric>& metrics) {
  const auto known = std::ranges::find(metrics, metric.name, &Metric::name);
  if (known == metrics.end()) {
    metrics.push_back(std::move(metric));
  } else {
    std::ranges::move(metric.values, std::back_inserter(known->values));
  }
}

}  // namespace triaged::inline values
