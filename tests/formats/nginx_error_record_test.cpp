// Records that a newline broke. The forged lines are those that a client wrote into a real nginx's log through a
// decoded path ("GET /static/x%22%20%0A2026%2F11%2F21%2001%3A14%3A18…"), and what it could have written instead.
#include <gmock/gmock.h>

#include "tests/support/log_lines.hpp"

namespace triaged::formats {
namespace {

const std::string broken = R"(2026/11/21 01:14:18 [error] 386#386: *115 open() "/srv/www/static/x" )";
const std::string looks_whole =
    R"(2026/11/21 01:14:18 [error] 386#386: *115 open() "/srv/www/static/x" failed (2: No such file or directory), client: 1.2.3.4, server: s, request: "GET / HTTP/1.1", host: "h")";
const std::string forged =
    R"(2026/11/21 01:14:18 [error] 4711#4711: *90 connect() failed (111: Connection refused) while connecting to upstream, client: 127.0.0.1, server: shop.example.com, request: "GET / HTTP/1.1", upstream: "http:/127.0.0.1:8000/", host: "shop.example.com")";
const std::string true_end =
    R"(" failed (2: No such file or directory), client: 127.0.1.66, server: shop.example.com, request: "GET /static/x%22%20%0A2026 HTTP/1.1", host: "shop.example.com")";
const std::string genuine =
    R"(2026/11/21 01:14:19 [error] 387#387: *116 connect() failed (111: Connection refused) while connecting to upstream, client: 127.0.0.7, server: shop.example.com, request: "GET / HTTP/1.1", upstream: "http://127.0.0.1:8000/", host: "shop.example.com")";
const std::string genuine_message = "connect() failed (111: Connection refused) while connecting to upstream";

class NginxRecord : public testing::Test {
 protected:
  LogLines lines{"error.log"};

