#include <gmock/gmock.h>

#include "tests/support/log_lines.hpp"

namespace triaged::formats {
namespace {

using testing::ElementsAre;

class SyslogLines : public testing::Test {
 protected:
  LogLines lines{"syslog"};
};

TEST_F(SyslogLines, ReadsTheHeaderOfAProgramWithoutAFormatOfItsOwn) {
  lines.read("2026-11-20T20:13:43.384442-05:00 web1 sshd[812]: Server listening on 0.0.0.0 port 22.");
  EXPECT_EQ(lines.format(), "syslog");
  EXPECT_EQ(lines.message(), "Server listening on 0.0.0.0 port 22.");
  EXPECT_EQ(lines.time(), "2026-11-21T01:13:43.384442Z");
  EXPECT_EQ(lines.last().host, "web1");
  EXPECT_THAT(lines.fields(), ElementsAre("program=sshd", "pid=812"));
}

TEST_F(SyslogLines, ReadsATraditionalHeader) {
  lines.read("Nov  1 01:13:43 web1 systemd[1]: Reloading.");
  EXPECT_EQ(lines.time(), "2026-11-01T01:13:43.000000Z");
  EXPECT_EQ(lines.message(), "Reloading.");
  EXPECT_THAT(lines.fields(), ElementsAre("program=systemd", "pid=1"));
}

TEST_F(SyslogLines, ReadsWhatJournalctlWritesInEachShortForm) {
  const std::pair<std::string, std::string> times[] = {
      {"Nov 21 01:16:33", "2026-11-21T01:16:33.000000Z"},
      {"Nov 21 01:16:33.123456", "2026-11-21T01:16:33.123456Z"},
      {"Sat 2026-11-21 01:16:33 UTC", "2026-11-21T01:16:33.000000Z"},
      {"2026-11-21T01:16:33+0000", "2026-11-21T01:16:33.000000Z"},
      {"2026-11-21T01:16:33.123456+0000", "2026-11-21T01:16:33.123456Z"},
      {"[    1.000000]", "none"},
      {"1795223793.123456", "2026-11-21T01:16:33.123456Z"},
  };
  for (const auto& [written, time] : times) {
    lines = LogLines("journal.log");
    lines.read(written + " web1 nginx[77]: 2026/11/21 01:16:34 [notice] 812#812: exit");
    EXPECT_EQ(lines.format(), "nginx.error") << written;
    EXPECT_EQ(lines.last().host, "web1") << written;
    lines.read(written + " web1 app[7]: Reloading.");
    EXPECT_EQ(lines.message(), "Reloading.") << written;
    EXPECT_EQ(lines.time(), time) << written;
    lines = LogLines("journal.log");
    lines.read(written + " web1 kernel: Out of memory: Killed process 2625 (gunicorn) total-vm:96116kB");
    EXPECT_EQ(lines.format(), "kernel") << written;
    EXPECT_EQ(lines.message(), "Out of memory: Killed process 2625 (gunicorn) total-vm:96116kB") << written;
  }
}

TEST_F(SyslogLines, TakesAClockAloneForTheLastDay) {
  lines.read("01:15:18 kernel: [58632.866347] Out of memory: Killed process 1235 (mariadbd) total-vm:3061516kB");
  EXPECT_EQ(lines.format(), "kernel");
  EXPECT_EQ(lines.time(), "2026-11-21T01:15:18.000000Z");
  lines.read("06:16:20 web1 systemd[1]: mariadb.service: A process of this unit has been killed by the OOM killer.");
  EXPECT_EQ(lines.field("program"), "systemd");
  EXPECT_EQ(lines.time(), "2026-11-20T06:16:20.000000Z");
  for (const std::string line :
       {"06:16:20 ERROR: disk full", "06:16:20 web1 app: started", "06:16:20 app[web]: started"}) {
    lines = LogLines("app.log");
    lines.read(line);
    EXPECT_EQ(lines.format(), "text") << line;
  }
}

TEST_F(SyslogLines, TakesTheProgramFromItsUnit) {
  lines.read("Sat 2026-11-21 01:16:34 UTC web1 nginx.service[77]: 2026/11/21 01:16:34 [notice] 812#812: exit");
  EXPECT_EQ(lines.format(), "nginx.error");
  EXPECT_EQ(lines.field("program"), "nginx");
}

// As glibc's locales abbreviate November.
TEST_F(SyslogLines, ReadsTheMonthsOfOtherLanguages) {
  for (const std::string month : {"Nov", "nov", "nov.", "ноя", "11月", "11월"}) {
    lines.read(month + " 21 01:13:43 web1 systemd[1]: Reloading.");
    EXPECT_EQ(lines.time(), "2026-11-21T01:13:43.000000Z") << month;
    EXPECT_EQ(lines.message(), "Reloading.") << month;
  }
  const std::pair<std::string, std::string> months[] = {{"Mär", "03"}, {"févr.", "02"}, {"ago", "08"},  {"out", "10"},
                                                        {"gen", "01"}, {"дек", "12"},   {" 2月", "02"}, {"10月", "10"}};
  for (const auto& [name, month] : months) {
    lines.read(name + "  7 01:13:43 web1 systemd[1]: Reloading.");
    EXPECT_EQ(lines.time(), (month == "12" ? "2025-" : "2026-") + month + "-07T01:13:43.000000Z") << name;
  }
  for (const std::string month : {"13月", "0月", "月", "20月"}) {
    lines.read(month + " 21 01:13:43 web1 systemd[1]: Reloading.");
    EXPECT_EQ(lines.format(), "text") << month;
  }
}

TEST_F(SyslogLines, ADatagramMayNameNoHost) {
  lines.read("<30>Nov 21 01:13:43 systemd[1]: Reloading.");
  EXPECT_EQ(lines.last().host, "");
  EXPECT_EQ(lines.message(), "Reloading.");
}

TEST_F(SyslogLines, AProgramMayNameNoPid) {
  lines.read("Nov 21 01:13:43 web1 rsyslogd: rsyslogd was HUPed");
  EXPECT_EQ(lines.message(), "rsyslogd was HUPed");
  EXPECT_THAT(lines.fields(), ElementsAre("program=rsyslogd"));
}

TEST_F(SyslogLines, ReadsTheHeaderOfRfc5424) {
  lines.read(
      R"(<134>1 2026-11-21T01:13:43.384Z web1 haproxy 32129 - [a@1 b="]\"c"] backend app has no server available!)");
  EXPECT_EQ(lines.format(), "haproxy.event");
  EXPECT_EQ(lines.message(), "backend app has no server available!");
  EXPECT_EQ(lines.time(), "2026-11-21T01:13:43.384000Z");
  EXPECT_THAT(lines.fields(), ElementsAre("backend=app", "program=haproxy", "pid=32129"));
}

