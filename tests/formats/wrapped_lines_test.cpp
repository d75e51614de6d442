// What transport puts around a line is taken off, and what a client sends never opens a wrapper.
#include <functional>
#include <list>

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "base/time.hpp"
#include "formats/line_reader.hpp"

namespace triaged::formats {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

LineReaderOptions options_in_utc(std::optional<Format> format = {}) {
  return {.source_name = "all.log",
          .format = format,
          .zone = {std::chrono::seconds(0)},
          .reference = *parse_rfc3339("2026-11-21T02:00:00Z")};
}

/// What is read of a line, without the fields that a wrapper adds and with the time cut to its second.
std::string essence_of(const ReadLine& line) {
  auto all = fmt::format("{} | {} | {} | {}", name_of(line.format), line.message, line.header,
                         line.time ? to_rfc3339(*line.time).substr(0, 19) : "none");
  for (const auto& [name, value] : line.fields) {
    bool is_of_wrapper = false;
    for (const std::string_view other : {"unit", "container", "pod", "namespace"}) is_of_wrapper |= name == other;
    if (!is_of_wrapper) all += fmt::format(" ; {}={}", name, value);
  }
  return all;
}

/// Recorded lines, at least one of each format, with a record over several lines.
const std::vector<std::string> recorded = {
    R"(2026/11/21 01:15:46 [error] 1851#1851: *115 connect() failed (111: Connection refused) while connecting to upstream, client: 127.0.3.235, server: shop.example.com, request: "GET /api/items?id=1750 HTTP/1.1", upstream: "http://127.0.0.1:8003/api/items?id=1750", host: "shop.example.com", referrer: "https://shop.example.com/")",
    R"(127.0.2.82 - - [21/Nov/2026:01:11:09 +0000] "GET /api/items?id=81 HTTP/1.1" 200 521 "-" "-")",
    "[2026-11-21 01:14:15 +0000] [32767] [INFO] Listening at: http://127.0.0.1:8000 (32767)",
    "[2026-11-21 01:11:04 +0000] [26416] [ERROR] Error handling request /api/tree?id=2332",
    "Traceback (most recent call last):",
    R"(  File "/srv/shop/shop/db.py", line 12, in get_order)",
    "    conn = psycopg2.connect(host=\"127.0.0.1\", port=5432)",
    "psycopg2.OperationalError: connection to server at \"127.0.0.1\", port 5432 failed: Connection refused",
    R"(127.0.3.119:52233 [21/Nov/2026:01:13:43.381] www app/web1 0/0/0/2/2 200 651 - - ---- 1/1/0/0/0 0/0 "GET / HTTP/1.1")",
    "[21-Nov-2026 01:08:03] WARNING: [pool www] child 20712 exited on signal 15 (SIGTERM) after 3.674074 seconds from "
    "start",
    "Sat Nov 21 01:08:09 2026 - *** HARAKIRI ON WORKER 1 (pid: 20830, try: 1) ***",
};

std::string plain_essence(std::size_t until) {
  LineReader reader(options_in_utc());
  ReadLine line;
  for (std::size_t i = 0; i <= until; ++i) reader.read(recorded[i], line);
  return essence_of(line);
}

std::string in_json(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '"' || c == '\\') escaped += '\\';
    escaped += c;
  }
  return escaped;
}

struct Wrapper {
  std::string name;
  std::function<std::string(const std::string&)> wrap;
};

