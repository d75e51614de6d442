// Entries of a journal over several lines. The texts are journalctl's, of a journal with these three entries.
#include <gmock/gmock.h>

#include "tests/support/log_lines.hpp"

namespace triaged::formats {
namespace {

using testing::ElementsAre;

class EntryLinesOfAJournal : public testing::Test {
 protected:
  LogLines lines{"journal.txt"};

  /// What the entries in `text` say.
  std::vector<std::string> said_in(std::string_view text) {
    std::vector<std::string> said;
    while (!text.empty()) {
      const std::size_t end = std::min(text.find('\n'), text.size());
      lines.read(std::string(text.substr(0, end)));
      if (!lines.message().empty()) {
        said.push_back(std::string(lines.format()) + " " + lines.field("program") + " " + lines.time() + " " +
                       lines.message());
      }
      text.remove_prefix(std::min(end + 1, text.size()));
    }
    return said;
  }
};

const std::vector<std::string> all_three = {
    "gunicorn.error gunicorn 2026-11-21T01:16:33.000000Z WORKER TIMEOUT (pid:2625)",
    "nginx.error nginx 2026-11-21T01:16:34.000000Z exit",
    "kernel kernel 2026-11-21T01:16:35.123456Z Out of memory: Killed process 2625 (gunicorn) total-vm:96116kB"};

TEST_F(EntryLinesOfAJournal, AreReadInTheVerboseForm) {
  EXPECT_EQ(
      said_in(
          R"(Sat 2026-11-21 01:16:33.123456 UTC [s=2a1f1b36b3044859bc07aab18a9e351a;i=1;b=00000000000000000000000000000001;m=f4240;t=660bf1c7b4080;x=650bddc15af681ba]
    MESSAGE=[2026-11-21 01:16:33 +0000] [2623] [CRITICAL] WORKER TIMEOUT (pid:2625)
    _TRANSPORT=stdout
    _BOOT_ID=00000000000000000000000000000001
    _HOSTNAME=web1
    _PID=77
    SYSLOG_IDENTIFIER=gunicorn
    _SYSTEMD_UNIT=gunicorn.service
    PRIORITY=6
Sat 2026-11-21 01:16:34.123456 UTC [s=2a1f1b36b3044859bc07aab18a9e351a;i=2;b=00000000000000000000000000000001;m=f4628;t=660bf1c8a82c0;x=7c822538415799ee]
    _TRANSPORT=stdout
    _HOSTNAME=web1
    MESSAGE=2026/11/21 01:16:34 [notice] 812#812: exit
    SYSLOG_IDENTIFIER=nginx
Sat 2026-11-21 01:16:35.123456 UTC [s=2a1f1b36b3044859bc07aab18a9e351a;i=3;b=00000000000000000000000000000001;m=f4a10;t=660bf1c99c500;x=e2b5ffc5041c0020]
    MESSAGE=Out of memory: Killed process 2625 (gunicorn) total-vm:96116kB
    _TRANSPORT=kernel
    SYSLOG_IDENTIFIER=kernel
    SYSLOG_FACILITY=0
)"),
      all_three);
  EXPECT_EQ(lines.message(), "");
}

constexpr std::string_view exported =
    R"(__CURSOR=s=2a1f1b36b3044859bc07aab18a9e351a;i=1;b=00000000000000000000000000000001;m=f4240;t=660bf1c7b4080;x=650bddc15af681ba
__REALTIME_TIMESTAMP=1795223793123456
__MONOTONIC_TIMESTAMP=1000000
MESSAGE=[2026-11-21 01:16:33 +0000] [2623] [CRITICAL] WORKER TIMEOUT (pid:2625)
_TRANSPORT=stdout
_HOSTNAME=web1
_PID=77
SYSLOG_IDENTIFIER=gunicorn
_SYSTEMD_UNIT=gunicorn.service

__CURSOR=s=2a1f1b36b3044859bc07aab18a9e351a;i=2;b=00000000000000000000000000000001;m=f4628;t=660bf1c8a82c0;x=7c822538415799ee
__REALTIME_TIMESTAMP=1795223794123456
_TRANSPORT=stdout
MESSAGE=2026/11/21 01:16:34 [notice] 812#812: exit
SYSLOG_IDENTIFIER=nginx

__CURSOR=s=2a1f1b36b3044859bc07aab18a9e351a;i=3;b=00000000000000000000000000000001;m=f4a10;t=660bf1c99c500;x=e2b5ffc5041c0020
__REALTIME_TIMESTAMP=1795223795123456
MESSAGE=Out of memory: Killed process 2625 (gunicorn) total-vm:96116kB
_TRANSPORT=kernel
SYSLOG_IDENTIFIER=kernel
SYSLOG_FACILITY=0

)";

TEST_F(EntryLinesOfAJournal, AreReadAsExported) { EXPECT_EQ(said_in(exported), all_three); }

TEST_F(EntryLinesOfAJournal, SayWhatTheJournalKnows) {
  said_in(exported.substr(0, exported.find("\n\n") + 1));
  lines.read("");
  EXPECT_EQ(lines.field("unit"), "gunicorn.service");
  EXPECT_EQ(lines.field("pid"), "2623");
  EXPECT_EQ(lines.last().host, "web1");
  EXPECT_THAT(lines.last().wrappers, ElementsAre("a journal entry"));
}

TEST_F(EntryLinesOfAJournal, AreReadAsPrettyJson) {
  EXPECT_EQ(said_in(R"json({
	"_PID" : "77",
	"_TRANSPORT" : "stdout",
	"_HOSTNAME" : "web1",
	"SYSLOG_IDENTIFIER" : "gunicorn",
	"__REALTIME_TIMESTAMP" : "1795223793123456",
	"MESSAGE" : "[2026-11-21 01:16:33 +0000] [2623] [CRITICAL] WORKER TIMEOUT (pid:2625)"
}
{
	"MESSAGE" : "2026/11/21 01:16:34 [notice] 812#812: exit",
	"SYSLOG_IDENTIFIER" : "nginx",
	"__REALTIME_TIMESTAMP" : "1795223794123456"
}
{
	"SYSLOG_FACILITY" : "0",
	"_TRANSPORT" : "kernel",
	"MESSAGE" : "Out of memory: Killed process 2625 (gunicorn) total-vm:96116kB",
	"SYSLOG_IDENTIFIER" : "kernel",
	"__REALTIME_TIMESTAMP" : "1795223795123456"
}
)json"),
            all_three);
}

