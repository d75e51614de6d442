// Lines of every format, cut off at every place and with every byte replaced: whatever comes out, the message and the
// fields are readable memory and no reader falls over. (Worth most under the address sanitizer.)
#include <numeric>

#include <gtest/gtest.h>

#include "tests/support/log_lines.hpp"

namespace triaged::formats {
namespace {

const std::vector<std::string> sound_lines = {
    R"(2026-11-20T20:13:43.384442-05:00 web1 haproxy[32129]: 127.0.3.119:52233 [20/Nov/2026:20:13:43.381] www app/web1 0/0/0/2/2 200 651 - - ---- 1/1/0/0/0 0/0 {a|b} "GET / HTTP/1.1")",
    R"(127.0.1.58:46715 [21/Nov/2026:01:13:36.712] www app/app1 0/0/0/1/1 200 638 a=b - ---- 1/1/0/0/0 0/0 "GET / HTTP/1.1")",
    "127.0.0.1:40112 [21/Nov/2026:01:14:02.020] db db/pg1 1/-1/3011 0 SC 1/2/3/4/3 0/0",
    "<129>Nov 21 01:13:36 haproxy[24684]: Server app/app1 is DOWN, reason: Layer4 timeout, check duration: 1001ms.",
    R"(<134>1 2026-11-21T01:13:43.384Z web1 haproxy 32129 - [a@1 b="]\"c"] backend app has no server available!)",
    "[ALERT]    (24684) : backend 'app' has no server available!",
    "[2026-11-21 01:14:15 +0000] [32767] [INFO] Listening at: http://127.0.0.1:8000 (32767)",
    "[2026-11-21 01:11:40,605] ERROR in app: Exception on /api/total [GET]",
    "Traceback (most recent call last):",
    "psycopg2.OperationalError: connection to server failed",
    "[2026-11-21 01:12:05 +0000] [28785] [DEBUG] GET /api/items",
    "2026-11-21T01:15:18.112866+00:00 web1 kernel: [ 3820.160557] Memory cgroup out of memory: Killed process 1459 "
    "(gunicorn)",
    "[Sat Nov 21 01:15:17 2026] CPU: 1 UID: 33 PID: 1459 Comm: gunicorn Not tainted 6.18.44-fc-v445 #1 PREEMPT(none) ",
    "6,3122,3812780976,-;gunicorn[1425]: segfault at 0 ip 00007f3d14bddad8",
    R"([21-Nov-2026 01:08:03] WARNING: [pool www] child 20712, script '/a.php' (request: "GET /a.php?s=6") execution timed out)",
    "[pid: 20831|app: 0|req: 1/1] 127.0.0.10 () {34 vars in 497 bytes} [Sat Nov 21 01:08:05 2026] GET /a => generated "
    "5 bytes in 2 "
    "msecs (HTTP/1.1 200)",
    "Sat Nov 21 01:08:09 2026 - HARAKIRI [core 0] 127.0.0.247 - GET /api/reports?s=8&id=0 since 1795223286",
};

/// Looks at every byte that a reader emitted.
unsigned touch(const ReadLine& line) {
  const auto sum = [](std::string_view text) { return std::accumulate(text.begin(), text.end(), 0U); };
  unsigned total = sum(line.message) + sum(line.host) + sum(line.header);
  for (const auto& [name, value] : line.fields) total += sum(name) + sum(value);
  return total;
}

TEST(DamagedLines, AreReadWhereverTheyAreCutOff) {
  for (const std::string& sound : sound_lines) {
    for (std::size_t length = 0; length <= sound.size(); ++length) {
      LogLines lines("gunicorn-error.log");
      touch(lines.read(sound.substr(0, length)));
      EXPECT_LE(lines.last().message.size(), length);
      touch(lines.read("MemoryError"));
    }
  }
}

TEST(DamagedLines, AreReadWhicheverByteIsReplaced) {
  LogLines lines("gunicorn-error.log");
  for (const std::string& sound : sound_lines) {
    for (std::size_t at = 0; at < sound.size(); ++at) {
      for (const char byte : {'\0', ' ', '\xff', '"', '[', ']', ':', '/', '9', '-'}) {
        std::string damaged = sound;
        damaged[at] = byte;
        touch(lines.read(damaged));
        EXPECT_LE(lines.last().fields.size(), 40U);
      }
    }
  }
}

TEST(DamagedLines, ALineOfAMegabyteIsRead) {
  for (const std::string& sound : sound_lines) {
    LogLines others("haproxy.log");
    touch(others.read(sound + std::string(1024 * 1024, ' ')));
    LogLines lines("haproxy.log");
    touch(lines.read(std::string(1024 * 1024, '[') + sound));
    EXPECT_EQ(lines.format(), "text");
  }
}

}  // namespace
}  // namespace triaged::formats
