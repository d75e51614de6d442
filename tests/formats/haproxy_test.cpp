#include <gmock/gmock.h>

#include "tests/support/log_lines.hpp"

namespace triaged::formats {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

class HaproxyLines : public testing::Test {
 protected:
  LogLines lines{"haproxy.log"};
};

TEST_F(HaproxyLines, ReadsEveryFieldOfARequest) {
  lines.read(
      R"(127.0.1.58:46715 [21/Nov/2026:01:13:36.712] www app/app1 0/0/1/-1/1005 502 209 - - SH-- 2/1/3/4/+5 6/7 )"
      R"("GET /api/items?id=3256 HTTP/1.1")");
  EXPECT_EQ(lines.format(), "haproxy.http");
  EXPECT_THAT(lines.fields(),
              ElementsAre("client=127.0.1.58", "frontend=www", "backend=app", "server=app/app1", "server_name=app1",
                          "time_request=0", "time_queue=0", "time_connect=1", "time_response=-1", "time_total=1005",
                          "status=502", "bytes=209", "termination=SH--", "active_connections=2",
                          "frontend_connections=1", "backend_connections=3", "server_connections=4", "retries=5",
                          "server_queue=6", "backend_queue=7", "request=GET /api/items?id=3256 HTTP/1.1", "method=GET",
                          "path=/api/items", "ended_by=server_abort", "ended_in=headers"));
}

TEST_F(HaproxyLines, TheMessageOfARequestStopsBeforeWhatTheClientSent) {
  lines.read(
      R"(127.0.1.58:46715 [21/Nov/2026:01:13:36.712] www app/<NOSRV> 0/-1/-1/-1/0 503 217 - - SC-- 1/1/0/0/0 0/0 )"
      R"({shop.example.com|curl} {} "GET / HTTP/1.1")");
  EXPECT_EQ(lines.message(), "www app/<NOSRV> 0/-1/-1/-1/0 503 217 - - SC-- 1/1/0/0/0 0/0");
  EXPECT_EQ(lines.field("server_name"), "<NOSRV>");
}

TEST_F(HaproxyLines, ARequestHappensWhenItEnds) {
  lines.read(
      R"(127.0.1.58:46715 [21/Nov/2026:01:13:36.712] www app/app1 0/0/0/-1/3001 504 194 - - sH-- 1/1/0/0/0 0/0 "GET / HTTP/1.1")");
  EXPECT_EQ(lines.time(), "2026-11-21T01:13:39.713000Z");
}

TEST_F(HaproxyLines, TheZoneOfTheSyslogHeaderHoldsForTheAcceptTime) {
  lines.read(
      R"(2026-11-20T20:13:43.384442-05:00 web1 haproxy[32129]: 127.0.3.119:52233 [20/Nov/2026:20:13:43.381] www app/web1 )"
      R"(0/0/0/2/2 200 651 - - ---- 1/1/0/0/0 0/0 "GET /api/items?id=2541 HTTP/1.1")");
  EXPECT_EQ(lines.format(), "haproxy.http");
  EXPECT_EQ(lines.time(), "2026-11-21T01:13:43.383000Z");
  EXPECT_EQ(lines.last().host, "web1");
  EXPECT_EQ(lines.field("pid"), "32129");
  EXPECT_EQ(lines.field("program"), "haproxy");
}

TEST_F(HaproxyLines, ReadsARequestBehindTheTraditionalHeaderAndBehindAPriority) {
  const std::string request =
      R"(haproxy[32129]: 127.0.3.119:52233 [21/Nov/2026:01:13:43.381] www app/web1 0/0/0/2/2 200 651 - - ---- 1/1/0/0/0 )"
      R"(0/0 "GET /api/items?id=2541 HTTP/1.1")";
  for (const std::string header : {"Nov 21 01:13:43 web1 ", "<134>Nov 21 01:13:43 "}) {
    lines.read(header + request);
    EXPECT_EQ(lines.format(), "haproxy.http") << header;
    EXPECT_EQ(lines.field("status"), "200") << header;
    EXPECT_EQ(lines.time(), "2026-11-21T01:13:43.383000Z") << header;
  }
}

TEST_F(HaproxyLines, ARequestThatWasCutOffByTheLogLengthIsStillRead) {
  lines.read(
      R"(127.0.1.58:46715 [21/Nov/2026:01:13:36.712] www app/app1 0/0/0/1/1 200 638 - - ---- 1/1/0/0/0 0/0 "GET /products/1012?q=aaaa)");
  EXPECT_EQ(lines.field("status"), "200");
  EXPECT_EQ(lines.field("path"), "/products/1012");
  EXPECT_EQ(lines.field("request"), "GET /products/1012?q=aaaa");
}

TEST_F(HaproxyLines, ABadRequestHasNoPath) {
  lines.read(
      R"(127.0.1.58:46715 [21/Nov/2026:01:13:36.712] www www/<NOSRV> -1/-1/-1/-1/0 400 0 - - PR-- 1/1/0/0/0 0/0 "<BADREQ>")");
  EXPECT_EQ(lines.field("request"), "<BADREQ>");
  EXPECT_EQ(lines.field("path"), "");
  EXPECT_EQ(lines.field("time_request"), "-1");
  EXPECT_EQ(lines.time(), "2026-11-21T01:13:36.712000Z");
}

TEST_F(HaproxyLines, ReadsHttpsFramesIpv6ClientsAndTheExtraFieldsOfHttpslog) {
  lines.read(
      R"(2001:db8::7:46715 [21/Nov/2026:01:13:36.712] www~ app/app1 0/0/0/1/+1 200 +638 - - ---- 1/1/0/0/0 0/0 )"
      R"("GET https://shop.example.com/cart?id=1 HTTP/2.0" 0/0000000000000000/0/0/0 shop.example.com/TLSv1.3/TLS_AES_128_GCM_SHA256)");
  EXPECT_EQ(lines.field("client"), "2001:db8::7");
  EXPECT_EQ(lines.field("frontend"), "www");
  EXPECT_EQ(lines.field("time_total"), "1");
  EXPECT_EQ(lines.field("bytes"), "638");
  EXPECT_EQ(lines.field("request"), "GET https://shop.example.com/cart?id=1 HTTP/2.0");
  EXPECT_EQ(lines.field("path"), "/cart");
  EXPECT_EQ(lines.message(), "www~ app/app1 0/0/0/1/+1 200 +638 - - ---- 1/1/0/0/0 0/0");
}

TEST_F(HaproxyLines, ReadsEveryFieldOfATcpSession) {
  lines.read("127.0.0.1:40112 [21/Nov/2026:01:14:02.020] db db/pg1 1/-1/3011 0 SC 1/2/3/4/3 0/0");
  EXPECT_EQ(lines.format(), "haproxy.tcp");
  EXPECT_THAT(
      lines.fields(),
      ElementsAre("client=127.0.0.1", "frontend=db", "backend=db", "server=db/pg1", "server_name=pg1", "time_queue=1",
                  "time_connect=-1", "time_total=3011", "bytes=0", "termination=SC", "active_connections=1",
                  "frontend_connections=2", "backend_connections=3", "server_connections=4", "retries=3",
                  "server_queue=0", "backend_queue=0", "ended_by=server_abort", "ended_in=connect"));
  EXPECT_EQ(lines.message(), "db db/pg1 1/-1/3011 0 SC 1/2/3/4/3 0/0");
  EXPECT_EQ(lines.time(), "2026-11-21T01:14:05.031000Z");
}

TEST_F(HaproxyLines, SayHowTheyEndedAlsoAsAnObject) {
  lines.read(
      R"({"timestamp":"30/Nov/2026:09:05:43.001","backend_name":"app","server_name":"app1","termination_state":"sQ--","status":503})");
  EXPECT_EQ(lines.format(), "haproxy.http");
  EXPECT_EQ(lines.field("ended_by"), "server_timeout");
  EXPECT_EQ(lines.field("ended_in"), "queue");
}

TEST_F(HaproxyLines, CutsACapturedCookieOutOfTheMessage) {
  lines.read(
      R"(127.0.1.58:46715 [21/Nov/2026:01:13:36.712] www app/app1 0/0/0/1/1 200 638 session=no server - SC-- available )"
      R"(session=new ---- 1/1/0/0/0 0/0 "GET / HTTP/1.1")");
  EXPECT_EQ(lines.message(), "www app/app1 0/0/0/1/1 200 638 - - ---- 1/1/0/0/0 0/0");
  EXPECT_EQ(lines.field("termination"), "----");
  EXPECT_EQ(lines.field("path"), "/");
}

TEST_F(HaproxyLines, BelievesNothingBehindACookieThatImitatesTheFieldsBehindIt) {
  lines.read(R"(127.0.1.58:46715 [21/Nov/2026:01:13:36.712] www app/app1 0/0/0/1/1 200 638 a=b - SC-- 1/1/0/0/0 0/0 - )"
             R"(---- 1/1/0/0/0 0/0 "GET / HTTP/1.1")");
  EXPECT_EQ(lines.format(), "haproxy.http");
  EXPECT_EQ(lines.field("status"), "200");
  EXPECT_EQ(lines.field("termination"), "");
  EXPECT_EQ(lines.message(), "www app/app1 0/0/0/1/1 200 638");
}

TEST_F(HaproxyLines, NothingThatAClientSentStandsInAMessage) {
  HostileTexts texts({" ", "\"", "{", "}", "|", " - - SC-- 1/1/0/0/0 0/0 ", "/", "-", "[ALERT] (1) : ", "503 0 ",
                      "\xff", "\t", "Server app/app1 is DOWN", " HTTP/1.1\" ", "app/<NOSRV> 0/-1/-1/-1/0 "});
  for (int i = 0; i < 5000; ++i) {
    const std::string text = texts.next();
    const std::string cookie = i % 2 == 0 ? "-" : "c=" + texts.next();
    lines.read("127.0.1.58:46715 [21/Nov/2026:01:13:36.712] www app/app1 0/0/0/1/1 200 638 " + cookie +
               " - ---- 1/1/0/0/0 0/0 {" + text + "} \"GET /" + text + " HTTP/1.1\"");
    ASSERT_EQ(lines.format(), "haproxy.http");
    ASSERT_THAT(lines.message(), Not(HasSubstr("CLIENT"))) << cookie << " " << text;
    ASSERT_THAT(lines.field("termination"), Not(HasSubstr("SC"))) << cookie << " " << text;
    ASSERT_EQ(lines.field("status"), "200");
  }
}

TEST_F(HaproxyLines, ReadsAServerThatWentDown) {
  lines.read(
      R"(<129>Nov 21 01:13:36 haproxy[24684]: Server app/app1 is DOWN, reason: Layer4 connection problem, info: "Connection )"
      R"(refused", check duration: 0ms. 0 active and 0 backup servers left. 0 sessions active, 0 requeued, 0 remaining in queue.)");
  EXPECT_EQ(lines.format(), "haproxy.event");
  EXPECT_THAT(lines.fields(),
              ElementsAre("backend=app", "server=app/app1", "server_name=app1", "program=haproxy", "pid=24684"));
  EXPECT_EQ(
      lines.message(),
      R"(Server app/app1 is DOWN, reason: Layer4 connection problem, info: "Connection refused", check duration: 0ms. 0 )"
      R"(active and 0 backup servers left. 0 sessions active, 0 requeued, 0 remaining in queue.)");
  EXPECT_EQ(lines.time(), "2026-11-21T01:13:36.000000Z");
}

struct EventCase {
  std::string line, server, backend, level;
};
class HaproxyEvents : public testing::TestWithParam<EventCase> {};

TEST_P(HaproxyEvents, KnowWhatTheyAreAbout) {
  LogLines lines("haproxy.log");
  lines.read(GetParam().line);
  EXPECT_EQ(lines.format(), "haproxy.event");
  EXPECT_EQ(lines.field("server"), GetParam().server);
  EXPECT_EQ(lines.field("backend"), GetParam().backend);
  EXPECT_EQ(lines.field("level"), GetParam().level);
}

INSTANTIATE_TEST_SUITE_P(
    Corpus, HaproxyEvents,
    testing::Values(
        EventCase{"2026-11-21T01:13:36.000000+00:00 web1 haproxy[24684]: backend app has no server available!", "",
                  "app", ""},
        EventCase{"Nov 21 01:13:36 web1 haproxy[24684]: Proxy www stopped (cumulated conns: FE: 10, BE: 0).", "", "www",
                  ""},
        EventCase{"Nov 21 01:13:36 web1 haproxy[24684]: Server app/app1 is going DOWN for maintenance (DNS NX status). "
                  "1 active and 0 "
                  "backup servers left. 0 sessions active, 0 requeued, 0 remaining in queue.",
                  "app/app1", "app", ""},
        EventCase{"Nov 21 01:13:36 web1 haproxy[24684]: Server app/app1 ('app.internal') is UP/READY (resolves again).",
                  "app/app1", "app", ""},
        EventCase{"Nov 21 01:13:36 web1 haproxy[24684]: app/app1 changed its IP from (none) to 127.0.0.1 by dns/ns1.",
                  "app/app1", "app", ""},
        EventCase{"Nov 21 01:13:36 web1 haproxy[24684]: Health check for server app/web1 succeeded, reason: Layer7 "
                  "check passed, "
                  "code: 200, check duration: 1ms, status: 3/3 UP.",
                  "app/web1", "app", ""},
        EventCase{"[ALERT]    (24684) : backend 'app' has no server available!", "", "app", "alert"},
        EventCase{"[WARNING]  (24684) : Server app/app1 is UP (leaving forced drain).", "app/app1", "app", "warning"},
        EventCase{"[NOTICE]   (24684) : New worker (24690) forked", "", "", "notice"},
        EventCase{"[ALERT]    (24684) : config : [/etc/haproxy/haproxy.cfg:20] : 'server app/app1' : could not resolve "
                  "address "
                  "'app1.internal'.",
                  "app/app1", "app", "alert"},
        EventCase{"Server app/app1 enters drain state. 1 active and 0 backup servers online. 0 sessions requeued, 0 "
                  "total in queue.",
                  "app/app1", "app", ""}));

TEST_F(HaproxyLines, ReadsStandardError) {
  lines.read(
      "[ALERT]    (24684) : config : parsing [/etc/haproxy/haproxy.cfg:17] : unknown keyword 'blance' in 'backend' "
      "section; did "
      "you mean 'balance' maybe ?");
  EXPECT_EQ(lines.format(), "haproxy.event");
  EXPECT_THAT(lines.fields(), ElementsAre("level=alert", "pid=24684"));
  EXPECT_EQ(
      lines.message(),
      "config : parsing [/etc/haproxy/haproxy.cfg:17] : unknown keyword 'blance' in 'backend' section; did you mean "
      "'balance' maybe ?");
  EXPECT_EQ(lines.time(), "none");
}

}  // namespace
}  // namespace triaged::formats
