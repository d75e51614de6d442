#include "values/metric.hpp"

#include <gtest/gtest.h>

namespace triaged {
namespace {

TEST(Metrics, OfOneNameAreOneWithTheValuesOfAll) {
  std::vector<Metric> metrics;
  add_metric(gauge("triaged_files", "files", 3), metrics);
  for (const auto* source : {"standard input", "/run/log"}) {
    add_metric({"triaged_stream_open", "open", false, {{{{"source", source}}, 1}}}, metrics);
  }
  ASSERT_EQ(metrics.size(), 2u);
  ASSERT_EQ(metrics[1].values.size(), 2u);
  EXPECT_EQ(metrics[1].values[1].labels.at(0).second, "/run/log");
}

}  // namespace
}  // namespace triaged
