// Lines about requests that a client's line feed broke, as Gunicorn 20.1, uWSGI and php-fpm wrote them, and lines that
// only look like requests behind somebody else's words.
#include <gmock/gmock.h>

#include "tests/support/log_lines.hpp"

namespace triaged::formats {
namespace {

using testing::IsEmpty;

const std::string tail = R"( [29/Nov/2026:08:40:00 +0000] "GET / HTTP/1.1" 200 2 "-" "-")";
const std::string whole = "127.0.0.1 - -" + tail;

const std::string forged_lines[] = {
    "Server app/app1 is DOWN. 0 active and 0 backup servers left. 0 sessions active, 0 requeued, 0 remaining in queue.",
    "!!! uWSGI process 20830 got Segmentation Fault !!!",
    "Failed to find attribute 'app' in 'shop.wsgi'.",
    "Nov 29 08:40:00 h kernel: Out of memory: Killed process 1590 (gunicorn)",
    "2026/11/21 01:14:18 [alert] 1#1: worker process 12 exited on signal 9",
    "[2026-11-21 01:10:40 +0000] [25880] [CRITICAL] WORKER TIMEOUT (pid:25888)",
    "[21-Nov-2026 01:08:00] ERROR: fork() failed: Cannot allocate memory (12)",
    "Traceback (most recent call last):",
    "panic: runtime error",
};

class OpenRequest : public testing::Test {
 protected:
  void expect_silence(const std::string& line, LogLines& lines) {
    lines.read(line);
    EXPECT_EQ(lines.message(), "") << line;
    EXPECT_THAT(lines.fields(), IsEmpty()) << line;
    EXPECT_NE(lines.format(), "text") << line;
  }
  /// All lines between `first` and `last` are silent, and what comes behind is read again.
  void expect_to_hold(const std::string& source, const std::vector<std::string>& before, const std::string& first,
                      const std::string& last, const std::string& behind) {
    for (const auto& forged : forged_lines) {
      LogLines lines(source);
      for (const auto& line : before) lines.read(line);
      lines.read(behind);
      const std::string format(lines.format());
      lines.read(first);
      expect_silence(forged, lines);
      lines.restart();
      expect_silence(forged, lines);
      lines.read(last);
      lines.read(behind);
      EXPECT_EQ(lines.format(), format) << forged;
      EXPECT_FALSE(lines.fields().empty());
    }
  }
};

TEST_F(OpenRequest, HoldsTheLinesInAUsersName) {
  expect_to_hold("gunicorn-access.log", {}, "127.0.0.1 - x", tail, whole);
  expect_to_hold("access.log", {whole}, "127.0.0.1 - x", tail, whole);
}

TEST_F(OpenRequest, HoldsTheLinesInAUsersNameFromTheFirstLineOfALog) {
  for (const auto& forged : forged_lines) {
    LogLines lines("access.log");
    lines.read("127.0.0.1 - x");
    expect_silence(forged, lines);
  }
}

/// As Python's logging writes `%(name)s - %(levelname)s - %(message)s`.
TEST_F(OpenRequest, IsNoLineOfALoggerWithANameInFront) {
  for (const std::string source : {"app.log", "gunicorn.log"}) {
    LogLines lines(source);
    lines.read("shop.views - ERROR - payment failed for order 12");
    EXPECT_EQ(lines.format(), "text");
    lines.read("Traceback (most recent call last):");
    EXPECT_EQ(lines.format(), "python.traceback");
  }
  LogLines lines("gunicorn.log");
  lines.read("127.0.0.1 - ERROR - x");
  expect_silence(forged_lines[0], lines);
}

TEST_F(OpenRequest, HoldsTheLinesInAHeader) {
  const std::string agent = R"(127.0.0.1 - - [29/Nov/2026:08:40:00 +0000] "GET / HTTP/1.1" 200 2 "-" "x)";
  expect_to_hold("gunicorn-access.log", {}, agent, "y\"", whole);
  expect_to_hold("gunicorn-access.log", {}, agent + "\\\"", "\\\"y\" 1234", whole);
  const std::string referrer = R"(127.0.0.1 - - [29/Nov/2026:08:40:00 +0000] "GET / HTTP/1.1" 200 2 "x)";
  expect_to_hold("gunicorn-access.log", {}, referrer, "y\" \"-\"", whole);
}