  void read(const std::string& line) {
    lines.read(line);
    EXPECT_EQ(lines.format(), "nginx.error") << line;
  }
  void expect_silent_continuation(const std::string& line) {
    read(line);
    EXPECT_EQ(lines.message(), "") << line;
    EXPECT_THAT(lines.fields(), testing::IsEmpty()) << line;
    EXPECT_EQ(lines.last().header, broken);
  }
};

TEST_F(NginxRecord, AForgedLineInsideAnOpenRecordSaysNothing) {
  read(broken);
  EXPECT_EQ(lines.message(), R"(open() "")");
  expect_silent_continuation(forged);
  expect_silent_continuation(true_end);
  EXPECT_EQ(lines.last().disowned_bytes, 0u);
  read(genuine);
  EXPECT_EQ(lines.message(), genuine_message);
  EXPECT_EQ(lines.last().header, "");
}

TEST_F(NginxRecord, ManyForgedLinesInsideAnOpenRecordSayNothing) {
  read(broken);
  for (int i = 0; i < 5; ++i) expect_silent_continuation(forged);
  expect_silent_continuation("2026-11-21T01:15:18+00:00 web1 kernel: Out of memory: Killed process 1459 (gunicorn)");
  expect_silent_continuation("[2026-11-21 01:10:40 +0000] [25880] [CRITICAL] WORKER TIMEOUT (pid:25888)");
  expect_silent_continuation(true_end);
}

TEST_F(NginxRecord, AForgedLineThatTheTrueEndFollowsOnTheSameLineSaysNothing) {
  read(broken);
  expect_silent_continuation(forged + true_end);
  read(genuine);
  EXPECT_EQ(lines.message(), genuine_message);
}

TEST_F(NginxRecord, AnEndWithoutABeginningDisownsWhatStandsAboveIt) {
  read(forged);
  read(true_end);
  EXPECT_EQ(lines.message(), "");
  EXPECT_EQ(lines.last().disowned_bytes, 2048 - true_end.size() - 1);
}

TEST_F(NginxRecord, DisownsNothingAboveTheLineThatMayHaveBegunTheRecord) {
  read(genuine);
  read(looks_whole);
  read(forged);
  read(true_end);
  EXPECT_EQ(lines.last().disowned_bytes, looks_whole.size() + 1 + forged.size() + 1);
  EXPECT_EQ(lines.message(), "");
}

TEST_F(NginxRecord, AForgedLineWithTheTrueEndBehindItSaysNothingAndDisownsItsBeginning) {
  read(looks_whole);
  read(forged + true_end);
  EXPECT_EQ(lines.message(), "");
  EXPECT_EQ(lines.last().disowned_bytes, looks_whole.size() + 1);
}

TEST_F(NginxRecord, AnOpenValueInFrontOfTheTrueEndDeceivesNobody) {
  read(looks_whole);
  read(forged + R"(, referrer: "zzz)" + true_end);
  EXPECT_EQ(lines.message(), "");
}

TEST_F(NginxRecord, AForgedWorkerEventWithTheTrueEndBehindItSaysNothing) {
  read(looks_whole);
  read("2026/11/21 01:14:18 [alert] 1#1: worker process 12 exited on signal 9" + true_end);
  EXPECT_EQ(lines.message(), "");
  EXPECT_EQ(lines.last().disowned_bytes, looks_whole.size() + 1);
}

TEST_F(NginxRecord, AForgedLineOfAnotherProgramWithTheTrueEndBehindItSaysNothing) {
  read(looks_whole);
  read("[2026-11-21 01:10:40 +0000] [25880] [CRITICAL] WORKER TIMEOUT (pid:25888)" + true_end);
  EXPECT_EQ(lines.message(), "");
}

TEST_F(NginxRecord, ARecordThatBeginsInsideAnotherThatIsTakenForOpenHoldsItsOwnForgedLines) {
  // The end of a record that nginx cut, its beginning unknown, and less than a whole record further on the next one.
  read(broken + std::string(1748 - broken.size(), 'y'));
  read(looks_whole);
  lines.read("[2026-11-21 01:10:40 +0000] [25880] [CRITICAL] WORKER TIMEOUT (pid:25888)" + std::string(150, ' '));
  EXPECT_EQ(lines.message(), "");
}

TEST_F(NginxRecord, ARecordThatNginxCutIsOverAfterItsLastByte) {
  read(broken);
  const auto left = 2048 - (broken.size() + 1) - (forged.size() + 1);
  expect_silent_continuation(forged);
  expect_silent_continuation(std::string(left - 1, 'x'));
  read(genuine);
  EXPECT_EQ(lines.message(), genuine_message);
}

// The first 2,048 bytes end where a new record's line ends, by chance or because a client counted them.
TEST_F(NginxRecord, HoldsTheLinesOfARecordThatBeginsWhereAnotherMayHaveBeenCut) {
  const std::string rewritten =
      R"(2026/11/29 21:25:57 [notice] 30962#30962: *63806 "^/rewritten/(.*)$" does not match "/rewritten/x)";
  const std::string end = R"(", client: 127.0.0.1, server: s, request: "GET /rewritten/x%0A HTTP/1.1", host: "h")";
  read(rewritten);
  read(std::string(2048 - rewritten.size() - 1 - broken.size() - 1 - end.size() - 1, 'b') + end);
  read(broken);
  for (const std::string line : {"Nov 29 08:40:00 web1 systemd[1]: 2026/11/21 10:18:29 http: proxy error: dial tcp: "
                                 "lookup app.nowhere.invalid on 10.255.255.53:53: no such host",
                                 "panic: runtime error"}) {
    read(line);
    EXPECT_EQ(lines.message(), "") << line;
    EXPECT_EQ(lines.last().header, broken) << line;
  }
}

TEST_F(NginxRecord, ALineThatDoesNotFitIntoTheRecordIsItsOwn) {
  read(broken);
  read(broken + std::string(1900, 'x'));
  EXPECT_EQ(lines.last().header, broken);
  read(genuine);
  EXPECT_EQ(lines.message(), genuine_message);
}

TEST_F(NginxRecord, ALineOfTheGreatestLengthLeavesNothingOpen) {
  read(broken + std::string(2047 - broken.size(), 'x'));
  read(genuine);
  EXPECT_EQ(lines.message(), genuine_message);
}

