#include <gmock/gmock.h>

#include "tests/support/log_lines.hpp"

namespace triaged::formats {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

class GunicornLines : public testing::Test {
 protected:
  LogLines lines{"gunicorn-error.log"};

  std::string message_of(const std::string& line) {
    lines.read(line);
    EXPECT_EQ(lines.format(), "gunicorn.error") << line;
    return lines.message();
  }
};

TEST_F(GunicornLines, ReadsLevelPidAndTime) {
  lines.read("[2026-11-21 01:10:40 +0000] [25880] [CRITICAL] WORKER TIMEOUT (pid:25888)");
  EXPECT_EQ(lines.format(), "gunicorn.error");
  EXPECT_EQ(lines.message(), "WORKER TIMEOUT (pid:25888)");
  EXPECT_EQ(lines.time(), "2026-11-21T01:10:40.000000Z");
  EXPECT_THAT(lines.fields(), ElementsAre("level=CRITICAL", "pid=25880", "worker_pid=25888"));
}

TEST_F(GunicornLines, ATimeWithAnOffsetIsTakenAtItsWord) {
  lines.read("[2026-11-20 20:13:50 -0500] [32125] [INFO] Shutting down: Master");
  EXPECT_EQ(lines.time(), "2026-11-21T01:13:50.000000Z");
}

struct AddressCase {
  std::string written, upstream;
};
class GunicornAddresses : public testing::TestWithParam<AddressCase> {};

TEST_P(GunicornAddresses, AreNamedAsNginxNamesThemOnEveryLineBelow) {
  LogLines lines("gunicorn-error.log");
  lines.read("[2026-11-21 01:14:15 +0000] [32767] [INFO] Listening at: " + GetParam().written + " (32767)");
  EXPECT_EQ(lines.field("upstream"), GetParam().upstream);
  lines.read("[2026-11-21 01:14:15 +0000] [306] [INFO] Booting worker with pid: 306");
  EXPECT_EQ(lines.field("upstream"), GetParam().upstream);
}

INSTANTIATE_TEST_SUITE_P(Forms, GunicornAddresses,
                         testing::Values(AddressCase{"http://127.0.0.1:8000", "127.0.0.1:8000"},
                                         AddressCase{"https://127.0.0.1:8000", "127.0.0.1:8000"},
                                         AddressCase{"unix:/run/gunicorn/shop.sock", "unix:/run/gunicorn/shop.sock"},
                                         AddressCase{"http://0.0.0.0:8000", "127.0.0.1:8000"},
                                         AddressCase{"http://[::]:8000", "127.0.0.1:8000"},
                                         AddressCase{"http://[::1]:8000", "[::1]:8000"},
                                         AddressCase{"http://10.0.0.5:8000,unix:/run/shop.sock", "10.0.0.5:8000"}));

TEST_F(GunicornLines, CutsThePathOutOfAFailedRequest) {
  EXPECT_EQ(message_of("[2026-11-21 01:11:04 +0000] [26416] [ERROR] Error handling request /api/tree?id=2332"),
            "Error handling request ");
  EXPECT_THAT(lines.fields(), ElementsAre("level=ERROR", "pid=26416", "path=/api/tree"));
}

TEST_F(GunicornLines, CutsThePathOutOfFlasksException) {
  EXPECT_EQ(message_of("[2026-11-21 01:11:40,605] ERROR in app: Exception on /api/total [GET]"),
            "ERROR in app: Exception on ");
  EXPECT_EQ(lines.time(), "2026-11-21T01:11:40.605000Z");
  EXPECT_THAT(lines.fields(), ElementsAre("level=ERROR", "method=GET", "path=/api/total"));
}

TEST_F(GunicornLines, AnInvalidRequestEndsBeforeTheClientsBytes) {
  const std::string head = "[2026-11-21 01:12:05 +0000] [28785] [WARNING] Invalid request from ip=127.0.0.1: ";
  EXPECT_EQ(message_of(head + "Invalid HTTP request line: 'GARBAGE'"),
            "Invalid request from ip=127.0.0.1: Invalid HTTP request line: ");
  EXPECT_EQ(message_of(head + "Invalid HTTP request line: \"it's\""),
            "Invalid request from ip=127.0.0.1: Invalid HTTP request line: ");
  EXPECT_EQ(message_of(head + "Request Line is too large (5014 > 4094)"),
            "Invalid request from ip=127.0.0.1: Request Line is too large (5014 > 4094)");
}

TEST_F(GunicornLines, ADebugLineThatOnlyNamesARequestSaysNothing) {
  EXPECT_EQ(message_of("[2026-11-21 01:12:05 +0000] [28785] [DEBUG] GET /api/items"), "");
  EXPECT_EQ(lines.field("method"), "GET");
  EXPECT_EQ(lines.field("path"), "/api/items");
  EXPECT_EQ(message_of("[2026-11-21 01:12:05 +0000] [28785] [DEBUG] Ignoring connection reset"),
            "Ignoring connection reset");
  EXPECT_EQ(message_of("[2026-11-21 01:12:05 +0000] [28785] [DEBUG] 100 workers"), "100 workers");
}

TEST_F(GunicornLines, LinesThatAClientForgedInAPathThatFlaskDecodedSayNothing) {
  lines.read("[2026-11-21 01:11:40,605] ERROR in app: Exception on /api/total");
  EXPECT_EQ(lines.message(), "ERROR in app: Exception on ");
  for (const std::string forged :
       {"[2026-11-21 01:11:40 +0000] [27440] [CRITICAL] WORKER TIMEOUT (pid:27441)",
        "Traceback (most recent call last):", "MemoryError", "", "the end [GET]", "MemoryError", "more [GET]"}) {
    lines.read(forged);
    EXPECT_EQ(lines.format(), "gunicorn.error") << forged;
    EXPECT_EQ(lines.message(), "") << forged;
    EXPECT_EQ(lines.last().header, "[2026-11-21 01:11:40,605] ERROR in app: Exception on /api/total");
  }
  lines.read("Traceback (most recent call last):");
  EXPECT_EQ(lines.format(), "python.traceback");
  lines.read("ZeroDivisionError: division by zero");
  EXPECT_EQ(lines.message(), "ZeroDivisionError: division by zero");
}

TEST_F(GunicornLines, APathThatNeverEndsIsGivenUpAfter16KiB) {
  lines.read("[2026-11-21 01:11:40,605] ERROR in app: Exception on /api/total");
  lines.read(std::string(16 * 1024, 'x'));
  EXPECT_EQ(lines.message(), "");
  lines.read("[2026-11-21 01:11:41 +0000] [27440] [CRITICAL] WORKER TIMEOUT (pid:27441)");
  EXPECT_EQ(lines.message(), "WORKER TIMEOUT (pid:27441)");
}

TEST_F(GunicornLines, ALineFeedInAPathThatGunicornWroteAsItCameSaysNothing) {
  lines.read("[2026-11-21 01:11:04 +0000] [26416] [ERROR] Error handling request /api/tree");
  lines.read("MemoryError");
  EXPECT_EQ(lines.message(), "");
  lines.read("[2026-11-21 01:11:04 +0000] [26415] [CRITICAL] WORKER TIMEOUT (pid:26416)");
  EXPECT_EQ(lines.message(), "WORKER TIMEOUT (pid:26416)");
}

TEST_F(GunicornLines, NothingThatAClientSentStandsInAMessage) {
  HostileTexts paths(
      {"\n", "\r", "?", "[GET]", "/", "'", "\"", "MemoryError", "[CRITICAL]", "WORKER\nTIMEOUT", "\xff"});
  HostileTexts decoded({"\n", " ", "[GET]", "/", "'", "\"", "\nMemoryError\n", " [GET]\n",
                        "\n[2026-11-21 01:11:40 +0000] [1] [CRITICAL] CLIENT\n",
                        "\nTraceback (most recent call last):\n", "\xff"});
  const auto read_all = [&](const std::string& text) {
    for (std::size_t begin = 0; begin <= text.size();) {
      const std::size_t end = std::min(text.find('\n', begin), text.size());
      lines.read(text.substr(begin, end - begin));
      ASSERT_THAT(lines.message(), Not(HasSubstr("CLIENT"))) << text;
      begin = end + 1;
    }
  };
  const std::string head = "[2026-11-21 01:11:04 +0000] [26416] ";
  for (int i = 0; i < 1000; ++i) {
    read_all(head + "[ERROR] Error handling request /" + paths.next() +
             "\nTraceback (most recent call last):\nKeyError: 'a'");
    read_all(head + "[DEBUG] GET /" + paths.next());
    read_all(head + "[WARNING] Invalid request from ip=127.0.0.1: Invalid HTTP request line: '" +
             decoded.next().substr(0, 6) + "'");
    lines.read("[2026-11-21 01:11:40 +0000] [1] [INFO] Booting worker with pid: 1");
  }
}

TEST_F(GunicornLines, ReadsARecordBehindASyslogHeader) {
  lines.read(
      "Nov 21 01:14:16 web1 gunicorn[32767]: [2026-11-21 01:14:15 +0000] [306] [INFO] Booting worker with pid: 306");
  EXPECT_EQ(lines.format(), "gunicorn.error");
  EXPECT_EQ(lines.message(), "Booting worker with pid: 306");
  EXPECT_EQ(lines.time(), "2026-11-21T01:14:15.000000Z");
  EXPECT_THAT(lines.fields(), ElementsAre("level=INFO", "pid=306", "worker_pid=306", "program=gunicorn"));
}

TEST_F(GunicornLines, ARequestMayHaveItsMethodInFrontOfItsPath) {
  lines.read("[2026-11-21 03:25:39 +0000] [28238] [ERROR] Error handling request GET /bug?id=1");
  EXPECT_EQ(lines.field("method"), "GET");
  EXPECT_EQ(lines.field("path"), "/bug");
  EXPECT_EQ(lines.message(), "Error handling request ");
}

}  // namespace
}  // namespace triaged::formats
