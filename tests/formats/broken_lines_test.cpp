// What a terminal broke is put together, and nothing else is.
#include "formats/broken_lines.hpp"

#include <gtest/gtest.h>

#include "base/time.hpp"

namespace triaged::formats {
namespace {

LineReaderOptions options() {
  return {.source_name = "copied.log",
          .zone = {std::chrono::seconds(0)},
          .reference = *parse_rfc3339("2026-11-21T02:00:00Z")};
}

/// As a terminal of so many columns shows it.
std::string shown_at(std::size_t columns, std::string_view text) {
  std::string shown;
  while (!text.empty()) {
    const auto end = text.find('\n');
    for (auto line = text.substr(0, end); !line.empty(); line.remove_prefix(std::min(columns, line.size())))
      shown.append(line.substr(0, columns)).append("\n");
    text.remove_prefix(end + 1);
  }
  return shown;
}

const std::string_view nginx_errors =
    R"(2026/11/21 01:15:46 [error] 1851#1851: *115 connect() failed (111: Connection refused) while connecting to upstream, client: 127.0.3.235, server: shop.example.com, request: "GET /api/items?id=1750 HTTP/1.1", upstream: "http://127.0.0.1:8003/api/items?id=1750", host: "shop.example.com", referrer: "https://shop.example.com/"
2026/11/21 01:15:47 [error] 1851#1851: *118 connect() failed (111: Connection refused) while connecting to upstream, client: 127.0.3.9, server: shop.example.com, request: "GET / HTTP/1.1", upstream: "http://127.0.0.1:8003/", host: "shop.example.com"
)";

const std::string_view boot_failure = R"([2026-11-21 01:22:18 +0000] [8213] [INFO] Booting worker with pid: 8213
[2026-11-21 01:22:18 +0000] [8213] [ERROR] Exception in worker process
Traceback (most recent call last):
  File "/srv/shop/venv/lib/python3.11/site-packages/gunicorn/arbiter.py", line 609, in spawn_worker
    worker.init_process()
  File "/srv/shop/venv/lib/python3.11/site-packages/gunicorn/workers/base.py", line 134, in init_process
    self.load_wsgi()
  File "<frozen importlib._bootstrap>", line 1140, in _find_and_load_unlocked
ModuleNotFoundError: No module named 'shop.settings'
[2026-11-21 01:22:18 +0000] [8213] [INFO] Worker exiting (pid: 8213)
)";

const std::string_view haproxy_requests =
    R"(127.0.3.119:52233 [21/Nov/2026:01:13:43.381] www app/web1 0/0/0/2/2 200 651 - - ---- 1/1/0/0/0 0/0 "GET / HTTP/1.1"
127.0.3.120:52234 [21/Nov/2026:01:13:44.381] www app/web1 0/0/-1/-1/2 503 217 - - SC-- 1/1/0/0/3 0/0 "GET /api HTTP/1.1"
)";

TEST(BrokenLines, RecordsOfNginxArePutTogetherAtAnyWidth) {
  for (const std::size_t columns : {80, 100, 120, 160, 200})
    EXPECT_EQ(without_terminal_breaks(shown_at(columns, nginx_errors), options()), nginx_errors) << columns;
}

TEST(BrokenLines, RequestsOfHaproxyArePutTogether) {
  EXPECT_EQ(without_terminal_breaks(shown_at(80, haproxy_requests), options()), haproxy_requests);
}

TEST(BrokenLines, FramesOfATracebackArePutTogether) {
  for (const std::size_t columns : {80, 90})
    EXPECT_EQ(without_terminal_breaks(shown_at(columns, boot_failure), options()), boot_failure) << columns;
}

TEST(BrokenLines, LinesBehindASyslogHeaderArePutTogether) {
  const std::string_view text =
      R"(2020-06-11T09:27:53.992826+00:00 app[web.1]: [2020-06-11 09:27:53 +0000] [10] [INFO] Worker exiting (pid: 10)
2020-06-11T09:27:54.028955+00:00 app[web.1]: [2020-06-11 09:27:54 +0000] [4] [INFO] Reason: Worker failed to boot.
2020-06-11T09:27:54.083635+00:00 heroku[web.1]: Process exited with status 3
2020-06-11T09:27:54.127308+00:00 heroku[web.1]: State changed from starting to crashed
)";
  EXPECT_EQ(without_terminal_breaks(shown_at(80, text), options()), text);
}

TEST(BrokenLines, ATextMayEndWithoutALineEndAndHaveCarriageReturns) {
  auto shown = shown_at(80, nginx_errors);
  shown.pop_back();
  EXPECT_EQ(without_terminal_breaks(shown, options()), nginx_errors);
  for (auto at = shown.find('\n'); at != std::string::npos; at = shown.find('\n', at + 2)) shown.insert(at, "\r");
  EXPECT_EQ(without_terminal_breaks(shown, options()), nginx_errors);
}

TEST(BrokenLines, WholeLinesStayAsTheyAre) {
  for (const auto text : {nginx_errors, boot_failure, haproxy_requests})
    EXPECT_EQ(without_terminal_breaks(text, options()), std::nullopt) << text;
}

