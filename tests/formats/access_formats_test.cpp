// Access logs of servers other than nginx's default, each line as that server writes it: the examples of its
// documentation, or a line that it wrote here.
#include <gmock/gmock.h>

#include "tests/support/log_lines.hpp"

namespace triaged::formats {
namespace {

using testing::ElementsAre;

class AccessFormats : public testing::Test {
 protected:
  LogLines lines{"app.log"};
};

TEST_F(AccessFormats, ReadUpstreamsInIngressNginx) {
  lines.read(R"(10.244.0.1 - - [21/Nov/2026:01:15:44 +0000] "GET /api HTTP/1.1" 502 150 "-" "curl/8.5.0" 83 0.002 )"
             R"([default-web-80] [] 10.244.1.7:8080, 10.244.1.8:8080 0, 0 0.001, 0.001 502, 502 1c5a9b0d)");
  EXPECT_EQ(lines.format(), "nginx.access");
  EXPECT_EQ(lines.time(), "2026-11-21T01:15:44.000000Z");
  EXPECT_THAT(lines.fields(),
              ElementsAre("client=10.244.0.1", "method=GET", "path=/api", "request=GET /api HTTP/1.1", "status=502",
                          "bytes=150", "request_time=0.002", "upstream=10.244.1.8:8080",
                          "upstream_addr=10.244.1.7:8080, 10.244.1.8:8080", "upstream_tries=2",
                          "upstream_response_time=0.001", "upstream_status=502", "upstream_first_status=502"));
}

TEST_F(AccessFormats, ReadIngressNginxWithoutAnUpstream) {
  lines.read(R"(10.244.0.1 - - [21/Nov/2026:01:15:44 +0000] "GET / HTTP/1.1" 404 146 "-" "Mozilla/5.0" 120 0.000 )"
             R"([] [] - - - - 2f7b)");
  EXPECT_EQ(lines.format(), "nginx.access");
  EXPECT_THAT(lines.fields(), ElementsAre("client=10.244.0.1", "method=GET", "path=/", "request=GET / HTTP/1.1",
                                          "status=404", "bytes=146", "request_time=0.000"));
}

TEST_F(AccessFormats, ReadTraefiksCommonLog) {
  lines.read(R"(172.18.0.1 - - [21/Nov/2026:01:15:44 +0000] "GET / HTTP/1.1" 502 11 "-" "-" 45 "whoami@docker" )"
             R"("http://172.18.0.3:80" 3ms)");
  EXPECT_EQ(lines.format(), "proxy.access");
  EXPECT_THAT(lines.fields(), ElementsAre("client=172.18.0.1", "method=GET", "path=/", "request=GET / HTTP/1.1",
                                          "status=502", "bytes=11", "upstream=172.18.0.3:80"));
}

TEST_F(AccessFormats, ReadNginxProxyManager) {
  lines.read(R"([21/Nov/2026:01:15:44 +0000] - 502 502 - GET https app.example.com "/login" [Client 203.0.113.7] )"
             R"([Length 154] [Gzip -] [Sent-to 192.168.1.20] "curl/8.5.0" "-")");
  EXPECT_EQ(lines.format(), "nginx.access");
  EXPECT_EQ(lines.time(), "2026-11-21T01:15:44.000000Z");
  EXPECT_THAT(lines.fields(), ElementsAre("upstream_status=502", "upstream_first_status=502", "status=502",
                                          "method=GET", "path=/login", "client=203.0.113.7", "bytes=154"));
}

TEST_F(AccessFormats, ReadUvicorn) {
  lines.read(R"(INFO:     127.0.0.1:41720 - "GET /items/7?q=x HTTP/1.1" 500 Internal Server Error)");
  EXPECT_EQ(lines.format(), "app.access");
  EXPECT_EQ(lines.time(), "none");
  EXPECT_EQ(lines.message(), "");
  EXPECT_THAT(lines.fields(), ElementsAre("client=127.0.0.1", "method=GET", "path=/items/7",
                                          "request=GET /items/7?q=x HTTP/1.1", "status=500"));
}

TEST_F(AccessFormats, ReadUvicornInGunicornAndWhatItSaysBehind) {
  lines.read(R"(127.0.0.1:46974 - "GET /boom HTTP/1.1" 500)");
  EXPECT_EQ(lines.format(), "app.access");
  EXPECT_THAT(lines.fields(),
              ElementsAre("client=127.0.0.1", "method=GET", "path=/boom", "request=GET /boom HTTP/1.1", "status=500"));
  lines.read("[2026-11-21 01:10:08 +0000] [4242] [ERROR] Exception in ASGI application");
  EXPECT_EQ(lines.format(), "gunicorn.error");
  EXPECT_EQ(lines.message(), "Exception in ASGI application");
}

TEST_F(AccessFormats, ReadWerkzeugAndDjangosServer) {
  lines.read(R"(127.0.0.1 - - [21/Nov/2026 01:06:54] "GET /boom HTTP/1.1" 500 -)");
  EXPECT_EQ(lines.format(), "app.access");
  EXPECT_EQ(lines.time(), "2026-11-21T01:06:54.000000Z");
  EXPECT_THAT(lines.fields(),
              ElementsAre("client=127.0.0.1", "method=GET", "path=/boom", "request=GET /boom HTTP/1.1", "status=500"));
  lines.read(R"(INFO:werkzeug:127.0.0.1 - - [21/Nov/2026 01:06:54] "GET /boom HTTP/1.1" 500 -)");
  EXPECT_EQ(lines.format(), "app.access");
  lines.read(R"([21/Nov/2026 01:06:54] "GET /boom/ HTTP/1.1" 500 59)");
  EXPECT_EQ(lines.format(), "app.access");
  EXPECT_EQ(lines.time(), "2026-11-21T01:06:54.000000Z");
  EXPECT_THAT(lines.fields(),
              ElementsAre("method=GET", "path=/boom/", "request=GET /boom/ HTTP/1.1", "status=500", "bytes=59"));
}

TEST_F(AccessFormats, ReadDaphneAndAiohttp) {
  lines.read(R"(127.0.0.1:46120 - - [21/Nov/2026:10:12:14] "GET /boom" 500 75)");
  EXPECT_EQ(lines.format(), "app.access");
  EXPECT_EQ(lines.time(), "2026-11-21T10:12:14.000000Z");
  EXPECT_THAT(lines.fields(), ElementsAre("client=127.0.0.1", "method=GET", "path=/boom", "request=GET /boom",
                                          "status=500", "bytes=75"));
  lines.read(R"(127.0.0.1 [21/Nov/2026:01:06:54 +0000] "GET / HTTP/1.1" 500 245 "-" "curl/7.88.1")");
  EXPECT_EQ(lines.format(), "app.access");
  EXPECT_EQ(lines.field("status"), "500");
}

TEST_F(AccessFormats, ReadGin) {
  lines.read(R"([GIN] 2026/11/21 - 01:06:54 | 500 |     123.4µs |       127.0.0.1 | GET      "/boom")");
  EXPECT_EQ(lines.format(), "app.access");
  EXPECT_EQ(lines.time(), "2026-11-21T01:06:54.000000Z");
  EXPECT_THAT(lines.fields(), ElementsAre("status=500", "method=GET", "path=/boom"));
}

// Of LogSubscriber in actionpack, and of Rails::Rack::Logger.
TEST_F(AccessFormats, ReadTheStatusThatRailsLogs) {
  lines.read(
      "I, [2021-12-06T14:28:19.736545 #2804090]  INFO -- : [34091cb5-3e7b-4042-aaf8-6c6510d3f14c] Completed 500 "
      "Internal Server Error in 66ms (ActiveRecord: 8.0ms | Allocations: 24885)");
  EXPECT_EQ(lines.format(), "app.access");
  EXPECT_EQ(lines.time(), "2021-12-06T14:28:19.736545Z");
  EXPECT_THAT(lines.fields(), ElementsAre("pid=2804090", "status=500"));
  EXPECT_EQ(lines.message(), "");
  lines.read("Completed 200 OK in 13ms (Views: 11.1ms | ActiveRecord: 1.2ms)");
  EXPECT_EQ(lines.field("status"), "200");
  lines.read("Completed 302 Found in 12.5ms");
  EXPECT_EQ(lines.field("status"), "302");
}

TEST_F(AccessFormats, ReadTheRequestThatRailsLogs) {
  lines.read(R"(Started GET "/session/new?x=" for 9.9.9.9 at " for 127.0.0.1 at 2012-09-26 14:51:42 -0700)");
  EXPECT_EQ(lines.format(), "app.access");
  EXPECT_EQ(lines.time(), "2012-09-26T21:51:42.000000Z");
  EXPECT_THAT(lines.fields(), ElementsAre("client=127.0.0.1", "method=GET", "path=/session/new"));
  EXPECT_EQ(lines.message(), "");
}

TEST_F(AccessFormats, TakeNoOtherSentenceForRails) {
  for (const std::string line :
       {"Completed 500 rows in 66ms", "Completed 500 of 1000 rows in 66ms", "Completed 3 jobs in 5ms",
        "Started GET of /index for 127.0.0.1", "Completed 500 Internal Server Error",
        "upload: Completed 500 Internal Server Error in 66ms (x)", "Started Session 5 of user root."}) {
    lines.read(line);
    EXPECT_EQ(lines.format(), "text") << line;
    EXPECT_EQ(lines.message(), line);
  }
}

// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-access-logs.html
TEST_F(AccessFormats, ReadTheExamplesOfAwsLoadBalancers) {
  lines.read(R"(http 2018-07-02T22:23:00.186641Z app/my-loadbalancer/50dc6c495c0c9188 192.168.131.39:2817 10.0.0.1:80 )"
             R"(0.000 0.001 0.000 200 200 34 366 "GET http://www.example.com:80/ HTTP/1.1" "curl/7.46.0" - - )"
             R"(arn:aws:elasticloadbalancing:us-east-2:123456789012:targetgroup/my-targets/73e2d6bc24d8a067 )"
             R"("Root=1-58337262-36d228ad5d99923122bbe354" "-" "-" 0 2018-07-02T22:22:48.364000Z "forward" "-" "-" )"
             R"("10.0.0.1:80" "200" "-" "-" TID_1234abcd5678ef90)");
  EXPECT_EQ(lines.format(), "alb.access");
  EXPECT_EQ(lines.time(), "2018-07-02T22:23:00.186641Z");
  EXPECT_THAT(lines.fields(),
              ElementsAre("client=192.168.131.39", "upstream=10.0.0.1:80", "target_time=0.001", "status=200",
                          "target_status=200", "bytes=366", "method=GET", "path=/",
                          "request=GET http://www.example.com:80/ HTTP/1.1",
                          "target_group=arn:aws:elasticloadbalancing:us-east-2:123456789012:targetgroup/my-targets/"
                          "73e2d6bc24d8a067",
                          "actions=forward"));
  lines.read(
      R"(http 2018-11-30T22:23:00.186641Z app/my-loadbalancer/50dc6c495c0c9188 192.168.131.39:2817 - 0.000 0.001 )"
      R"(0.000 502 - 34 366 "GET http://www.example.com:80/ HTTP/1.1" "curl/7.46.0" - - )"
      R"(arn:aws:elasticloadbalancing:us-east-2:123456789012:targetgroup/my-targets/73e2d6bc24d8a067 )"
      R"("Root=1-58337364-23a8c76965a2ef7629b185e3" "-" "-" 0 2018-11-30T22:22:48.364000Z "forward" "-" )"
      R"("LambdaInvalidResponse" "-" "-" "-" "-" TID_1234abcd5678ef90)");
  EXPECT_EQ(lines.field("status"), "502");
  EXPECT_EQ(lines.field("target_status"), "");
  EXPECT_EQ(lines.field("upstream"), "");
  EXPECT_EQ(lines.field("error_reason"), "LambdaInvalidResponse");
}

// https://docs.aws.amazon.com/elasticloadbalancing/latest/classic/access-log-collection.html
TEST_F(AccessFormats, ReadTheExampleOfAwsClassicLoadBalancer) {
  lines.read(
      R"(2015-05-13T23:39:43.945958Z my-loadbalancer 192.168.131.39:2817 10.0.0.1:80 0.000073 0.001048 0.000057 200 )"
      R"(200 0 29 "GET http://www.example.com:80/ HTTP/1.1" "curl/7.38.0" - -)");
  EXPECT_EQ(lines.format(), "alb.access");
  EXPECT_EQ(lines.time(), "2015-05-13T23:39:43.945958Z");
  EXPECT_EQ(lines.field("upstream"), "10.0.0.1:80");
}

TEST_F(AccessFormats, ReadJsonWithTheKeysOfCaddyAndTraefik) {
  lines.read(
      R"({"level":"error","ts":1646861401.5241024,"logger":"http.log.access","msg":"handled request","request":)"
      R"({"remote_ip":"127.0.0.1","remote_port":"41342","client_ip":"127.0.0.1","proto":"HTTP/2.0","method":"GET",)"
      R"("host":"localhost","uri":"/api?x=1","headers":{"User-Agent":["curl/7.82.0"],"Accept":["*/*"]}},)"
      R"("bytes_read":0,"user_id":"","duration":0.000929675,"size":10900,"status":502,"resp_headers":{"Server":)"
      R"(["Caddy"]}})");
  EXPECT_EQ(lines.format(), "proxy.access");
  EXPECT_EQ(lines.time(), "2022-03-09T21:30:01.524102Z");
  EXPECT_THAT(lines.fields(), ElementsAre("client=127.0.0.1", "method=GET", "path=/api", "status=502", "bytes=0",
                                          "request_time=0.000929675"));
  lines.read(
      R"({"ClientAddr":"10.0.0.5:53022","ClientHost":"10.0.0.5","DownstreamContentSize":11,"DownstreamStatus":502,)"
      R"("Duration":3141592,"OriginStatus":502,"RequestHost":"app.example.com","RequestMethod":"GET",)"
      R"("RequestPath":"/","RouterName":"web@docker","ServiceAddr":"172.18.0.3:80","level":"info","msg":"",)"
      R"("time":"2026-11-21T01:15:44Z"})");
  EXPECT_EQ(lines.format(), "proxy.access");
  EXPECT_THAT(lines.fields(), ElementsAre("client=10.0.0.5:53022", "method=GET", "path=/", "status=502", "bytes=11",
                                          "upstream=172.18.0.3:80", "upstream_addr=172.18.0.3:80", "upstream_tries=1",
                                          "upstream_status=502", "upstream_first_status=502"));
}

// The Percona operator's log-format (https://github.com/percona/percona-docker).
TEST_F(AccessFormats, ReadJsonThatHaproxyWrites) {
  lines.read(R"({"time":"23/Sep/2024:13:17:55.226", "client_ip": "127.0.0.1", "client_port":"37676", )"
             R"("backend_source_ip": "-", "backend_source_port": "-", "frontend_name": "galera-admin-in", )"
             R"("backend_name": "galera-admin-nodes", "server_name":"<NOSRV>", "tw": "-1", "tc": "-1", "Tt": "0", )"
             R"("bytes_read": "0", "termination_state": "SC", "actconn": "1", "feconn" :"1", "beconn": "0", )"
             R"("srv_conn": "0", "retries": "0", "srv_queue": "0", "backend_queue": "0" })");
  EXPECT_EQ(lines.format(), "haproxy.tcp");
  EXPECT_EQ(lines.time(), "2024-09-23T13:17:55.226000Z");
  EXPECT_THAT(lines.fields(),
              ElementsAre("client=127.0.0.1", "frontend=galera-admin-in", "backend=galera-admin-nodes",
                          "server=galera-admin-nodes/<NOSRV>", "server_name=<NOSRV>", "time_queue=-1",
                          "time_connect=-1", "time_total=0", "bytes=0", "termination=SC", "active_connections=1",
                          "frontend_connections=1", "backend_connections=0", "server_connections=0", "retries=0",
                          "server_queue=0", "backend_queue=0", "ended_by=server_abort", "ended_in=connect"));
}

// Each line as the server wrote it for a hostile request.
TEST_F(AccessFormats, LetNoHeaderInFrontBeAnotherProgramsLine) {
  for (const std::string header :
       {"2026/11/30 10:00:00 [alert] 1851#1851: worker process 12 exited on signal 11",
        "1.1.1.1:80 [30/Nov/2026:10:00:00.123] fe be/s1 0/0/-1/-1/1 503 200 - - SC-- 1/1/0/0/0 0/0 {",
        "Nov 30 10:00:00 web1 kernel: Out of memory: Killed process 7 (gunicorn)", "Server be/s1 is DOWN, reason: x"}) {
    LogLines fresh("shop.log");
    fresh.read(header +
               R"( - - [30/Nov/2026:10:00:01 +0000] "GET / HTTP/1.1" 200 612 "-" "curl/7.88.1" rt=0.000 uct="-")");
    EXPECT_EQ(fresh.message().find("exited"), std::string::npos) << header;
    EXPECT_EQ(fresh.message(), "") << header;
  }
}

TEST_F(AccessFormats, LetNoForwardedAddressAnswerInUvicorn) {
  lines.read(R"(INFO:     1.2.3.4:0 - "GET /checkout HTTP/1.1" 500 Internal Server Error:0 - "GET / HTTP/1.1" 200 OK)");
  EXPECT_EQ(lines.field("status"), "");
}

TEST_F(AccessFormats, LetNoRequestIdNameTheUpstreamInIngressNginx) {
  lines.read(
      R"(127.0.0.1 - - [30/Nov/2026:10:40:01 +0000] "GET / HTTP/1.1" 200 3 "-" "curl/7.88.1" 140 0.001 [ns-web-80] [] )"
      R"(10.244.1.7:8080 3 0.001 200 x] 10.6.6.6:80, 10.6.6.7:80 0, 5 0.001, 0.001 502, 200 y)");
  EXPECT_EQ(lines.field("upstream").find("10.6.6"), std::string::npos);
}

TEST_F(AccessFormats, LetNoTagInAMessageBeHaproxy) {
  lines.read("Nov 30 10:00:00 web1 app: haproxy[1]: something of a client's");
  EXPECT_EQ(lines.format(), "syslog");
}

TEST_F(AccessFormats, LeaveOtherObjectsAlone) {
  for (const std::string object :
       {R"({"msg":"outgoing","method":"GET","url":"https://api.example.com/x","status":503})",
        R"({"url":"https://example.com/a","status_code":502})",
        R"({"kind":"Event","auditID":"1","verb":"get","requestURI":"/api/v1/pods","responseStatus":{"code":500}})",
        R"({"name":"user","code":"500","path":"/opt/codes.csv"})"}) {
    lines.read(object);
    EXPECT_EQ(lines.format(), "text") << object;
  }
  // HAProxy writes a captured header as it came: this one closed its quotes and added keys.
  lines.read(
      R"({"user_agent":"x","response_code":503,"term_state":"SC--","z":"","status":200,"tsc":"----","backend":"be",)"
      R"("path":"/"})");
  EXPECT_EQ(lines.format(), "haproxy.http");
  EXPECT_THAT(lines.fields(), testing::IsEmpty());
}

TEST_F(AccessFormats, AreSilentWhereAClientsTextCouldBeReadInTwoWays) {
  // The user of basic authentication stands bare: this one holds a whole line of his own.
  lines.read(
      R"(10.244.0.1 - x [21/Nov/2026:01:15:44 +0000] "GET /api HTTP/1.1" 502 150 "-" "-" 83 0.002 )"
      R"([default-web-80] [] 10.9.9.9:80 0 0.001 502 1 - [21/Nov/2026:01:15:44 +0000] "GET / HTTP/1.1" 200 1 "-" )"
      R"("-" 83 0.002 [default-web-80] [] 10.244.1.8:8080 0 0.001 200 1c5a9b0d)");
  EXPECT_EQ(lines.field("upstream"), "");
  EXPECT_EQ(lines.message().find("502"), std::string::npos);
}

}  // namespace
}  // namespace triaged::formats
