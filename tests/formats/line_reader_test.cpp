#include <gmock/gmock.h>

#include "formats/redaction/redactor.hpp"
#include "tests/support/log_lines.hpp"

namespace triaged::formats {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

/// Everything that is read of a line.
std::string all_of(const ReadLine& line) {
  std::string all(name_of(line.format));
  for (const std::string_view part : {line.message, line.host, line.header}) all.append(" | ").append(part);
  all += " | " + (line.time ? to_rfc3339(*line.time) : "none") + " | " + std::to_string(line.disowned_bytes);
  for (const auto& [name, value] : line.fields) all.append(" ; ").append(name).append("=").append(value);
  return all;
}

/// The lines of several programs as they stand in one stream, records over several lines among them.
const std::vector<std::string> mixed_lines = {
    "[2026-11-21 01:14:15 +0000] [32767] [INFO] Listening at: http://127.0.0.1:8000 (32767)",
    "[2026-11-21 01:11:04 +0000] [26416] [ERROR] Error handling request /api/tree?id=2332",
    "Traceback (most recent call last):",
    R"(  File "/srv/shop/shop/db.py", line 12, in get_order)",
    "    conn = psycopg2.connect(host=\"127.0.0.1\", port=5432)",
    "psycopg2.OperationalError: connection to server at \"127.0.0.1\", port 5432 failed: Connection refused",
    "\tIs the server running on that host and accepting TCP/IP connections?\xff\x01",
    R"(2026/11/21 01:14:18 [error] 386#386: *115 open() "/srv/www/static/x)"
    "\xc3\x28\"",
    R"(2026/11/21 01:14:18 [error] 4711#4711: *90 connect() failed (111: Connection refused) while connecting to upstream, client: 127.0.0.1, server: shop.example.com, request: "GET / HTTP/1.1", upstream: "http:/127.0.0.1:8000/", host: "shop.example.com")",
    R"(" failed (2: No such file or directory), client: 127.0.1.66, server: shop.example.com, request: "GET /static/x%22%20%0A HTTP/1.1", host: "shop.example.com")",
    R"(2026/11/21 01:14:18 [error] 386#386: *115 open() "/srv/www/static/x" failed (2: No such file or directory), client: 127.0.1.66, server: s, request: "GET /static/x HTTP/1.1", host: "h")",
    R"(2026/11/21 01:14:18 [error] 386#386: *115 user "x": password mismatch, client: 127.0.1.66, server: s, request: "GET /static/x HTTP/1.1", host: "h")",
    std::string(2048, '-'),  // farther than a record of nginx's can reach
    R"(127.0.2.82 - - [21/Nov/2026:01:11:09 +0000] "GET /api/items?id=81 HTTP/1.1" 200 521 "-" "-")",
    R"(" failed (2: No such file or directory), client: 127.0.1.66, server: shop.example.com)",
    "2026-11-20T20:13:43.384442-05:00 web1 haproxy[32129]: backend app has no server available!",
    R"(2026-11-20T20:13:43.384442-05:00 web1 haproxy[32129]: 127.0.3.119:52233 [20/Nov/2026:20:13:43.381] www app/web1 0/0/0/2/2 200 651 - - ---- 1/1/0/0/0 0/0 "GET / HTTP/1.1")",
    "2026-11-21T01:15:18.112866+00:00 web1 kernel: [ 3820.160557] Killed process 1459 (gunicorn)",
    "listening 3000",
    "",
};

LineReaderOptions options_in_utc(std::optional<Format> format = {}) {
  return {.source_name = "all.log",
          .format = format,
          .zone = {std::chrono::seconds(0)},
          .reference = *parse_rfc3339("2026-11-21T02:00:00Z")};
}

std::vector<std::string> read_all(LineReader& reader, std::size_t from, std::size_t to) {
  std::vector<std::string> all;
  ReadLine line;
  for (std::size_t i = from; i < to; ++i) {
    reader.read(mixed_lines[i], line);
    all.push_back(all_of(line));
  }
  return all;
}

TEST(LineReader, ReadsTheSameWhereverItWasSavedAndRestored) {
  LineReader whole(options_in_utc());
  const auto expected = read_all(whole, 0, mixed_lines.size());
  for (std::size_t cut = 0; cut <= mixed_lines.size(); ++cut) {
    LineReader before(options_in_utc());
    read_all(before, 0, cut);
    LineReader after(options_in_utc());
    after.restore(before.state());
    EXPECT_EQ(after.state(), before.state());
    const auto rest = read_all(after, cut, mixed_lines.size());
    EXPECT_TRUE(std::equal(rest.begin(), rest.end(), expected.begin() + static_cast<std::ptrdiff_t>(cut)))
        << "cut before line " << cut;
  }
}

TEST(LineReader, RecognisesEachLineOfAMixedStream) {
  LineReader reader(options_in_utc());
  std::vector<std::string> formats;
  for (const auto& all : read_all(reader, 0, mixed_lines.size())) formats.push_back(all.substr(0, all.find(' ')));
  EXPECT_THAT(formats,
              ElementsAre("gunicorn.error", "gunicorn.error", "python.traceback", "python.traceback",
                          "python.traceback", "python.traceback", "python.traceback", "nginx.error", "nginx.error",
                          "nginx.error", "nginx.error", "nginx.error", "text", "gunicorn.access", "nginx.error",
                          "haproxy.event", "haproxy.http", "kernel", "text", "text"));
}