TEST(BrokenLines, OnePieceIsEnoughWhereTheRecordSaysMoreWithIt) {
  const auto first = nginx_errors.substr(0, nginx_errors.find('\n') + 1);
  EXPECT_EQ(without_terminal_breaks(shown_at(200, first), options()), first);
}

TEST(BrokenLines, OnePieceIsNotEnoughWhereTheRecordSaysAsMuchWithoutIt) {
  const std::string text =
      "[2026-11-21 01:22:18 +0000] [8213] [INFO] Booting worker with pid: 8213\n"
      "[2026-11-21 01:22:19 +0000] [8213] [INFO] Listening at: http://127.0.0.1:8000 (8213)\n"
      "warming the cache\n";
  EXPECT_EQ(without_terminal_breaks(text, options()), std::nullopt);
}

TEST(BrokenLines, ATextLongerThanPeopleCopyIsLeftAlone) {
  std::string text;
  while (text.size() <= longest_copied_text) text += shown_at(80, nginx_errors);
  EXPECT_EQ(without_terminal_breaks(text, options()), std::nullopt);
}

TEST(BrokenLines, ARecordIsNeverTheRestOfAnother) {
  const std::string wide =
      R"(127.0.2.82 - - [21/Nov/2026:01:11:09 +0000] "GET /api/items?id=81 HTTP/1.1" 200 521 "-" "-")";
  const std::string text = wide + "\n[2026-11-21 01:22:18 +0000] [8213] [INFO] Worker exiting (pid: 8213)\n" + wide +
                           "\n[2026-11-21 01:22:19 +0000] [8214] [INFO] Worker exiting (pid: 8214)\n";
  EXPECT_EQ(without_terminal_breaks(text, options()), std::nullopt);
}

TEST(BrokenLines, AnExceptionIsNotTheRestOfTheFrameAboveIt) {
  const std::string text = R"([2026-11-21 01:22:18 +0000] [8213] [ERROR] Exception in worker process
Traceback (most recent call last):
  File "<frozen importlib._bootstrap>", line 1140, in _find_and_load_unlocked
ModuleNotFoundError: No module named 'shop'
)";
  EXPECT_EQ(without_terminal_breaks(text + text + text, options()), std::nullopt);
}

TEST(BrokenLines, AnApplicationsLineBelowARepeatedExceptionIsNotItsRest) {
  const std::string text = R"(Traceback (most recent call last):
  File "/srv/shop/shop/db.py", line 12, in get_order
    conn = psycopg2.connect(host="127.0.0.1", port=5432)
psycopg2.OperationalError: connection to server at "127.0.0.1", port 5432 failed: Connection refused
retrying in 5 s
)";
  EXPECT_EQ(without_terminal_breaks(text + text + text, options()), std::nullopt);
}

TEST(BrokenLines, WhatAnApplicationWritesOverSeveralLinesIntoNginxsLogStays) {
  const std::string text =
      R"(2026/11/21 01:15:46 [error] 1851#1851: *115 FastCGI sent in stderr: "PHP message: PHP Fatal error:  Uncaught Error in /srv/shop/index.php:12
Stack trace:
#0 {main}
  thrown in /srv/shop/index.php on line 12" while reading response header from upstream, client: 127.0.0.1, server: shop
)";
  EXPECT_EQ(without_terminal_breaks(text + text, options()), std::nullopt);
}

TEST(BrokenLines, AStackBelowARepeatedErrorStays) {
  const std::string text =
      R"(2026-11-21T01:15:46.000Z ERROR order 1234567 could not be written to the table of all the orders
Error: connect ECONNREFUSED 127.0.0.1:5432
    at TCPConnectWrap.afterConnect [as oncomplete] (node:net:1494:16)
)";
  EXPECT_EQ(without_terminal_breaks(text + text, options()), std::nullopt);
}

// A client's line feeds are where he wants them, also at one width. What he broke is then one record again, which says
// no more than he could have made nginx say without them.
TEST(BrokenLines, AClientsLineFeedsGainNothing) {
  const std::string head = R"(2026/11/21 01:15:46 [error] 1851#1851: *115 open() "/srv/www/static/)";
  const std::string forged =
      R"(2026/11/21 01:15:46 [error] 1851#1851: *9 connect() failed (111: Connection refused) while connecting to upstream, client: 9.9.9.9)";
  const std::string tail = R"(" failed (2: No such file or directory), client: 127.0.0.1, server: shop)";
  for (const auto size : {std::size_t{0}, forged.size() - head.size()}) {
    const auto record = head + std::string(size, 'x') + "\n" + forged + "\n" + tail + "\n";
    const auto text = record + record + record;
    const auto whole = without_terminal_breaks(text, options()).value_or(text);
    LineReader reader(options());
    ReadLine read;
    for (std::size_t begin = 0; begin < whole.size(); begin = whole.find('\n', begin) + 1) {
      reader.read(std::string_view(whole).substr(begin, whole.find('\n', begin) - begin), read);
      EXPECT_FALSE(read.message.starts_with("connect() failed")) << whole.substr(begin);
    }
  }
}

}  // namespace
}  // namespace triaged::formats
