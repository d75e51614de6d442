#include "admin/metrics.hpp"

#include <gtest/gtest.h>

namespace triaged::admin {
namespace {

TEST(Metrics, AreWrittenAsPrometheusReadsThem) {
  EXPECT_EQ(to_prometheus({counter("triaged_read_bytes_total", "bytes read", 1234567890123),
                           gauge("triaged_files", "open\nfiles \\ now", 3),
                           {"triaged_sink_failing",
                            "fails",
                            false,
                            {{{{"sink", "a \"b\"\\\n"}}, 1}, {{{"sink", "c"}, {"d", ""}}, 0}}}}),
            "# HELP triaged_read_bytes_total bytes read\n"
            "# TYPE triaged_read_bytes_total counter\n"
            "triaged_read_bytes_total 1234567890123\n"
            "# HELP triaged_files open\\nfiles \\\\ now\n"
            "# TYPE triaged_files gauge\n"
            "triaged_files 3\n"
            "# HELP triaged_sink_failing fails\n"
            "# TYPE triaged_sink_failing gauge\n"
            "triaged_sink_failing{sink=\"a \\\"b\\\"\\\\\\n\"} 1\n"
            "triaged_sink_failing{sink=\"c\",d=\"\"} 0\n");
}

}  // namespace
}  // namespace triaged::admin
