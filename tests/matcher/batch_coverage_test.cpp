#include "matcher/batch_coverage.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "formats/line_reader.hpp"

namespace triaged::matcher {
namespace {

using namespace std::chrono_literals;
using testing::IsEmpty;

// Real lines of nginx, of a kernel behind rsyslog's header, and of triaged itself.
constexpr auto request = R"(127.0.0.9 - - [21/Nov/2026:01:15:10 +0000] "GET /a HTTP/1.1" 200 150 "-" "curl/7.88.1")";
constexpr auto later_request =
    R"(127.0.0.9 - - [21/Nov/2026:01:15:50 +0000] "GET /a HTTP/1.1" 200 150 "-" "curl/7.88.1")";
constexpr auto kernel_line =
    "2026-11-21T01:15:18.112866+00:00 web1 kernel: [ 3820.160557] Memory cgroup out of memory: Killed process 1459 "
    "(gunicorn) total-vm:96116kB, anon-rss:78760kB, file-rss:8556kB, shmem-rss:0kB, UID:33 pgtables:220kB "
    "oom_score_adj:0";

class BatchCoverageTest : public testing::Test {
 protected:
  void read(std::string_view line) {
    reader.read(line, read_line);
    coverage.add(read_line, "a.log");
  }
  static TimePoint at(const char* time) { return parse_rfc3339(time).value(); }

  formats::LineReader reader{{.source_name = "a.log", .zone = {std::chrono::seconds(0)}}};
  formats::ReadLine read_line;
  BatchCoverage coverage;
};

TEST_F(BatchCoverageTest, SpansFromTheFirstLineOfAFormatToItsLast) {
  read(request);
  read(kernel_line);
  read(later_request);
  coverage.end_batch(at("2026-11-22T00:00:00Z"));
  const auto times = coverage.take();
  ASSERT_EQ(times.size(), 2u);
  EXPECT_EQ(times[0].format, "nginx.access");
  EXPECT_EQ(times[0].source, "a.log");
  EXPECT_EQ(times[0].at, at("2026-11-21T01:15:10Z"));
  EXPECT_EQ(times[0].until, at("2026-11-21T01:15:50Z"));
  EXPECT_EQ(times[0].longest_pause, 40s);
  EXPECT_EQ(times[1].format, "kernel");
  EXPECT_EQ(times[1].host, "web1");
  EXPECT_EQ(times[1].at, times[1].until);
}

TEST_F(BatchCoverageTest, TakesTheTimeOfReadingForLinesWithoutOne) {
  read("ready to serve");
  coverage.end_batch(at("2026-11-22T00:00:00Z"));
  const auto times = coverage.take();
  ASSERT_EQ(times.size(), 1u);
  EXPECT_EQ(times[0].format, "text");
  EXPECT_EQ(times[0].until, at("2026-11-22T00:00:00Z"));
  EXPECT_FALSE(times[0].has_own_time);
}

TEST_F(BatchCoverageTest, ForgetsABatchThatWasTaken) {
  read(request);
  EXPECT_EQ(coverage.take().size(), 1u);
  EXPECT_THAT(coverage.take(), IsEmpty());
}

TEST_F(BatchCoverageTest, LeavesOutHostsBeyondItsBound) {
  for (std::size_t i = 0; i < BatchCoverage::most_logs + 5; ++i) {
    read("2026-11-21T01:15:18.112866+00:00 web" + std::to_string(i) + " kernel: [ 3820.160557] Out of memory");
  }
  EXPECT_EQ(coverage.take().size(), BatchCoverage::most_logs);
}

}  // namespace
}  // namespace triaged::matcher
