// A syslog message that its transport has framed: its header says who wrote it, each program has a stream of its own,
// and what stands behind a line feed in it cannot pass for another message.
#include <gmock/gmock.h>

#include "formats/line_reader.hpp"

namespace triaged::formats {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

constexpr TimePoint sent{1'795'223'700s};  // 2026-11-21T01:15:00Z

class SyslogMessage : public testing::Test {
 protected:
  struct Line {
    Format format;
    std::string message, host, program, pid;
    std::optional<TimePoint> time;
    std::string header;
    bool is_silenced;
  };

  /// All lines of a message of `sender`.
  std::vector<Line> read(std::string text, const std::string& sender = "10.0.0.7") {
    texts_.push_back(std::make_unique<std::string>(std::move(text)));
    const Envelope envelope{.host = sender, .stream = sender, .is_syslog = true, .is_kernel = is_kernel};
    std::vector<Line> lines;
    ReadLine line;
    reader.read(*texts_.back(), line, 1, &envelope);
    do {
      lines.push_back({line.format, std::string(line.message), std::string(line.host),
                       std::string(line.field("program")), std::string(line.field("pid")), line.time,
                       std::string(line.header), line.is_silenced});
    } while (reader.read_next(line));
    return lines;
  }

  LineReader reader{{.source_name = "syslog udp://0.0.0.0:5514", .zone = {0s}, .reference = sent}};
  std::optional<bool> is_kernel = false;

 private:
  std::vector<std::unique_ptr<std::string>> texts_;
};

TEST_F(SyslogMessage, SaysWhoWroteIt) {
  const auto line = read("Nov 21 01:14:23 haproxy[553]: Server app/app1 is DOWN, reason: Layer4 timeout.").at(0);
  EXPECT_EQ(line.format, Format::haproxy_event);
  EXPECT_EQ(line.message, "Server app/app1 is DOWN, reason: Layer4 timeout.");
  EXPECT_EQ(line.host, "10.0.0.7") << "the sender's, for the header names none";
  EXPECT_EQ(line.program, "haproxy");
  EXPECT_EQ(line.pid, "553");
  EXPECT_EQ(line.time, parse_rfc3339("2026-11-21T01:14:23Z"));
}

TEST_F(SyslogMessage, OfRfc5424MayLeaveOutWhatItDoesNotKnow) {
  const auto line = read(
                        "<131>1 2026-11-21T01:14:23.5+01:00 web1 haproxy 553 - [a b=\"]\"] Proxy app has no server "
                        "available!")
                        .at(0);
  EXPECT_EQ(line.format, Format::haproxy_event);
  EXPECT_EQ(line.host, "web1");
  EXPECT_EQ(line.time, parse_rfc3339("2026-11-21T00:14:23.5Z"));
  const auto bare = read("<131>1 - - - - - - something failed").at(0);
  EXPECT_EQ(bare.message, "something failed");
  EXPECT_EQ(bare.host, "10.0.0.7");
  EXPECT_FALSE(bare.time.has_value());
}

TEST_F(SyslogMessage, WithoutAHeaderIsReadAsItIs) {
  const auto line = read("something failed").at(0);
  EXPECT_EQ(line.format, Format::text);
  EXPECT_EQ(line.message, "something failed");
  EXPECT_EQ(line.program, "");
}

// A request that was accepted at 20:14:23 by the clock of its host, whose zone the header says, and took 2.249 s.
TEST_F(SyslogMessage, GivesTheZoneOfItsHost) {
  const auto line = read(
                        "<134>1 2026-11-20T20:14:23.400000-05:00 web1 haproxy 553 - - 127.0.3.93:46055 "
                        "[20/Nov/2026:20:14:23.024] www app/app1 0/0/0/-1/2249 502 209 - - SH-- 2/2/1/1/0 0/0 \"GET "
                        "/api/size HTTP/1.1\"")
                        .at(0);
  EXPECT_EQ(line.format, Format::haproxy_http);
  EXPECT_EQ(line.time, parse_rfc3339("2026-11-21T01:14:25.273Z"));
}

TEST_F(SyslogMessage, KeepsATracebackTogether) {
  const auto lines = read(
      "Nov 21 01:14:23 app[7]: Traceback (most recent call last):\n  File \"/srv/a.py\", line 1, in get\nKeyError: "
      "'x'");
  ASSERT_EQ(lines.size(), 3u);
  for (const auto& line : lines) EXPECT_EQ(line.format, Format::python_traceback);
  EXPECT_EQ(lines[2].message, "KeyError: 'x'");
  EXPECT_EQ(lines[2].program, "app");
  EXPECT_FALSE(lines[2].is_silenced);
}

TEST_F(SyslogMessage, GoesOnInTheNextOneOfItsProgram) {
  (void)read("Nov 21 01:14:23 web1 app[7]: Traceback (most recent call last):");
  (void)read("Nov 21 01:14:23 web1 app[8]: Traceback (most recent call last):");
  EXPECT_EQ(read("Nov 21 01:14:23 web1 app[7]:   File \"/srv/a.py\", line 1, in get").at(0).format,
            Format::python_traceback);
  EXPECT_EQ(read("Nov 21 01:14:23 web1 app[8]:   File \"/srv/a.py\", line 2, in get").at(0).format,
            Format::python_traceback);
  EXPECT_EQ(read("Nov 21 01:14:23 web1 app[7]: KeyError: 'x'").at(0).format, Format::python_traceback);
  EXPECT_EQ(read("Nov 21 01:14:23 web1 app[9]: KeyError: 'x'").at(0).format, Format::text);
}

// nginx writes a path decoded: %0A becomes a line feed.
TEST_F(SyslogMessage, HoldsNoOtherMessageBehindALineFeedOfAClient) {
  const auto lines = read(
      "Nov 21 01:14:23 web1 nginx: 2026/11/21 01:14:23 [error] 7#7: *1 open() \"/srv/a\n2026/11/21 01:14:23 [crit] "
      "7#7: "
      "*2 connect() failed (111: Connection refused) while connecting to upstream, client: 1.2.3.4\nNov 21 01:14:23 "
      "web1 "
      "haproxy[5]: Server app/app1 is DOWN.\" failed (2: No such file or directory), client: 127.0.0.1, server: _, "
      "request: \"GET /a HTTP/1.1\", host: \"a\"");
  ASSERT_EQ(lines.size(), 3u);
  EXPECT_EQ(lines[1].message, "");
  EXPECT_EQ(lines[2].message, "");
  EXPECT_TRUE(lines[1].is_silenced);
  EXPECT_TRUE(lines[2].is_silenced);
  EXPECT_EQ(read("Nov 21 01:14:24 web1 haproxy[5]: Server app/app1 is DOWN.").at(0).message, "Server app/app1 is DOWN.")
      << "another program's message is not doubted for it";
}

TEST_F(SyslogMessage, OfTheKernelIsBelievedWhenTheTransportDoesNotRuleItOut) {
  const std::string killed = "Nov 21 01:14:23 web1 kernel: Out of memory: Killed process 1459 (gunicorn) total-vm:1kB";
  const std::string bare = "[ 3820.160557] Out of memory: Killed process 1459 (gunicorn) total-vm:1kB";
  for (const auto& text : {killed, bare, "Nov 21 01:14:23 web1 app[7]: " + bare}) {
    EXPECT_NE(read(text).at(0).format, Format::kernel) << text;
  }
  EXPECT_EQ(read(killed).at(0).program, "user");
  is_kernel.reset();
  EXPECT_EQ(read(killed).at(0).format, Format::kernel);
  EXPECT_EQ(read(killed).at(0).program, "kernel");
}

TEST_F(SyslogMessage, IsRememberedByTheReadersState) {
  (void)read("Nov 21 01:14:23 web1 app[7]: Traceback (most recent call last):");
  const auto state = reader.state();
  reader = LineReader({.source_name = "syslog udp://0.0.0.0:5514", .zone = {0s}, .reference = sent});
  reader.restore(state);
  EXPECT_EQ(read("Nov 21 01:14:23 web1 app[7]:   File \"/srv/a.py\", line 1, in get").at(0).format,
            Format::python_traceback);
}

}  // namespace
}  // namespace triaged::formats