TEST_F(OpenRequest, CountsTheRequestWhoseHeaderItIs) {
  LogLines lines("gunicorn-access.log");
  lines.read(R"(127.0.0.1 - - [29/Nov/2026:08:40:00 +0000] "GET / HTTP/1.1" 500 2 "-" "x)");
  EXPECT_EQ(lines.field("status"), "500");
}

TEST_F(OpenRequest, IsOverWithTheNextWholeLine) {
  LogLines lines("gunicorn-access.log");
  lines.read(R"(127.0.0.1 - - [29/Nov/2026:08:40:00 +0000] "GET / HTTP/1.1" 200 2 "-" "a backslash at its end \")");
  lines.read(whole);
  EXPECT_EQ(lines.field("status"), "200");
  lines.read("Server app/app1 is DOWN. 0 active and 0 backup servers left.");
  EXPECT_EQ(lines.format(), "haproxy.event");
}

TEST_F(OpenRequest, HoldsTheLinesInARequestLineOfUwsgi) {
  const std::string start = "*** Starting uWSGI 2.0.21 (64bit) on [Sat Nov 21 01:08:05 2026] ***";
  expect_to_hold("uwsgi.log", {start},
                 R"(127.0.0.1 - - [29/Nov/2026:15:44:32 +0000] "Traceback (most recent call last):)",
                 R"(x" 200 315 "-" "-")", whole);
  const std::string request =
      "[pid: 20831|app: 0|req: 1/1] 127.0.0.10 () {34 vars in 497 bytes} [Sat Nov 21 01:08:05 2026] GET ";
  const std::string result =
      "/ => generated 521 bytes in 2 msecs (HTTP/1.1 200) 2 headers in 72 bytes (1 switches on core 0)";
  expect_to_hold("uwsgi.log", {start}, request, result, request + result);
}

TEST_F(OpenRequest, HoldsTheLinesInAPathOfPhpFpms) {
  const std::string start = "[21-Nov-2026 01:08:00] NOTICE: fpm is running, pid 20711";
  const std::string slow = "[21-Nov-2026 01:08:03] WARNING: [pool www] child 20712, script '/srv/php/x";
  const std::string end = R"(' (request: "GET /x.php") execution timed out (1.172439 sec), terminating)";
  expect_to_hold("php-fpm.log", {start}, slow, end, start);
}

TEST_F(OpenRequest, OfPhpFpmsAccessLogLeavesNothingButItsKind) {
  for (const auto& forged : forged_lines) {
    LogLines lines("php-access.log");
    lines.read(R"(- -  29/Nov/2026:15:44:26 +0000 "GET /php-log/)");
    EXPECT_EQ(lines.message(), "");
    lines.read(forged + "\" 200");
    EXPECT_EQ(lines.message(), "") << forged;
    lines.read(R"(- -  29/Nov/2026:15:44:26 +0000 "GET /x" 200)");  // whole, for nobody escapes the path
    lines.read(forged);
    EXPECT_EQ(lines.message(), "") << forged;
    EXPECT_THAT(lines.fields(), IsEmpty()) << forged;
  }
}

TEST_F(OpenRequest, OfDjangosDecodedPathLeavesNoOtherProgramsLines) {
  for (const auto& forged : {forged_lines[1], forged_lines[3], forged_lines[4], forged_lines[6], forged_lines[8]}) {
    LogLines lines("app.log");
    lines.read("Not Found: /x");
    lines.read(forged);
    EXPECT_EQ(lines.message(), "") << forged;
  }
}

TEST_F(OpenRequest, OfAUsersNameOnSshdsStandardErrorLeavesNoOtherProgramsLines) {
  for (const auto& forged : forged_lines) {
    LogLines lines("sshd.log");
    lines.read("Invalid user x");
    lines.read(forged + " from 127.0.0.1 port 49736");
    EXPECT_EQ(lines.message(), "") << forged;
  }
}