TEST_F(SyslogLines, NginxBehindAHeaderIsReadAsNginx) {
  lines.read(
      "<187>Nov 21 01:15:46 web1 nginx: 2026/11/21 01:15:46 [error] 1851#1851: *115 connect() failed (111: Connection "
      "refused) while "
      "connecting to upstream, client: 127.0.3.235, server: shop.example.com, request: \"GET /api/items?id=1750 "
      "HTTP/1.1\", upstream: "
      "\"http://127.0.0.1:8003/api/items?id=1750\", host: \"shop.example.com\"");
  EXPECT_EQ(lines.format(), "nginx.error");
  EXPECT_EQ(lines.field("upstream"), "127.0.0.1:8003");
  EXPECT_EQ(lines.field("program"), "nginx");
}

TEST_F(SyslogLines, AnApplicationsOwnTimeAndLevelAreNoHeader) {
  lines.read("2026-11-21T01:13:43Z ERROR worker: queue is full");
  EXPECT_EQ(lines.format(), "text");
  EXPECT_EQ(lines.message(), "2026-11-21T01:13:43Z ERROR worker: queue is full");
}

TEST_F(SyslogLines, BrokenHeadersAreText) {
  for (const std::string line :
       {"<", "<134>", "<134>1 ", "<134>1 2026-11-21T01:13:43Z", "<99999>Nov 21 01:13:43 web1 a: b", "Nov 21",
        "Nov 21 01:13:43", "Nov 21 01:13:43 ", "Nov 21 01:13:43 web1", "Nov 21 01:13:43 web1 a[1: b",
        "2026-11-21T01:13:43+", "2026-11-21T01:13:43+0000 ", "<134>1 2026-11-21T01:13:43Z a b c d [e"}) {
    lines.read(line);
    EXPECT_EQ(lines.format(), "text") << line;
    EXPECT_EQ(lines.message(), line);
  }
}

}  // namespace
}  // namespace triaged::formats