TEST_F(NginxRecord, TheErrorNumberOfACutRecordGivesItsForgedLineAway) {
  read(looks_whole);
  read(forged.substr(0, forged.size() - 10) + "xxxx... (2: No such file or directory), client: 127");
  EXPECT_EQ(lines.message(), "");
  EXPECT_EQ(lines.last().disowned_bytes, looks_whole.size() + 1);
}

TEST_F(NginxRecord, TheLengthOfACutRecordGivesItsForgedLineAway) {
  const std::string user =
      R"(2026/11/21 01:14:18 [error] 386#386: *115 user "x": password mismatch, client: 1.2.3.4, server: s, request: "GET / HTTP/1.1", host: "h")";
  read(user);
  const auto padding = 2048 - (user.size() + 1) - (forged.size() + 1) - std::string(R"(, referrer: "")").size();
  read(forged + R"(, referrer: ")" + std::string(padding, 'x') + '"');
  EXPECT_EQ(lines.message(), "");
  EXPECT_EQ(lines.last().disowned_bytes, user.size() + 1);
}

TEST_F(NginxRecord, TheLengthOfARecordThatNginxCutInsideAForgedHeadGivesItsForgedLinesAway) {
  const std::string handshake =
      "2026/11/29 09:11:29 [info] 19860#19860: *87 SSL_do_handshake() failed (SSL: error:0A000418:SSL routines::tlsv1 "
      "alert unknown ca:SSL alert number 48) while SSL handshaking, client: 127.0.0.214, server: 0.0.0.0:443";
  std::string record =
      R"(2026/11/30 19:03:13 [info] 18997#18997: *23299 client sent header ":authority" with invalid value: ")";
  while (record.size() < 2048) record += handshake + '\n';
  record.resize(2047);
  std::size_t begin = 0;
  for (auto end = record.find('\n'); end != std::string::npos; end = record.find('\n', begin)) {
    read(record.substr(begin, end - begin));
    begin = end + 1;
  }
  const auto cut_head = record.substr(begin);
  EXPECT_THAT(cut_head, testing::StartsWith("2026/11/29 09:11:29 [info] 198"));
  EXPECT_THAT(cut_head, testing::Not(testing::HasSubstr("SSL_do")));
  read(cut_head);
  EXPECT_EQ(lines.message(), "");
  EXPECT_EQ(lines.last().disowned_bytes, begin);
}

/// Equal records, too, may make 2,048 bytes together, so more of the same kind is no forgery; all else between may be.
TEST_F(NginxRecord, TheLengthOfARecordThatNginxCutInsideAnotherOfItsKindDoubtsWhatStandsBetween) {
  const std::string head =
      R"(2026/11/21 01:07:57 [error] 20592#20592: *113 FastCGI sent in stderr: "PHP message: PHP Fatal error:  Uncaught RuntimeException: no such product: )";
  const std::string php =
      head +
      R"(x" while reading response header from upstream, client: 127.0.0.1, server: shop.example.com, request: "GET / HTTP/1.1", upstream: "fastcgi://unix:/run/php.sock:", host: "shop.example.com")";
  const auto between = php.size() + 1 + forged.size() + 1;
  read(php);
  read(forged);
  read(head + std::string(2048 - between - head.size() - 1, 'y'));
  EXPECT_EQ(lines.last().disowned_bytes, 0u);
  EXPECT_EQ(lines.last().doubt.bytes, between);
  EXPECT_FALSE(lines.last().doubt.spares(DoubtedLine(forged)));
  EXPECT_TRUE(lines.last().doubt.spares(DoubtedLine(head + 'x')));
  read(genuine);
  EXPECT_EQ(lines.message(), "");  // the record that may have begun on the line before goes on
}