// On sshd's standard error all its lines are text, so text was seen there before.
TEST_F(OpenRequest, OfAUsersNameOnSshdsStandardErrorLeavesNoLinesWithinItsRecord) {
  const std::string address = " from 127.0.0.1 port 58856\r";
  for (const std::string forged : {"Failed to parse 'app(' as an attribute name or function call.",
                                   "Thread 1 is about to kill the process.", "panic: runtime error"}) {
    for (const std::string& end : {std::string(), address}) {
      LogLines lines("sshd.log");
      lines.read("Server listening on 127.0.0.1 port 22022.\r");
      lines.read("Invalid user x" + end);
      lines.restart();
      for (const auto& line : {forged, forged + address}) {
        lines.read(line);
        EXPECT_EQ(lines.message(), "") << line;
      }
      for (int i = 0; i < 40; ++i) lines.read("Server listening on 127.0.0.1 port 22022.\r");
      lines.read(forged);
      EXPECT_EQ(lines.message(), forged);
    }
  }
}

// nginx passes the user's name on, decoded: `uwsgi_param REMOTE_USER $remote_user`.
TEST_F(OpenRequest, HoldsTheLinesInAUsersNameThatUwsgiWrites) {
  const std::string start = "*** Starting uWSGI 2.0.21 (64bit) on [Sat Nov 21 01:08:05 2026] ***";
  const std::string head = "[pid: 29742|app: 0|req: 565/565] 127.0.0.1 (";
  const std::string result =
      " => generated 3 bytes in 0 msecs (HTTP/1.1 200) 2 headers in 64 bytes (1 switches on core 0)";
  const std::string end = ") {28 vars in 633 bytes} [Sun Nov 29 16:42:18 2026] GET /uwsgi/" + result;
  expect_to_hold("uwsgi.log", {start}, head + result + "\r\r", end, head + end);
  expect_to_hold("uwsgi.log", {start}, head + ") {28 vars in 453 bytes} [" + result, end, head + end);
  for (const std::string forged : {"Failed to find attribute 'app' in 'shop.wsgi'.", "panic: runtime error"}) {
    LogLines lines("uwsgi.log");
    lines.read(forged + end);  // its beginning stands in another file
    EXPECT_EQ(lines.message(), "");
    lines.read(head + result);
    lines.read(forged + end);
    EXPECT_EQ(lines.message(), "");
    lines.read(head + end);
    EXPECT_EQ(lines.field("status"), "200");
  }
}

TEST_F(OpenRequest, HoldsTheLinesInAProtocolThatUwsgiWrites) {
  const std::string head =
      "[pid: 1|app: 0|req: 1/1] 127.0.0.1 () {28 vars in 453 bytes} [Sun Nov 29 15:58:18 2026] GET 9.9.9.9";
  const std::string result = " 200) 2 headers in 64 bytes (1 switches on core 0)";
  expect_to_hold("uwsgi.log", {}, head + " => generated 3 bytes in 0 msecs (HTTP/1.1", "x" + result,
                 head + " => generated 3 bytes in 0 msecs (HTTP/1.1" + result);
}

TEST(AccessLine, ThatBeginsWithAHeaderOfAClientsIsNoOtherProgramsLine) {
  for (
      const std::string words :
      {R"(2026/11/21 09:27:41 [emerg] 12851#12851: BIO_new_file(\x22/etc/nginx/tls/dhparam.pem\x22) failed (SSL: error:80000002:system library::No such file or directory))",
       "[2026-11-21 01:10:40 +0000] [25880] [CRITICAL] WORKER TIMEOUT (pid:25888)",
       "[21-Nov-2026 01:08:00] ERROR: fork() failed: Cannot allocate memory (12)",
       "!!! uWSGI process 20830 got Segmentation Fault !!!", "panic: runtime error",
       "Nov 29 08:40:00 h kernel: Out of memory: Killed process 1590 (gunicorn)",
       "Nov 29 08:40:00 h haproxy[7]: Server app/app1 is DOWN.", "Nov 29 08:40:00 h app[7]: panic: runtime error",
       "Nov 29 08:40:00 h systemd[1]: gunicorn.service: Failed with result 'oom-kill'.",
       R"(127.0.0.1:38800 [29/Nov/2026:15:36:33.845] www app/app1 0/0/0/1/1 502 73 - - SH-- 1/1/0/0/0 0/0)"}) {
    for (const std::string before : {"", "127.0.0.1", "Nov 29 08:40:00 h shop[7]: x"}) {
      LogLines lines("access.log");
      if (!before.empty()) lines.read(before == "127.0.0.1" ? whole : before);
      lines.read(words + R"( - - [29/Nov/2026:17:03:10 +0000] "GET / HTTP/1.1" 200 6 "-" "-")");
      EXPECT_EQ(lines.message(), "") << words;
      EXPECT_EQ(lines.field("status"), "");
    }
  }
}