const std::vector<Wrapper> wrappers = {
    {"compose", [](const auto& line) { return "web-1  | " + line; }},
    {"compose_1", [](const auto& line) { return "web_1         | " + line; }},
    {"coloured", [](const auto& line) { return "\x1b[36mweb-1  |\x1b[0m " + line; }},
    {"compose_times", [](const auto& line) { return "web-1  | 2026-11-21T01:20:00.123456789Z " + line; }},
    {"docker_times", [](const auto& line) { return "2026-11-21T01:20:00.123456789Z " + line; }},
    {"docker_desktop", [](const auto& line) { return "2026-11-21 01:20:00 " + line; }},
    {"kubectl", [](const auto& line) { return "[pod/web-7d9f8b6c5-x2x4q/web] " + line; }},
    {"stern", [](const auto& line) { return "web-7d9f8b6c5-x2x4q web " + line; }},
    {"kubetail", [](const auto& line) { return "[web-7d9f8b6c5-x2x4q web] " + line; }},
    {"cri", [](const auto& line) { return "2026-11-21T01:20:00.123456789Z stderr F " + line; }},
    {"json_file",
     [](const auto& line) {
       return R"({"log":")" + in_json(line) + R"(\n","stream":"stderr","time":"2026-11-21T01:20:00.123456789Z"})";
     }},
    {"fluent_bit",
     [](const auto& line) {
       return R"({"log":")" + in_json(line) +
              R"(","kubernetes":{"pod_name":"web-7d9f8b6c5-x2x4q","container_name":"web"}})";
     }},
    {"filebeat",
     [](const auto& line) {
       return R"({"@timestamp":"2026-11-21T01:20:00.123Z","message":")" + in_json(line) + R"(","log":{"offset":12}})";
     }},
    {"gcp",
     [](const auto& line) {
       return R"({"jsonPayload":{"message":")" + in_json(line) + R"("},"timestamp":"2026-11-21T01:20:00.123Z"})";
     }},
    {"foreman", [](const auto& line) { return "01:20:00 web.1  | " + line; }},
    {"pm2", [](const auto& line) { return "0|web  | " + line; }},
    {"cloudwatch", [](const auto& line) { return "2026-11-21T01:20:00.123Z\t" + line; }},
    {"svlogd", [](const auto& line) { return "2026-11-21_01:20:00.12345 " + line; }},
    {"multilog", [](const auto& line) { return "@400000006cefa61e075bcd15 " + line; }},
    {"grep", [](const auto& line) { return "logs/web.log:12:" + line; }},
    {"supervisor_stdout", [](const auto& line) { return "web stdout | " + line; }},
    {"stern_all_namespaces", [](const auto& line) { return "shop web-7d9f8b6c5-x2x4q web " + line; }},
    {"pm2_times", [](const auto& line) { return "0|web  | 2026-11-21T01:20:00: " + line; }},
    {"grep_numbered", [](const auto& line) { return "12:" + line; }},
    {"pasted", [](const auto& line) { return "    " + line; }},
    {"quoted", [](const auto& line) { return "> " + line; }},
    {"cri_in_compose", [](const auto& line) { return "web-1  | 2026-11-21T01:20:00.123456789Z stderr F " + line; }},
};

class WrappedLines : public testing::TestWithParam<Wrapper> {};

TEST_P(WrappedLines, AreReadAsTheBareOnes) {
  LineReader reader(options_in_utc());
  ReadLine line;
  for (std::size_t i = 0; i < recorded.size(); ++i) {
    const auto wrapped = GetParam().wrap(recorded[i]);
    reader.read(wrapped, line);
    EXPECT_EQ(line.text, recorded[i]);
    EXPECT_EQ(essence_of(line), plain_essence(i));
  }
}

TEST_P(WrappedLines, AreReadAsTheBareOnesAfterARestartBetweenAnyTwo) {
  std::string state;
  for (std::size_t i = 0; i < recorded.size(); ++i) {
    LineReader reader(options_in_utc());
    if (!state.empty()) reader.restore(state);
    ReadLine line;
    const auto wrapped = GetParam().wrap(recorded[i]);
    reader.read(wrapped, line);
    EXPECT_EQ(essence_of(line), plain_essence(i));
    state = reader.state();
  }
}

INSTANTIATE_TEST_SUITE_P(Formats, WrappedLines, testing::ValuesIn(wrappers),
                         [](const auto& each) { return each.param.name; });

class WrappedLine : public testing::Test {
 protected:
  const ReadLine& read(std::string_view line) {
    lines_.emplace_back(line);
    reader_.read(lines_.back(), read_);
    return read_;
  }
  std::string field(std::string_view name) const { return std::string(read_.field(name)); }

  LineReader reader_{options_in_utc()};
  ReadLine read_;

 private:
  std::list<std::string> lines_;
};