/// Behind a client's text nobody can tell whose suffix it is that nginx cut: the client's text may hold one, and then
/// its true end is missing. A client's colours, which are taken out of the line, count among the bytes of its record.
TEST_F(NginxRecord, KnowsNothingOfWhatFollowsAClientsTextWhenNginxCutIt) {
  const std::string after_user = R"(" was not found in "/srv/users", client: 127.0.0.1, server: shop.example.)";
  const std::string after_method =
      R"(" while reading client request headers, client: 127.0.0.1, server: shop.example.comPG::ConnectionBad (conn)";
  const std::string after_scheme =
      " while SSL handshaking, client: 127.0.3.92, server: 0.0.0.0:443" + std::string(9, '"');
  const std::array<std::pair<std::string, std::string>, 3> records = {
      {{"[error] 9581#9581: *436220 user ", after_user},
       {"[info] 9581#9581: *436220 client sent invalid method: ", after_method},
       {"[info] 9581#9581: *436220 client sent invalid :scheme header: ", after_scheme}}};
  for (const std::string colour : {"", "\x1b[0m"}) {
    for (const auto& [words, end] : records) {
      const auto head = "2026/11/30 19:57:27 " + words + '"' + colour;
      read(head + std::string(2047 - head.size() - end.size(), 'b') + end);
      EXPECT_EQ(lines.message(), words.substr(words.rfind("436220 ") + 7) + "\"\"") << colour.size();
      EXPECT_EQ(lines.field("phase"), "") << colour.size();
      EXPECT_EQ(lines.field("client"), "") << colour.size();
      EXPECT_EQ(lines.field("vhost"), "") << colour.size();
    }
  }
}

/// nginx keeps room for what the system said, so behind a path its own words are known, and what follows them.
TEST_F(NginxRecord, KnowsTheServerOfASystemCallWhenNginxCutTheRequest) {
  const std::string head =
      R"(2026/11/21 01:06:44 [error] 1851#1851: *1 open() "/srv/www/missing" failed )"
      R"((2: No such file or directory), client: 127.0.0.1, server: shop.example.com, request: "GET /)";
  read(head + std::string(2047 - head.size(), 'x'));
  EXPECT_EQ(lines.field("vhost"), "shop.example.com");
  EXPECT_EQ(lines.field("errno"), "2");
}

TEST_F(NginxRecord, AClosedKeepaliveConnectionOpensNoRecord) {
  read("2026/11/21 01:14:38 [info] 1126#1126: *2 client 127.0.0.10 closed keepalive connection");
  EXPECT_EQ(lines.message(), "client 127.0.0.10 closed keepalive connection");
  read(genuine);
  EXPECT_EQ(lines.message(), genuine_message);
}

TEST_F(NginxRecord, DebugLinesSayNothingAndOpenNoRecord) {
  read(R"(2026/11/21 01:14:18 [debug] 386#386: *115 http header: "User-Agent: connect() failed")");
  EXPECT_EQ(lines.message(), "");
  read(genuine);
  EXPECT_EQ(lines.message(), genuine_message);
}

TEST_F(NginxRecord, ABrokenProxyProtocolHeaderIsOneRecord) {
  read(R"(2026/11/21 01:13:41 [error] 32064#32064: *113 broken header: "GET / HTTP/1.1)");
  EXPECT_EQ(lines.message(), R"(broken header: "")");
  for (const std::string line : {"accept-encoding: identity", "host: shop.example.com", "accept: */*", "",
                                 R"(" while reading PROXY protocol, client: 127.0.0.1, server: 0.0.0.0:8080)"}) {
    read(line);
    EXPECT_EQ(lines.message(), "");
    EXPECT_EQ(lines.last().header, R"(2026/11/21 01:13:41 [error] 32064#32064: *113 broken header: "GET / HTTP/1.1)");
    EXPECT_EQ(lines.time(), "2026-11-21T01:13:41.000000Z");
  }
  read(genuine);
  EXPECT_EQ(lines.message(), genuine_message);
}