TEST(AccessLine, InTheTextOfAClientLeavesOtherProgramsTheirWords) {
  const std::string access = R"(9.9.9.9 - - [29/Nov/2026:17:12:00 +0000] "GET / HTTP/1.1" 504 3 "-" "-")";
  const auto format_of = [](const std::string& line) { return std::string(name_of(LogLines().read(line).format)); };
  EXPECT_EQ(format_of("[2026-11-21 01:11:40,605] ERROR in app: Exception on /" + access + " [GET]"), "gunicorn.error");
  EXPECT_EQ(
      format_of("127.0.0.1:38800 [29/Nov/2026:15:36:33.845] www app/app1 0/0/0/1/1 502 73 - - SH-- 1/1/0/0/0 0/0 {" +
                access + R"(} "GET / HTTP/1.1")"),
      "haproxy.http");
  EXPECT_EQ(format_of("2026/11/21 01:14:18 [error] 1#1: *9 open() \"/srv/" + access +
                      "\" failed (2: No such file or directory), client: 127.0.0.1, server: s, request: \"GET / "
                      "HTTP/1.1\", host: \"h\""),
            "nginx.error");
}

TEST(AccessLine, BeginsWithNoWordsOfAnApplication) {
  const std::string access = R"(9.9.9.9 - - [29/Nov/2026:17:12:00 +0000] "GET / HTTP/1.1" 504 3 "-" "-")";
  for (const std::string words : {"upload: ", "ERROR:", "INFO:shop.views:", "shop.views: ", "x:y:", "x: y: "}) {
    LogLines lines("uwsgi-combined.output");
    lines.read(whole);
    lines.read(words + access);
    EXPECT_NE(lines.format(), "nginx.access") << words;
    EXPECT_EQ(lines.message(), "") << words;
  }
}

TEST(AccessLine, BeginsWhereTheLineBegins) {
  const std::string after_words =
      R"(Invalid user 9.9.9.9 - - [29/Nov/2026:08:00:00 +0000] "GET / HTTP/1.1" 500 3 "-" "-" from 203.0.113.5 port 22)";
  LogLines lines("auth.log");
  for (const std::string header : {"Nov 29 08:00:00 h sshd[7]: ", "", "Nov 29 08:00:00 h app[7]: "}) {
    lines.read(header + after_words);
    EXPECT_NE(lines.format(), "nginx.access") << header;
    EXPECT_EQ(lines.field("status"), "");
  }
}

TEST(AccessLine, MayBeginWithSeveralAddressesOrAVirtualHost) {
  LogLines lines("access.log");
  for (const std::string before : {"", "203.0.113.9, ", "203.0.113.9, 2001:db8::1, ", "shop.example.com:443 ",
                                   "::ffff:203.0.113.9, ", "2001:db8:0:0:0:0:0:1, "}) {
    lines.read(before + whole);
    EXPECT_EQ(lines.format(), "nginx.access") << before;
    EXPECT_EQ(lines.field("client"), "127.0.0.1");
  }
}

TEST(AccessLine, MayBeginWithOtherWordsWhereTheSourceHasAccessLines) {
  for (const std::string before : {"web1 ", "8443 ", "shop.example.com 443 ", "9a1c1f4f1b1e4c1d8a6f3f0e5d7b2c3a ",
                                   "b7c8-11ee web1 203.0.113.9, "}) {
    const auto line = before + whole;
    LogLines access("/var/log/nginx/shop-access.log"), other("/var/log/access/app.log");
    access.read(line);
    EXPECT_EQ(access.format(), "nginx.access") << line;
    EXPECT_EQ(access.field("client"), "127.0.0.1");
    EXPECT_EQ(access.field("status"), "200");
    other.read(line);
    EXPECT_EQ(other.field("status"), "") << line;
  }
}