TEST_F(WrappedLine, KeepsTheRecordsOfServicesApartThatRunThroughEachOther) {
  read("web-1  | [2026-11-21 01:11:04 +0000] [26416] [ERROR] Error handling request /api/tree?id=2332");
  read("api-1  | [2026-11-21 01:11:05 +0000] [77] [ERROR] Error handling request /health");
  read("web-1  | Traceback (most recent call last):");
  read("api-1  | Traceback (most recent call last):");
  read(
      "web-1  | psycopg2.OperationalError: connection to server at \"127.0.0.1\", port 5432 failed: Connection "
      "refused");
  EXPECT_EQ(field("exception"), "psycopg2.OperationalError");
  EXPECT_EQ(field("pid"), "26416");
  EXPECT_EQ(field("container"), "web-1");
  read("api-1  | KeyError: 'x'");
  EXPECT_EQ(field("pid"), "77");
  EXPECT_EQ(field("container"), "api-1");
  EXPECT_EQ(to_rfc3339(*read_.time), "2026-11-21T01:11:05.000000Z");
}

TEST_F(WrappedLine, SaysWhatItsWrapperKnows) {
  read(
      R"({"log":"2026/11/21 01:14:18 [notice] 1#1: start worker process 30\n","stream":"stderr","time":"2026-11-21T01:14:18.5Z","kubernetes":{"pod_name":"web-7d9f","namespace_name":"prod","container_name":"nginx","host":"node-3"}})");
  EXPECT_THAT(read_.wrappers, ElementsAre("a JSON object"));
  EXPECT_EQ(field("pod"), "web-7d9f");
  EXPECT_EQ(field("namespace"), "prod");
  EXPECT_EQ(field("container"), "nginx");
  read(
      R"({"__REALTIME_TIMESTAMP":"1795223793123456","_HOSTNAME":"web1","_SYSTEMD_UNIT":"shop.service","SYSLOG_IDENTIFIER":"gunicorn","_PID":"812","MESSAGE":"listening"})");
  EXPECT_EQ(field("unit"), "shop.service");
  EXPECT_EQ(field("program"), "gunicorn");
  EXPECT_EQ(field("pid"), "812");
  EXPECT_EQ(read_.host, "web1");
  EXPECT_EQ(to_rfc3339(*read_.time), "2026-11-21T01:16:33.123456Z");
}

TEST_F(WrappedLine, HasItsOwnTimeAndTheZoneOfItsWrapper) {
  reader_ = LineReader({.source_name = "all.log", .format = {}, .zone = {}, .reference = {}});
  read("2026-11-21T01:14:18.523456789Z 2026/11/21 06:44:17 [notice] 1#1: start worker process 30");
  EXPECT_EQ(to_rfc3339(*read_.time), "2026-11-21T01:14:17.000000Z");
  read("2026-11-21T01:14:19.523456789Z listening");
  EXPECT_EQ(to_rfc3339(*read_.time), "2026-11-21T01:14:19.523456Z");
}

TEST_F(WrappedLine, IsJoinedFromItsParts) {
  EXPECT_EQ(read("2026-11-21T01:14:18.523456789Z stderr P 2026/11/21 01:14:18 [notice] 1#1: start ").message, "");
  EXPECT_EQ(read("2026-11-21T01:14:18.523456789Z stderr F worker process 30").message, "start worker process 30");
  EXPECT_EQ(read_.format, Format::nginx_error);
  EXPECT_EQ(read("2026-11-21T01:14:19.523456789Z stderr F 2026/11/21 01:14:19 [notice] 1#1: exit").message, "exit");
}

TEST_F(WrappedLine, SaysWhereItsFirstPartBegins) {
  const std::string first = "2026-11-21T01:14:18.523456789Z stderr P 2026/11/21 01:14:18 [notice] 1#1: start ";
  const std::string other = "2026-11-21T01:14:18.523456789Z stdout F listening";
  const std::string last = "2026-11-21T01:14:18.523456789Z stderr F worker process 30";
  read(first);
  EXPECT_EQ(read(other).bytes_of_parts_above, 0u) << "another stream's";
  EXPECT_EQ(read(last).bytes_of_parts_above, first.size() + 1 + other.size() + 1);
  EXPECT_EQ(read(last).bytes_of_parts_above, 0u);
  read(first);
  const auto state = reader_.state();
  reader_ = LineReader({.source_name = "all.log", .format = {}, .zone = {}, .reference = {}});
  reader_.restore(state);
  EXPECT_EQ(read(last).bytes_of_parts_above, first.size() + 1) << "in the next run";
}

TEST_F(WrappedLine, MayHoldATracebackInAnObject) {
  read(
      R"({"message":"Exception in worker process","time":"2026-11-21T01:11:04Z","level":"error","exc_info":"Traceback (most recent call last):\nKeyError: 'x'"})");
  EXPECT_EQ(read_.message, "Exception in worker process");
  ASSERT_TRUE(reader_.read_next(read_));
  EXPECT_EQ(read_.format, Format::python_traceback);
  ASSERT_TRUE(reader_.read_next(read_));
  EXPECT_EQ(field("exception"), "KeyError");
  EXPECT_FALSE(reader_.read_next(read_));
}

TEST_F(WrappedLine, OfAnUnknownProgramIsBelievedFromTheThirdInARowOn) {
  EXPECT_EQ(read("web-1  | Example app listening at http://localhost:3000").message,
            "web-1  | Example app listening at http://localhost:3000");
  read("web-1  | Example app listening at http://localhost:3000");
  EXPECT_EQ(read("web-1  | Error: connect ECONNREFUSED 127.0.0.1:5432").message,
            "Error: connect ECONNREFUSED 127.0.0.1:5432");
  EXPECT_EQ(field("container"), "web-1");
}

TEST_F(WrappedLine, IsNoColumnOfAnApplicationsOwn) {
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(read("ERROR    | cannot connect").message, "ERROR    | cannot connect");
    EXPECT_EQ(read("2026-11-21 01:11:04 | cannot connect").message, "2026-11-21 01:11:04 | cannot connect");
  }
}

