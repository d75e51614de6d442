// What happened in a span of time is the same whether all of a log is read for it or the part that bisection finds:
// random logs whose times go back and forth within what is allowed, with records of several lines, lines without a time
// and lines behind wrappers.
#include <filesystem>
#include <fstream>
#include <random>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "scan/story_scan.hpp"
#include "tests/support/shipped_rules.hpp"
#include "tests/support/temporary_folder.hpp"

namespace triaged::scan {
namespace {

using std::chrono::seconds;

constexpr auto begun = TimePoint(seconds(1795221366));  // 2026-11-21T00:36:06Z
constexpr TimeSearchOptions searching{.smallest_file = 64 * 1024,
                                      .margin = 32 * 1024,
                                      .window = 2 * 1024,
                                      .widest_window = 32 * 1024,
                                      .samples = 8,
                                      .disorder = seconds(60)};
constexpr TimeSearchOptions reading_all{.smallest_file = std::numeric_limits<std::uint64_t>::max()};

std::string nginx_time(TimePoint time) {
  auto text = date_and_clock_of(time);
  text[4] = text[7] = '/';
  return text;
}

std::string access_time(TimePoint time) { return fmt::format("21/Nov/2026:{} +0000", clock_of(time)); }

class TimeSearch : public testing::TestWithParam<unsigned> {
 protected:
  unsigned below(unsigned bound) { return static_cast<unsigned>(random()) % bound; }

  /// One record, as the servers write them; nginx's and Python's are those of the recorded failures.
  std::string record(TimePoint time) {
    const auto upstream = fmt::format("127.0.0.1:800{}", below(4));
    const auto head = fmt::format("{} [error] 31473#31473: *{} ", nginx_time(time), 100 + below(900));
    const auto tail =
        fmt::format("client: 127.0.2.{}, server: shop.example.com, request: \"GET /api/items HTTP/1.1\", ", below(250));
    switch (below(40)) {
      case 0:
        return head + "connect() failed (111: Connection refused) while connecting to upstream, " + tail +
               "upstream: \"http://" + upstream + "/api/items\", host: \"shop.example.com\"";
      case 1:
        return head + "upstream timed out (110: Connection timed out) while reading response header from upstream, " +
               tail + "upstream: \"http://" + upstream + "/api/items\", host: \"shop.example.com\"";
      case 2:  // a client's line feed, and behind it what looks like a record
        return head + "open() \"/srv/www/x\n" + nginx_time(time) +
               " [alert] 1#1: worker process 12 exited on signal 9\" failed (2: No such file or directory), " + tail +
               "host: \"shop.example.com\"";
      case 3:
        return "node:internal/errors:491\n    at Server.setupListenHandle [as _listen2] (node:net:1463:16)";
      case 4:
        return fmt::format("{} [crit] 31473#31473: *7 open() \"/srv/www/f\" failed (24: Too many open files), ",
                           nginx_time(time)) +
               tail + "host: \"shop.example.com\"";
      default:
        return fmt::format("127.0.2.{} - - [{}] \"GET /api/items?id={} HTTP/1.1\" {} 333 \"-\" \"curl/7.88.1\"",
                           below(250), access_time(time), below(5000), below(50) == 0 ? 502 : 200);
    }
  }

  std::string in_wrapper(const std::string& text) {
    if (wrapper == 0) return text + "\n";
    const auto name = wrapper == 1 ? std::string("nginx-1  | ") : fmt::format("web-{}  | ", 1 + below(2));
    std::string wrapped;
    for (std::size_t at = 0; at <= text.size();) {
      const auto end = std::min(text.find('\n', at), text.size());
      wrapped += name + text.substr(at, end - at) + "\n";
      at = end + 1;
    }
    return wrapped;
  }

  std::string write(unsigned records) {
    const auto path = folder.path() / "shop.log";
    std::ofstream file(path, std::ios::binary);
    auto time = begun;
    for (unsigned i = 0; i < records; ++i) {
      time += seconds(below(5));
      file << in_wrapper(record(time - seconds(below(4) == 0 ? below(50) : 0)));
    }
    ended = time;
    return path;
  }

  struct Told {
    std::vector<std::string> incidents;
    std::uint64_t lines = 0;
  };
  Told told(const std::string& path, const TimeSpan& span, const TimeSearchOptions& search) {
    ScanProgress progress;
    const auto scan =
        scan_story({.paths = {path}, .span = span, .search = search}, shipped().rules, shipped().signatures, progress);
    Told all;
    if (!scan) return all;
    for (const auto& incident : scan->incidents) all.incidents.push_back(to_json(incident));
    all.lines = scan->lines;
    return all;
  }

  TemporaryFolder folder;
  std::mt19937 random{GetParam()};
  unsigned wrapper = GetParam() % 3;
  TimePoint ended;
};

TEST_P(TimeSearch, FindsTheSameIncidentsAsReadingAll) {
  const auto path = write(5000);
  const auto length = static_cast<unsigned>(std::chrono::duration_cast<seconds>(ended - begun).count());
  std::uint64_t read = 0, of = 0;
  std::size_t found = 0;
  for (int i = 0; i < 3; ++i) {
    TimeSpan span{.since = begun + seconds(below(length)), .until = {}};
    if (i > 0) span.until = *span.since + seconds(below(1800));
    const auto part = told(path, span, searching), all = told(path, span, reading_all);
    EXPECT_EQ(part.incidents, all.incidents) << to_rfc3339(*span.since);
    read += part.lines;
    of += all.lines;
    found += all.incidents.size();
  }
  EXPECT_GT(found, 0u);
  EXPECT_LT(read, of);
}

INSTANTIATE_TEST_SUITE_P(Random, TimeSearch, testing::Range(0u, 3u));

class TimeSearchLimits : public TimeSearch {};

TEST_P(TimeSearchLimits, LeaveALogAloneWhoseTimesAreNotInOrder) {
  const auto path = write(3000);
  std::ofstream(path, std::ios::app) << in_wrapper(record(begun));
  const TimeSpan late{.since = ended - seconds(100), .until = {}};
  EXPECT_TRUE(find_part(path, {.source_name = path}, late, searching));
  auto lines = lines_of(path);
  std::reverse(lines.begin(), lines.end());
  std::ofstream reversed(path, std::ios::binary);
  for (const auto& line : lines) reversed << line << '\n';
  reversed.close();
  EXPECT_FALSE(find_part(path, {.source_name = path}, late, searching));
}

TEST_P(TimeSearchLimits, LeaveALogAloneInWhichGunicornSpeaks) {
  const auto path = write(3000);
  const TimeSpan late{.since = ended - seconds(100), .until = {}};
  EXPECT_TRUE(find_part(path, {.source_name = path}, late, searching));
  auto text =
      fmt::format("[{} +0000] [31413] [INFO] Listening at: http://127.0.0.1:8001 (31413)\n", date_and_clock_of(begun));
  for (const auto& line : lines_of(path)) text += line + '\n';
  std::ofstream(path, std::ios::binary) << text;
  EXPECT_FALSE(find_part(path, {.source_name = path}, late, searching));
}

TEST_P(TimeSearchLimits, LeaveASmallLogAlone) {
  const auto path = write(100);
  EXPECT_FALSE(find_part(path, {.source_name = path}, {.since = ended, .until = {}}, searching));
}

INSTANTIATE_TEST_SUITE_P(Plain, TimeSearchLimits, testing::Values(0u));

}  // namespace
}  // namespace triaged::scan