TEST(LineReader, KeepsItsStateSmall) {
  LineReader reader(options_in_utc());
  ReadLine line;
  for (int i = 0; i < 100; ++i) reader.read(mixed_lines[11], line);
  EXPECT_LT(reader.state().size(), 2048u);
  reader.read(mixed_lines[7], line);
  EXPECT_LT(reader.state().size(), 4096u);
}

TEST(LineReader, IgnoresAStateThatItDoesNotUnderstand) {
  LineReader reader(options_in_utc());
  read_all(reader, 0, 6);
  const auto state = reader.state();
  for (const std::string_view other : {"", "null", "[1]", "{", "\xff", "{\"last\":"}) {
    reader.restore(other);
    EXPECT_EQ(reader.state(), state) << other;
  }
}

TEST(LineReader, SurvivesAStateThatLies) {
  LineReader reader(options_in_utc());
  reader.restore(
      R"({"last":"nothing","syslog_headers":-1,"nginx_since_head":-5,"nginx_suspects":[{"bytes_ago":-1},7,[],[-1,-1,-1,99,-1]],"nginx_homes":[[1],[-1,-1]],"request_bytes":-1,"unescaped_bytes_ago":-1,"header":"x","record_format":"nginx.error","record_bytes":-1,"stage":99,"traceback":-3})");
  EXPECT_EQ(read_all(reader, 0, mixed_lines.size()).size(), mixed_lines.size());
}

TEST(LineReader, ReadsNginxsLinesWhereverTheyAreCutOffAndWhicheverByteIsReplaced) {
  auto sound = mixed_lines;
  sound.push_back(
      R"({"time":"2026-11-21T01:15:46+00:00","request":"GET /a?b HTTP/1.1","status":200,"upstream_addr":"a, b : c","upstream_status":"502, 200","x":[{}]})");
  LineReader reader(options_in_utc());
  ReadLine line;
  std::size_t touched = 0;
  for (const auto& text : sound) {
    for (std::size_t at = 0; at < text.size(); ++at) {
      for (const char byte : {'\0', ' ', '\xff', '"', '[', '{', '\\', ',', '*'}) {
        auto damaged = text;
        damaged[at] = byte;
        reader.read(damaged, line);
        touched += all_of(line).size();
      }
      reader.read(std::string_view(text).substr(0, at), line);
      touched += all_of(line).size();
    }
  }
  EXPECT_GT(touched, 0u);
}

class OneLine : public testing::Test {
 protected:
  LogLines lines{"some.log"};
};

TEST_F(OneLine, OfNobodyIsAllMessage) {
  lines.read("Failed to find attribute 'app' in 'shop.wsgi'.");
  EXPECT_EQ(lines.format(), "text");
  EXPECT_EQ(lines.message(), "Failed to find attribute 'app' in 'shop.wsgi'.");
  EXPECT_EQ(lines.time(), "none");
  EXPECT_THAT(lines.fields(), IsEmpty());
}

TEST_F(OneLine, OfNobodyMayBeginWithATime) {
  for (const std::string line :
       {"2026/11/21 01:17:36 listening on 127.0.0.1:8081 write_timeout=20s", "2026-11-21T01:17:36Z started",
        "[2026-11-21 01:17:36] started", "[21/Nov/2026:01:17:36 +0000] started", "[21-Nov-2026 01:17:36 UTC] started",
        "[Sat Nov 21 01:17:36 2026 started"}) {
    lines.read(line);
    EXPECT_EQ(lines.time(), "2026-11-21T01:17:36.000000Z") << line;
    EXPECT_EQ(lines.message(), line);
  }
}

TEST_F(OneLine, OfNobodyThatQuotesARequestEndsBeforeIt) {
  lines.read(R"(21/Nov/2026 took 5ms "GET /connect()%20failed HTTP/1.1" ok "Out of memory")");
  EXPECT_EQ(lines.format(), "text");
  EXPECT_EQ(lines.message(), "21/Nov/2026 took 5ms ");
}

TEST_F(OneLine, OfNobodyWithARequestOutsideQuotesSaysNothing) {
  lines.read("127.0.0.1 GET /connect()%20failed HTTP/1.1 200 Out of memory");
  EXPECT_EQ(lines.format(), "text");
  EXPECT_EQ(lines.message(), "");
}

TEST_F(OneLine, OfJsonWithUnknownKeysSaysNothing) {
  lines.read(R"json({"RequestMethod":"GET","request_User-Agent":"Out of memory: Killed process 4242 (gunicorn)"})json");
  EXPECT_EQ(lines.format(), "text");
  EXPECT_EQ(lines.message(), "");
}

TEST_F(OneLine, MayBeEmpty) {
  lines.read("");
  EXPECT_EQ(lines.format(), "text");
  EXPECT_EQ(lines.message(), "");
}