TEST(SyslogProgram, WritesNoFormatOfAnotherProgram) {
  LogLines lines("syslog");
  for (const std::string program : {"sshd[7]", "sudo", "CRON[12]", "postfix/smtpd[4]", "systemd[1]"}) {
    for (const auto& text : {whole, forged_lines[1], forged_lines[4], forged_lines[5], forged_lines[6]}) {
      lines.read("Nov 29 08:00:00 h " + program + ": " + text);
      EXPECT_EQ(lines.format(), "syslog") << program << ": " << text;
    }
  }
}

TEST(SyslogProgram, IsTheKernelWhereTheKernelSpeaks) {
  LogLines lines("syslog");
  lines.read("Nov 29 08:00:00 h shop[7]: [ 3820.160557] Memory cgroup out of memory: Killed process 1459 (gunicorn)");
  EXPECT_EQ(lines.format(), "syslog");
  lines.read("Nov 29 08:00:00 h kernel: [ 3820.160557] Memory cgroup out of memory: Killed process 1459 (gunicorn)");
  EXPECT_EQ(lines.format(), "kernel");
}

TEST(OpenPhpRequest, HoldsAnAccessLineInItsDecodedPath) {
  LogLines lines("php-access.log");
  lines.read(R"(- -  29/Nov/2026:17:57:41 +0000 "GET /php-log/x)");
  lines.read(R"(9.9.9.9 - - [29/Nov/2026:17:56:00 +0000] "GET / HTTP/1.1" 502 3 "-" "-")");
  EXPECT_EQ(lines.message(), "");
  EXPECT_THAT(lines.fields(), IsEmpty());
  lines.read(R"(" 200)");
  EXPECT_EQ(lines.message(), "");
}

TEST(OpenPhpRequest, IsNoAccessLineAlsoWhenItsPathHoldsOne) {
  LogLines lines("php-access.log");
  for (const std::string end : {"", "\" 200"}) {
    lines.read(
        R"(- -  29/Nov/2026:17:57:41 +0000 "GET /php-log/9.9.9.9 - - [29/Nov/2026:08:40:00 +0000] "GET / HTTP/1.1" 502 3 "-" "-")" +
        end);
    EXPECT_EQ(lines.message(), "");
    EXPECT_THAT(lines.fields(), IsEmpty());
  }
}

// A quote in its path leaves a line open, and none of the next whole ones closes it: their quotes are even.
TEST(OpenPhpRequest, HoldsTheLinesBehindItsEndHoweverLateThatComes) {
  LogLines lines("php-access.log");
  lines.read(
      R"(- -  29/Nov/2026:20:23:00 +0000 "GET /php-log/x" 200 localhost could not be resolved (110: Opera" 200)");
  for (int i = 0; i < 400; ++i) lines.read(R"(- -  29/Nov/2026:20:23:01 +0000 "POST /php-warning" 200)");
  lines.read(R"(- -  29/Nov/2026:20:23:01 +0000 "GET /php-log/x)");
  lines.read("Error: listen EADDRINUSE: address already in use :::3000");
  EXPECT_EQ(lines.message(), "");
  lines.read("panic: runtime error");
  EXPECT_EQ(lines.message(), "");
}

TEST(HaproxyLine, OfALogFormatOfSomebodysOwnSaysNothingOfWhatClientsSent) {
  const std::string words = "www/1: Connection closed while waiting for PROXY protocol header";
  LogLines lines("haproxy.log");
  for (const std::string before :
       {R"({"time":"29/Nov/2026:15:36:18.169","request":"GET \/","status":200,"agent":")",
        R"(127.0.0.1:52088 [29/Nov/2026:15:36:33.845] custom custom/<NOSRV> 200 - - {shop.example.com|)",
        R"(custom 200 "GET / HTTP/1.1" agent=)"}) {
    lines.read("Nov 29 15:36:33 web1 haproxy[32703]: " + before + words);
    EXPECT_EQ(lines.message().find("PROXY"), std::string::npos) << lines.message();
  }
}

}  // namespace
}  // namespace triaged::formats