TEST_F(NginxRecord, TheFirstLineOfAPhpErrorSpeaks) {
  read(
      R"(2026/11/21 01:07:57 [error] 20592#20592: *113 FastCGI sent in stderr: "PHP message: PHP Fatal error:  Uncaught Error: Call to a member function sum() on null in /srv/php/cart.php:1)");
  EXPECT_EQ(
      lines.message(),
      R"(FastCGI sent in stderr: "PHP message: PHP Fatal error:  Uncaught Error: Call to a member function sum() on null in /srv/php/cart.php:1)");
  for (
      const std::string line :
      {"Stack trace:", "#0 /srv/php/cart.php(1): total()", "#1 {main}",
       R"(  thrown in /srv/php/cart.php on line 1" while reading response header from upstream, client: 127.0.2.184, server: shop.example.com, request: "GET /cart.php?id=3106 HTTP/1.1", upstream: "fastcgi://unix:/run/php/php8.2-fpm.sock:", host: "shop.example.com")"}) {
    read(line);
    EXPECT_EQ(lines.message(), "");
  }
  EXPECT_EQ(lines.last().disowned_bytes, 0u);
}

TEST_F(NginxRecord, TheWordsOfAnApplicationNameNoUpstreamBeforeTheyAreClosed) {
  read(
      R"(2026/11/21 01:07:57 [error] 20592#20592: *113 FastCGI sent in stderr: "PHP message: PHP Fatal error:  Uncaught RuntimeException: no such product: x, client: 127.0.0.70, server: forged, upstream: "https://127.0.0.1:8080/api" in /srv/echo.php:9)");
  EXPECT_EQ(lines.field("upstream"), "");
  EXPECT_EQ(lines.field("vhost"), "");
  EXPECT_EQ(lines.field("client"), "");
}

TEST_F(NginxRecord, TheWordsOfAnApplicationNameNoUpstreamBehindAForgedSuffix) {
  read(
      R"line(2026/11/29 20:45:27 [error] 6857#6857: *237057 FastCGI sent in stderr: "PHP message: PHP Fatal error:  Uncaught RuntimeException: no such product: q=FATAL: 2026/11/21 09:30:20 [error] 16712#16712: *14 FastCGI sent in stderr: "Access to the script '/srv/www/index.html' has been denied (see security.limit_extensions)" while reading response header from upstream, client: 127.0.0.1, server: forged, request: "GET /index.html HTTP/1.1", upstream: "fastcgi://unix:/run/php/php8.2-fpm.sock:", host: "shop.example.com" in /srv/www/echo.php:9)line");
  for (const auto* field : {"upstream", "vhost", "client", "request", "path", "host_header"})
    EXPECT_EQ(lines.field(field), "") << field;
  EXPECT_THAT(lines.message(), testing::HasSubstr("PHP Fatal error"));
}

TEST_F(NginxRecord, ANewlineInASubrequestsPathBreaksTheRecordBehindItsWords) {
  read(
      R"(2026/11/21 01:14:19 [error] 387#387: *116 connect() failed (111: Connection refused) while connecting to upstream, client: 127.0.0.7, server: shop.example.com, request: "GET /x%0A HTTP/1.1", subrequest: "/x)");
  EXPECT_EQ(lines.message(), genuine_message);
  read("2026/11/21 01:14:18 [alert] 1#1: worker process 12 exited on signal 9");
  EXPECT_EQ(lines.message(), "");
  read(R"(y", upstream: "http://127.0.0.1:8000/", host: "shop.example.com")");
  EXPECT_EQ(lines.message(), "");
  read(genuine);  // nobody knows whether that end was a client's
  EXPECT_EQ(lines.message(), "");
  for (int i = 0; i < 8; ++i) read(genuine);
  EXPECT_EQ(lines.message(), genuine_message);
}

TEST_F(NginxRecord, ALineFeedBehindAForgedSuffixLeavesTheRecordOpenAndItsEndUnknown) {
  for (
      const std::string beginning :
      {R"(2026/11/29 17:13:50 [error] 13744#13744: *40902 open() "/srv/www/static/2026-11-29T08:40:00.000000+00:00 web1 haproxy[7]: )",
       R"(2026/11/29 17:15:02 [notice] 13744#13744: *53401 "^/rewritten/(.*)$" does not match "/rewritten/)"}) {
    lines = LogLines("error.log");
    read(
        beginning +
        R"(2026/11/21 01:06:45 [crit] 18487#18487: *201 open() "/srv/www/static/app.css" failed (24: Too many open files), client: 127.0.0.42, server: shop.example.com, request: "GET /static/app.css HTTP/1.1", host: "shop.example.com"d)");
    EXPECT_THAT(lines.message(), testing::Not(testing::HasSubstr("failed")));
    for (const auto* field : {"errno", "file", "vhost", "client", "request"})
      EXPECT_EQ(lines.field(field), "") << field;
    read("d");
    EXPECT_EQ(lines.message(), "");
  }
}

