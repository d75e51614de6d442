// Metrics in the text format of Prometheus (exposition format 0.0.4).
#pragma once

#include <string>
#include <vector>

#include "values/metric.hpp"

namespace triaged::admin {

[[nodiscard]] std::string to_prometheus(const std::vector<Metric>& metrics);

}  // namespace triaged::admin