// nginx decodes a path, and a %0A in it begins a line: a wrapper there would open a stream that nobody distrusts.
TEST_F(WrappedLine, IsNotOpenedByAClientsLineFeed) {
  read(R"(2026/11/21 01:14:18 [error] 386#386: *115 open() "/srv/www/static/x)");
  for (const std::string wrapper :
       {"web-1  | ", "2026-11-21T01:14:18.523456789Z stderr F ", "[pod/web-7d9f/web] ", "logs/error.log:"}) {
    const auto& forged =
        read(wrapper + "2026/11/21 01:14:18 [emerg] 386#386: bind() to 0.0.0.0:80 failed (98: Address already in use)");
    EXPECT_THAT(forged.message, IsEmpty()) << wrapper;
    EXPECT_EQ(forged.stream, 0u);
  }
}

TEST_F(WrappedLine, IsNotOpenedInsideAnotherByAClientsLineFeed) {
  read("web-1  | 2026/11/21 01:14:17 [notice] 1#1: start worker process 30");
  read(R"(web-1  | 2026/11/21 01:14:18 [error] 386#386: *115 open() "/srv/www/static/x)");
  const auto& forged = read(
      "web-1  | db-1  | 2026/11/21 01:14:18 [emerg] 386#386: bind() to 0.0.0.0:80 failed (98: Address already in use)");
  EXPECT_THAT(forged.message, IsEmpty());
}

// A line that shows that those above it were forged counts the bytes of its own stream; the reader says where they
// begin in the source.
TEST_F(WrappedLine, DisownsLinesOfItsOwnStreamAcrossThoseOfOthers) {
  const std::string first =
      R"(web-1  | 2026/11/21 01:14:18 [error] 386#386: *115 open() "/srv/www/static/x" failed (2: No such file or directory), client: 1.2.3.4, server: s, request: "GET / HTTP/1.1", host: "h")";
  const std::string forged =
      R"(web-1  | 2026/11/21 01:14:18 [error] 4711#4711: *90 connect() failed (111: Connection refused) while connecting to upstream, client: 127.0.0.1, server: shop.example.com, request: "GET / HTTP/1.1", upstream: "http:/127.0.0.1:8000/", host: "shop.example.com")";
  const std::string other = "api-1  | [2026-11-21 01:11:05 +0000] [77] [INFO] Booting worker with pid: 77";
  const std::string last =
      R"(web-1  | " failed (2: No such file or directory), client: 127.0.1.66, server: shop.example.com, request: "GET /static/x%22%20%0A HTTP/1.1", host: "shop.example.com")";
  read("web-1  | 2026/11/21 01:14:17 [notice] 1#1: start worker process 30");
  read("api-1  | [2026-11-21 01:11:05 +0000] [77] [INFO] Booting worker with pid: 76");
  read(first);
  const auto stream = read_.stream;
  for (int i = 0; i < 3; ++i) read(other);
  read(forged);
  read(last);
  EXPECT_EQ(read_.stream, stream);
  EXPECT_EQ(read_.disowned_bytes, first.size() + 1 + forged.size() + 1 + 3 * (other.size() + 1));
}