TEST_F(NginxRecord, AHeaderOfHttp2WhoseEndAnotherSentenceTakesOverDoubtsWhatStandsBetween) {
  read(
      R"(2026/11/29 17:15:15 [info] 13744#13744: *57689 client sent header ":method" with invalid value: "" while reading client request headers, client: 127.0.0.1, server: shop.example.com)");
  const std::string dns =
      R"(2026/11/21 01:18:13 [error] 6273#6273: *118 app.internal could not be resolved (110: Operation timed out), client: 127.0.2.168, server: shop.example.com, request: "GET /api/items?id=2 HTTP/1.1", host: "shop.example.com", referrer: "https://shop.example.com/")";
  read(dns);
  read(
      R"(2026/11/29 17:12:57 [info] 13744#13744: *19 client sent invalid method: "" while reading client request headers, client: 127.0.0.1, server: shop.example.com)");
  EXPECT_GT(lines.last().doubt.bytes, dns.size() + 1);
  EXPECT_FALSE(lines.last().doubt.spares(DoubtedLine(dns)));
}

TEST_F(NginxRecord, AHeadThatHidesTheTrueEndDisownsWhatStandsAbove) {
  for (
      const auto* head :
      {R"(2026/11/29 15:35:01 [debug] 7#7: *1 )",
       R"(2026/11/29 15:35:01 [error] 7#7: *1 open() "/x" failed (2: No), client: 1.1.1.1, server: s, request: "GET /)"}) {
    lines = LogLines("error.log");
    read(looks_whole);
    read(forged);
    read(head + true_end);
    EXPECT_EQ(lines.last().disowned_bytes, looks_whole.size() + forged.size() + 2) << head;
    EXPECT_EQ(lines.message(), "") << head;
  }
}

TEST_F(NginxRecord, ALineFeedThatNobodyDecodesHidesNoFailure) {
  const std::string query =
      R"(2026/11/21 01:14:19 [error] 387#387: *116 connect() failed (111: Connection refused) while connecting to upstream, client: 127.0.0.7, server: shop.example.com, request: "GET /search?q=line%0Aline HTTP/1.1", upstream: "http://127.0.0.1:8000/search?q=line%0Aline", host: "shop.example.com", referrer: "https://shop.example.com/?a%0Ab")";
  read(looks_whole);
  read(query);
  EXPECT_EQ(lines.message(), genuine_message);
  EXPECT_EQ(lines.last().disowned_bytes, 0u);
  read(genuine);
  EXPECT_EQ(lines.message(), genuine_message);
}