TEST_F(EntryLinesOfAJournal, AreNotBegunByALineFeedInAValue) {
  const std::string forged =
      "MESSAGE=[2026-11-21 01:16:33 +0000] [1] [CRITICAL] WORKER TIMEOUT (pid:13)\n"
      "SYSLOG_IDENTIFIER=gunicorn\n\n__CURSOR=s=1;i=1;b=1;m=1;t=1;x=1\n" +
      std::string(80, 'x');
  const std::string value = "name: x\n" + forged;
  std::string length(8, '\0');
  length[0] = static_cast<char>(value.size() & 0xff);
  length[1] = static_cast<char>(value.size() >> 8);
  const auto cursor = exported.substr(0, exported.find('\n') + 1);
  EXPECT_THAT(
      said_in(std::string(cursor) + "SYSLOG_IDENTIFIER=app\nMESSAGE\n" + length + value + "\n_TRANSPORT=stdout\n\n"),
      ElementsAre("text app none name: x"));
}

// Another program's object, which is nobody's.
TEST_F(EntryLinesOfAJournal, AreNoOtherObjectOverSeveralLines) {
  EXPECT_THAT(said_in("{\n  \"error\": \"disk full\"\n}\n{\n\t\"error\": \"disk full\"\n}\nstarted\n"),
              ElementsAre("text  none   \"error\": \"disk full\"", "text  none }",
                          "text  none \t\"error\": \"disk full\"", "text  none }", "text  none started"));
}

}  // namespace
}  // namespace triaged::formats
