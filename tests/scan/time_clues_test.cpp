#include "scan/time_clues.hpp"

#include <fstream>

#include <gtest/gtest.h>

#include "tests/support/temporary_folder.hpp"

namespace triaged::scan {
namespace {

class CluesOfTime : public testing::Test {
 protected:
  /// A log whose file was modified then.
  std::string log(const std::string& name, std::string_view text, std::string_view modified_at) {
    const auto path = folder_.path() / name;
    std::ofstream(path) << text;
    const auto at = std::chrono::file_clock::from_sys(*parse_rfc3339(modified_at));
    std::filesystem::last_write_time(path, at);
    return path.string();
  }

 private:
  TemporaryFolder folder_;
};

const std::string error_line = "2020/02/24 08:04:15 [alert] 7#7: worker process 8 exited on signal 9\n";
const std::string access_line = "1.2.3.4 - - [24/Feb/2020:08:04:20 -0500] \"GET / HTTP/1.1\" 200 5 \"-\" \"-\"\n";
const std::string syslog_line = "Feb 24 08:04:15 web1 gunicorn[6831]: [2020-02-24 08:04:15 +0000] [6848] [INFO] x\n";

TEST_F(CluesOfTime, AreTheZoneThatMostFilesSpellOut) {
  EXPECT_EQ(
      time_clues_in({log("a", error_line, "2020-02-24T13:05:00Z"), log("b", access_line, "2020-02-24T13:05:00Z")}).zone,
      std::chrono::hours(-5));
  EXPECT_EQ(time_clues_in({log("c", error_line, "2020-02-24T13:05:00Z")}).zone, std::nullopt);
}

TEST_F(CluesOfTime, AreTheDatesInFilesThatWereCopiedLongAfter) {
  EXPECT_EQ(time_clues_in({log("a", syslog_line, "2026-11-21T00:00:00Z")}).dated,
            parse_rfc3339("2020-02-24T08:04:15Z"));
  EXPECT_EQ(time_clues_in({log("b", "Feb 24 08:04:15 web1 app[7]: x\n", "2026-11-21T00:00:00Z"),
                           log("c", access_line, "2026-11-21T00:00:00Z")})
                .dated,
            parse_rfc3339("2020-02-24T13:04:20Z"));
}

TEST_F(CluesOfTime, AreNoDatesWhereAFileHasItsOwnTime) {
  EXPECT_EQ(time_clues_in({log("a", syslog_line, "2020-03-01T00:00:00Z")}).dated, std::nullopt);
  EXPECT_EQ(
      time_clues_in({log("b", error_line, "2026-11-21T00:00:00Z"), log("c", error_line, "2020-02-25T00:00:00Z")}).dated,
      std::nullopt);
}

TEST_F(CluesOfTime, AreNoDatesOfAClients) {
  const std::string line = "1.2.3.4 \"GET /[21/Nov/2001:00:00:00 +0000] HTTP/1.1\" 200\n";
  EXPECT_EQ(time_clues_in({log("a", line, "2026-11-21T00:00:00Z")}).dated, std::nullopt);
}

}  // namespace
}  // namespace triaged::scan