TEST_F(OneLine, MayHoldAnyBytes) {
  using namespace std::string_literals;
  const auto any = "\0\xff\xc3\x28 Out\r of \x1b memory\0"s;
  lines.read(any);
  EXPECT_EQ(lines.format(), "text");
  EXPECT_EQ(lines.message(), any);
}

TEST_F(OneLine, MayBeVeryLong) {
  const std::string long_path(64 * 1024, 'a');
  lines.read("127.0.0.1 - - [21/Nov/2026:01:06:54 +0000] \"GET /" + long_path + " HTTP/1.1\" 414 0 \"-\" \"-\"");
  EXPECT_EQ(lines.field("status"), "414");
  lines.read("2026/11/21 01:15:46 [error] 1851#1851: *115 " + long_path);
  EXPECT_EQ(lines.message(), long_path);
  lines.read("[2026-11-21 01:10:40 +0000] [25880] [ERROR] " + long_path);
  EXPECT_EQ(lines.message(), long_path);
  for (const char filler : {'"', '[', '{', '(', ' ', '\\'}) {
    lines.read(std::string(64 * 1024, filler));
    EXPECT_EQ(lines.format(), "text");
  }
}

TEST(LineReader, TriesOnlyTheFormatThatTheOperatorNamed) {
  LineReader reader(options_in_utc(Format::gunicorn_error));
  ReadLine line;
  reader.read(mixed_lines[8], line);
  EXPECT_EQ(line.format, Format::text);
  reader.read(mixed_lines[1], line);
  EXPECT_EQ(line.format, Format::gunicorn_error);
  reader.read(mixed_lines[2], line);
  EXPECT_EQ(line.format, Format::python_traceback);
}

TEST(LineReader, ReadsEverythingAsTextWhenTheOperatorSaysSo) {
  LineReader reader(options_in_utc(Format::text));
  ReadLine line;
  for (const auto& text : mixed_lines) {
    reader.read(text, line);
    EXPECT_EQ(line.format, Format::text) << text;
  }
}

TEST(LineReader, KnowsNoMessageInALineThatIsNotOfTheAccessLogNamed) {
  LineReader reader(options_in_utc(Format::nginx_access));
  ReadLine line;
  reader.read("GET /connect() failed (111: Connection refused) 502", line);
  EXPECT_EQ(line.format, Format::text);
  EXPECT_EQ(line.message, "");
  reader.read(mixed_lines[13], line);
  EXPECT_EQ(line.format, Format::nginx_access);
}

TEST(LineReader, GivesTheOperatorsWordMoreWeightThanTheSourcesName) {
  LineReaderOptions options = options_in_utc(Format::nginx_access);
  options.source_name = "gunicorn.log";
  LineReader reader(options);
  ReadLine line;
  reader.read(mixed_lines[13], line);
  EXPECT_EQ(line.format, Format::nginx_access);
}

TEST(ZoneWrittenIn, FindsTheZoneThatALineSpellsOut) {
  using std::chrono::seconds;
  const auto new_york = seconds(-5 * 3600);
  EXPECT_EQ(zone_written_in("2026-11-20T20:13:43.384442-05:00 web1 haproxy[32129]: x"), new_york);
  EXPECT_EQ(zone_written_in("[2026-11-20 20:13:50 -0500] [32125] [INFO] Shutting down: Master"), new_york);
  EXPECT_EQ(zone_written_in(R"(127.0.0.1 - - [20/Nov/2026:20:13:43 -0500] "GET / HTTP/1.1" 200 5 "-" "-")"), new_york);
  EXPECT_EQ(zone_written_in(R"({"remote_addr":"::1","time":"2026-11-20T20:13:43-05:00","status":200})"), new_york);
  EXPECT_EQ(zone_written_in("2026-11-21T01:13:43Z x"), seconds(0));
}

TEST(ZoneWrittenIn, IsNothingInALineWithoutOne) {
  for (const std::string_view line :
       {"", "2026/11/21 01:15:46 [error] 1851#1851: *115 x", "[2026-11-21 01:11:40,605] ERROR in app: x",
        "127.0.3.119:52233 [20/Nov/2026:20:13:43.381] www app/web1", "{\"msec\":1795223566.123}", "{", "[[[["}) {
    EXPECT_EQ(zone_written_in(line), std::nullopt) << line;
  }
}

TEST(LineReaderState, KeepsNoSecretOfAnOpenRecordOnADisk) {
  LineReader reader({.source_name = "a.log"});
  ReadLine line;
  reader.read("[2026-11-21 01:15:46 +0000] [812] [ERROR] Error handling request /x?password=hunter2", line);
  reader.read("Traceback (most recent call last):", line);
  EXPECT_NE(reader.state().find("hunter2"), std::string::npos);
  const auto kept = reader.state(usual_redactor().get());
  EXPECT_EQ(kept.find("hunter2"), std::string::npos);
  EXPECT_NE(kept.find("Error handling request /x?password=[redacted: password]"), std::string::npos);
}

}  // namespace
}  // namespace triaged::formats