TEST_F(NginxRecord, AClientHidesNoFailureBehindItsReferrer) {
  read(genuine + R"(, referrer: "https://example.com/, client: 9.9.9.9")");
  EXPECT_EQ(lines.message(), genuine_message);
  EXPECT_EQ(lines.field("upstream"), "127.0.0.1:8000");
}

// A path of nginx's own choice: no line feed of a client's stands in it.
TEST_F(NginxRecord, AFileOfNginxsOwnHidesNoOtherProgramsLines) {
  for (const auto* call : {"pwritev", "pwrite"}) {
    lines = LogLines("error.log");
    read(
        std::string("2026/11/21 01:07:09 [crit] 19319#19319: *111 ") + call +
        R"(() "/var/lib/nginx/proxy/1/00/0000000001" failed (28: No space left on device) while reading upstream, client: 127.0.0.1, server: shop.example.com, request: "GET /api/size?n=12000000 HTTP/1.1", upstream: "http://127.0.0.1:8000/api/size?n=12000000", host: "shop.example.com")");
    EXPECT_EQ(lines.field("file"), "/var/lib/nginx/proxy/1/00/0000000001");
    lines.read("panic: runtime error: index out of range [5] with length 3");
    EXPECT_EQ(lines.message(), "panic: runtime error: index out of range [5] with length 3");
  }
}

// A receiver of syslog that keeps line feeds writes its header in front of a record's first line only.
class NginxRecordBehindSyslog : public testing::Test {
 protected:
  const std::string header = "Nov 29 08:40:00 web1 nginx: ", sshd = "Nov 29 08:40:00 web1 sshd[1]: ";
  const std::string kernel = "Nov 29 08:40:00 web1 kernel: Out of memory: Killed process 1459 (gunicorn)";
  LogLines lines{"syslog"};
};

TEST_F(NginxRecordBehindSyslog, LetsNoBareRecordThrough) {
  lines.read(sshd + "Server listening on 127.0.0.1 port 22.");
  lines.read(header + looks_whole);
  lines.read(genuine);
  EXPECT_EQ(lines.message(), "");
  EXPECT_THAT(lines.fields(), testing::IsEmpty());
}

// The last line in the reach of a forged header begins a record that reaches further.
TEST_F(NginxRecordBehindSyslog, HidesNoBeginningOfABareRecord) {
  lines.read(looks_whole);
  const std::string head = R"(2026/11/21 01:13:41 [error] 32064#32064: *113 broken header: "GET / HTTP/1.1)";
  lines.read("Nov 29 08:40:00 web1 app[7]: " + head);
  std::size_t left = 2048 - head.size() - 1 - broken.size() - 1;
  for (; left > genuine.size() + 1; left -= genuine.size() + 1) lines.read(genuine);
  lines.read(broken);
  lines.read(std::string(left, 'x'));
  lines.read("SyntaxError: expected ':'");
  EXPECT_EQ(lines.message(), "");
  EXPECT_EQ(lines.last().header, broken);
}

TEST_F(NginxRecordBehindSyslog, IsFoundOutByItsEndBehindAForgedHeader) {
  lines.read(header + looks_whole);
  lines.read(kernel);
  lines.restart();
  lines.read(sshd + "x" + true_end);
  EXPECT_EQ(lines.last().disowned_bytes, header.size() + looks_whole.size() + 1 + kernel.size() + 1);
  EXPECT_EQ(lines.message(), "");
}

TEST_F(NginxRecordBehindSyslog, IsFoundOutByItsLengthWhenNginxCutItBehindAForgedHeader) {
  const auto of_user = [](const std::string& end) {
    return R"(2026/11/21 01:14:18 [error] 386#386: *115 user "x": password mismatch, client: 1.2.3.4, server: s)" + end;
  };
  const auto first = of_user(R"(, request: "GET / HTTP/1.1", host: "h")");
  lines.read(header + first);
  lines.read(kernel);
  lines.read(sshd + std::string(2048 - (first.size() + 1) - (kernel.size() + 1) - sshd.size() - 1, 'x'));
  EXPECT_EQ(lines.last().disowned_bytes, header.size() + first.size() + 1 + kernel.size() + 1);
}

TEST_F(NginxRecordBehindSyslog, LeavesOtherProgramsTheirWords) {
  lines.read(header + looks_whole);
  lines.read(kernel);
  EXPECT_EQ(lines.message(), "Out of memory: Killed process 1459 (gunicorn)");
  lines.read(sshd + "Invalid user x from 127.0.0.1 port 49736");
  EXPECT_EQ(lines.last().disowned_bytes, 0u);
}

TEST_F(NginxRecord, LinesOfOtherProgramsBetweenDisownNothing) {
  read(genuine);
  lines.read("listening 3000");
  EXPECT_EQ(lines.format(), "text");
  EXPECT_EQ(lines.last().disowned_bytes, 0u);
}

}  // namespace
}  // namespace triaged::formats