const std::string gunicorns = "[2026-11-21 01:20:00 +0000] [1] [CRITICAL] WORKER TIMEOUT (pid:13)";
const std::string kernels = "[ 3820.160557] Out of memory: Killed process 77 (python3) total-vm:1kB, anon-rss:1kB";

// A logger escapes a client's line feed, and decoding the object brings it back.
TEST_F(WrappedLine, BeginsNoLineByALineFeedInAMessage) {
  for (const auto& forged : {gunicorns, kernels, std::string("WORKER TIMEOUT (pid:13)")}) {
    read(R"({"level":"warn","time":"2026-11-21T01:20:00Z","msg":"not found: /x\n)" + forged + "\"}");
    EXPECT_EQ(read_.message, "not found: /x");
    EXPECT_FALSE(reader_.read_next(read_)) << forged;
  }
}

TEST_F(WrappedLine, InAJournalIsOnlyOfAFormatThatItsProgramWrites) {
  const auto journal = [](const std::string& program, const std::string& message, const std::string& more = "") {
    return R"({"__REALTIME_TIMESTAMP":"1795223793123456","SYSLOG_IDENTIFIER":")" + program + R"(","MESSAGE":")" +
           message + "\"" + more + "}";
  };
  EXPECT_EQ(read(journal("sshd", kernels)).format, Format::text);
  EXPECT_EQ(read(journal("app", kernels)).format, Format::text);
  EXPECT_EQ(read(journal("nginx", gunicorns)).format, Format::text);
  EXPECT_EQ(read(journal("kernel", kernels, R"(,"_TRANSPORT":"syslog")")).format, Format::text);
  EXPECT_EQ(read(journal("kernel", kernels, R"(,"_TRANSPORT":"kernel")")).format, Format::kernel);
  EXPECT_EQ(read(journal("gunicorn", gunicorns)).format, Format::gunicorn_error);
}

TEST_F(WrappedLine, IsNotOpenedInFlasksPathOrAnExceptionsText) {
  read("[2026-11-21 01:11:40,605] ERROR in app: Exception on /x [GET]");
  EXPECT_EQ(read("web-1  | " + gunicorns).message, "");
  read("y [GET]");
  read("Traceback (most recent call last):");
  read("ValueError: bad name 'x");
  for (const std::string wrapper : {"web-1  | ", "logs/error.log:", "2026-11-21 01:20:00 "}) {
    EXPECT_NE(read(wrapper + kernels).format, Format::kernel) << wrapper;
  }
}

// nginx writes an ESC of a client's as it came.
TEST_F(WrappedLine, LosesNothingButColours) {
  const auto& line = read(
      R"(2026/11/21 01:15:46 [error] 1851#1851: *115 open() "/srv/x" failed (24: Too many open files))"
      "\x1b["
      R"(" failed (2: No such file or directory), client: 1.2.3.4, server: shop, request: "GET /x HTTP/1.1", host: "shop")");
  EXPECT_THAT(line.message, testing::Not(HasSubstr("Too many open files")));
}

TEST_F(WrappedLine, IsJoinedWhereItsPartsWereMade) {
  for (int i = 0; i < 3; ++i) read("2026-11-21T01:20:00.123456789Z stderr F main | x");
  read("2026-11-21T01:20:00.123456789Z stderr P main | upload name aaa");
  EXPECT_EQ(read("2026-11-21T01:20:00.123456789Z stderr F " + gunicorns).message, "upload name aaa" + gunicorns);
}

TEST_F(WrappedLine, IndentedBehindOthersContinuesThem) {
  read("Nov 21 01:08:11 web1 app[1]: user said: hi");
  EXPECT_EQ(read("                             " + gunicorns).format, Format::text);
  EXPECT_EQ(read("\t" + kernels).format, Format::text);
}

TEST_F(WrappedLine, OfAMonotonicJournalIsItsPrograms) {
  EXPECT_EQ(read("[12345.678901] web1 app[7]: segfault at 0 ip 00007f3d14bddad8 sp 0 error 4 in libc.so.6").format,
            Format::syslog);
  EXPECT_EQ(read("[12345.678901] web1 gunicorn[7]: " + gunicorns).format, Format::gunicorn_error);
}

TEST_F(WrappedLine, WithTheWordsOfAProgramAloneProvesNothing) {
  for (const std::string line :
       {"bob | CRITICAL WORKER TIMEOUT (pid:13)", "bob.smith:WORKER TIMEOUT (pid:13)", "> WORKER TIMEOUT (pid:13)",
        "2026-11-21 01:20:00 WORKER TIMEOUT (pid:13)", R"x({"user":"bob","message":"WORKER TIMEOUT (pid:13)"})x"}) {
    EXPECT_EQ(read(line).format, Format::text) << line;
  }
}

TEST_F(WrappedLine, KeepsTheStatusOfAnAccessRecordWithAMessage) {
  read(R"({"log":"hello\n","stream":"stderr","time":"2026-11-21T01:20:00.5Z"})");
  read(
      R"({"time":"2026-11-21T01:20:00Z","status":"502","path":"/x","upstream_addr":"10.0.0.1:80","severity":"INFO","message":"GET /x"})");
  EXPECT_EQ(read_.format, Format::nginx_access);
  EXPECT_EQ(field("status"), "502");
}

TEST_F(WrappedLine, DoesNotSwallowWhatFollowsARequestErrorWithoutAProcess) {
  read("ERROR gunicorn.error: Error handling request /x");
  EXPECT_EQ(read("CRITICAL gunicorn.error: WORKER TIMEOUT (pid:13)").message, "WORKER TIMEOUT (pid:13)");
}

// ingress-nginx's controller, as it logs beside nginx.
TEST_F(WrappedLine, MayHaveAHeaderOfKlogs) {
  EXPECT_EQ(read("W1120 21:51:57.908771       9 controller.go:775] service default/shop does not have any active "
                 "endpoints")
                .message,
            "service default/shop does not have any active endpoints");
  EXPECT_THAT(read_.wrappers, ElementsAre("klog's header"));
  EXPECT_EQ(to_rfc3339(*read_.time), "2026-11-20T21:51:57.908771Z");
  for (const std::string line :
       {"W1120 21:51:57.908771       9 controller.go:775 words", "W1120 21:51:57 9 x.go:7] words",
        "W1320 21:51:57.908771       9 controller.go:775] words", "I1120"}) {
    EXPECT_EQ(read(line).message, line);
  }
}

TEST_F(WrappedLine, IsNoLineNumberOfGrepsInAnAddressOrAClock) {
  for (const std::string line : {"2001:db8::7 - - [21/Nov/2026:01:11:09 +0000] \"GET / HTTP/1.1\" 200 521 \"-\" \"-\"",
                                 "01:20:00 2026/11/21 01:15:46 [notice] 1#1: exit"}) {
    EXPECT_EQ(read(line).text, line);
    EXPECT_THAT(read_.wrappers, IsEmpty());
  }
}

TEST_F(WrappedLine, WithoutAKnownLineInsideIsReadAsItIs) {
  for (const std::string line :
       {"[warn] something", "[web app] x", "a | b", "file.txt: no such file", "{\"status\":200,\"uri\":\"/\"}",
        "@400000000000000000000000 x", "12:00 web | x", "2026-11-21", "{", "{}", "{\"log\":{}}", "[pod/", "|", " | "}) {
    EXPECT_EQ(read(line).text, line);
    EXPECT_EQ(read_.stream, 0u);
  }
}

TEST_F(WrappedLine, IsLeftAloneWhereTheOperatorNamedPlainText) {
  reader_ = LineReader(options_in_utc(Format::text));
  for (int i = 0; i < 5; ++i) EXPECT_EQ(read("web-1  | " + recorded[0]).text, "web-1  | " + recorded[0]);
}

}  // namespace
}  // namespace triaged::formats
