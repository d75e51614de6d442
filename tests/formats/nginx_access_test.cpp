#include <gmock/gmock.h>

#include "tests/support/log_lines.hpp"

namespace triaged::formats {
namespace {

using testing::ElementsAre;

TEST(NginxAccess, ReadsTheCombinedForm) {
  LogLines lines("access.log");
  lines.read(
      R"line(127.0.3.241 - - [21/Nov/2026:01:06:54 +0000] "GET /products/3051?a=b HTTP/1.1" 200 515 "https://shop.example.com/" "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)")line");
  EXPECT_EQ(lines.format(), "nginx.access");
  EXPECT_EQ(lines.time(), "2026-11-21T01:06:54.000000Z");
  EXPECT_EQ(lines.message(), "200 515");
  EXPECT_THAT(lines.fields(), ElementsAre("client=127.0.3.241", "method=GET", "path=/products/3051",
                                          "request=GET /products/3051?a=b HTTP/1.1", "status=200", "bytes=515"));
}

TEST(NginxAccess, TheNearestNameOfItsSourceSaysWhoseLinesTheyAre) {
  const std::string line =
      R"(127.0.2.82 - - [21/Nov/2026:01:11:09 +0000] "GET /api/items HTTP/1.1" 200 521 "-" "-" 1234)";
  LogLines gunicorn("/var/log/gunicorn/access.log");
  gunicorn.read(line);
  EXPECT_EQ(gunicorn.format(), "gunicorn.access");
  EXPECT_EQ(gunicorn.field("request_time_us"), "1234");
  LogLines nginx("/srv/nginx-and-gunicorn/nginx-access.log");
  nginx.read(line);
  EXPECT_EQ(nginx.format(), "nginx.access");
  EXPECT_EQ(nginx.field("request_time_us"), "");
}

TEST(NginxAccess, ReadsALineBehindWhatAContainersLogPutsInFront) {
  for (const auto* front : {"2026-11-29T09:03:30.408794289Z stdout F ", "nginx-1  | ", "shop_web.1 | "}) {
    LogLines lines("containers.log");
    lines.read(
        front +
        std::string(R"(127.0.0.1 - - [29/Nov/2026:09:03:30 +0000] "GET /x HTTP/1.0" 500 145 "-" "curl/7.88.1")"));
    EXPECT_EQ(lines.format(), "nginx.access") << front;
    EXPECT_EQ(lines.message(), "500 145") << front;
    EXPECT_EQ(lines.field("client"), "127.0.0.1") << front;
  }
  LogLines lines("containers.log");
  lines.read(R"(upload | 127.0.0.1: - - [29/Nov/2026:09:03:30 +0000] "GET /x HTTP/1.0" 500 145 "-" "curl/7.88.1")");
  EXPECT_EQ(lines.format(), "text");
}

TEST(NginxAccess, LinesBelowAGunicornRecordAreGunicorns) {
  LogLines lines("stdout");
  lines.read("[2026-11-21 01:14:15 +0000] [32767] [INFO] Listening at: http://127.0.0.1:8000 (32767)");
  lines.read(R"(127.0.2.82 - - [21/Nov/2026:01:11:09 +0000] "GET /api/items HTTP/1.1" 200 521 "-" "-")");
  EXPECT_EQ(lines.format(), "gunicorn.access");
}

TEST(NginxAccess, ReadsRequestsThatAreNone) {
  LogLines lines("access.log");
  lines.read(R"(127.0.0.1 - - [21/Nov/2026:01:06:54 +0000] "\x16\x03\x01\x02" 400 157 "-" "-")");
  EXPECT_THAT(lines.fields(),
              ElementsAre("client=127.0.0.1", R"(request=\x16\x03\x01\x02)", "status=400", "bytes=157"));
  lines.read(R"(127.0.0.1 - - [21/Nov/2026:01:06:54 +0000] "-" 408 0 "-" "-")");
  EXPECT_THAT(lines.fields(), ElementsAre("client=127.0.0.1", "status=408", "bytes=0"));
  lines.read(R"(127.0.0.1 - - [21/Nov/2026:01:06:54 +0000] "GET / HTTP/1.1" 009 - "-" "-")");
  EXPECT_THAT(lines.fields(),
              ElementsAre("client=127.0.0.1", "method=GET", "path=/", "request=GET / HTTP/1.1", "status=009"));
}

TEST(NginxAccess, AUserCannotWriteTheStatus) {
  LogLines lines("gunicorn-access.log");
  lines.read(
      R"(127.0.0.1 - x [21/Nov/2026:01:00:00 +0000] \"GET / HTTP/1.1\" 502 1 [21/Nov/2026:01:06:54 +0000] "GET /a\" 503 2 \" HTTP/1.1" 200 515 "-" "-")");
  EXPECT_EQ(lines.message(), "200 515");
  EXPECT_EQ(lines.field("status"), "200");
  EXPECT_EQ(lines.time(), "2026-11-21T01:06:54.000000Z");
}

TEST(NginxAccess, ReadsMoreBehindTheCombinedForm) {
  LogLines lines("access.log");
  lines.read(R"(127.0.0.1 - bob [21/Nov/2026:01:06:54 +0000] "GET / HTTP/1.1" 200 5)");
  EXPECT_EQ(lines.message(), "200 5");
  lines.read(R"(127.0.0.1 - bob [21/Nov/2026:01:06:54 +0000] "GET / HTTP/1.1" 200 5 rt=0.1 "x" "502")");
  EXPECT_EQ(lines.message(), "200 5 rt=0.1");
}

TEST(NginxAccess, ALineWithoutAStatusIsTextThatEndsBeforeTheRequest) {
  LogLines lines("access.log");
  lines.read(R"(127.0.0.1 - - [21/Nov/2026:01:06:54 +0000] "GET /Out%20of%20memory HTTP/1.1" ok)");
  EXPECT_EQ(lines.format(), "text");
  EXPECT_EQ(lines.message(), "127.0.0.1 - - [21/Nov/2026:01:06:54 +0000] ");
}

class NginxJsonAccess : public testing::Test {
 protected:
  LogLines lines{"access.json.log"};
};

TEST_F(NginxJsonAccess, ReadsARetriedRequest) {
  lines.read(
      R"({"time":"2026-11-21T01:15:46+00:00","remote_addr":"127.0.3.235","request":"GET /api/items?id=1750 HTTP/1.1","status":200,"body_bytes_sent":521,"request_time":0.001,"upstream_addr":"127.0.0.1:8003, 127.0.0.1:8001","upstream_status":"502, 200","upstream_connect_time":"-, 0.000","upstream_header_time":"-, 0.002","upstream_response_time":"0.000, 0.001","host":"shop.example.com","http_referer":"https://shop.example.com/","http_user_agent":"Mozilla/5.0","request_id":"e8b9"})");
  EXPECT_EQ(lines.format(), "nginx.access");
  EXPECT_EQ(lines.time(), "2026-11-21T01:15:46.000000Z");
  EXPECT_EQ(lines.message(), "");
  EXPECT_THAT(lines.fields(),
              ElementsAre("client=127.0.3.235", "method=GET", "path=/api/items",
                          "request=GET /api/items?id=1750 HTTP/1.1", "status=200", "bytes=521", "request_time=0.001",
                          "upstream=127.0.0.1:8001", "upstream_addr=127.0.0.1:8003, 127.0.0.1:8001", "upstream_tries=2",
                          "upstream_status=200", "upstream_first_status=502", "upstream_connect_time=0.000",
                          "upstream_header_time=0.002", "upstream_response_time=0.001"));
}

TEST_F(NginxJsonAccess, LeavesOutWhatNginxLeftEmpty) {
  lines.read(
      R"({"time":"2026-11-21T01:12:43+00:00","remote_addr":"127.0.1.30","request":"GET /static/logo.svg HTTP/1.1","status":200,"body_bytes_sent":840,"request_time":0.000,"upstream_addr":"","upstream_status":"-","upstream_connect_time":"-, -","host":"shop.example.com"})");
  EXPECT_THAT(lines.fields(),
              ElementsAre("client=127.0.1.30", "method=GET", "path=/static/logo.svg",
                          "request=GET /static/logo.svg HTTP/1.1", "status=200", "bytes=840", "request_time=0.000"));
}

TEST_F(NginxJsonAccess, ReadsTheStatusThatIsNoJson) {
  lines.read(R"({"time":"2026-11-21T01:12:43+00:00","request":"GET / HTTP/1.1","status":009,"body_bytes_sent":44})");
  EXPECT_EQ(lines.format(), "nginx.access");
  EXPECT_EQ(lines.field("status"), "009");
  EXPECT_EQ(lines.field("bytes"), "44");
}

TEST_F(NginxJsonAccess, KnowsOtherNamesAndOtherTimes) {
  lines.read(
      R"({ "msec": 1795223566.123, "status": "404", "request_method": "POST", "request_uri": "/a?b", "bytes_sent": 7, "server_name": "_", "host": "h", "upstream_addr": "10.0.0.1:80 : 10.0.0.2:80, unix:/run/x.sock", "extra": {"a": ["}", 1]}, "last": null })");
  EXPECT_EQ(lines.time(), "2026-11-21T01:12:46.123000Z");
  EXPECT_THAT(lines.fields(),
              ElementsAre("method=POST", "path=/a", "status=404", "bytes=7", "upstream=unix:/run/x.sock",
                          "upstream_addr=10.0.0.1:80 : 10.0.0.2:80, unix:/run/x.sock", "upstream_tries=3"));
  lines.read(
      R"({"time_local":"20/Nov/2026:20:12:43 -0500","uri":"/","method":"GET","status":200,"server_name":"shop"})");
  EXPECT_EQ(lines.time(), "2026-11-21T01:12:43.000000Z");
  EXPECT_EQ(lines.field("vhost"), "shop");
}

TEST_F(NginxJsonAccess, AQuoteInAClientsTextAddsNoKey) {
  lines.read(
      R"({"http_user_agent":"x\",\"status\":502,\"y\":\"\\","request":"GET /\" HTTP/1.1","status":200,"host":"h"})");
  EXPECT_EQ(lines.field("status"), "200");
  EXPECT_EQ(lines.field("request"), R"(GET /\" HTTP/1.1)");
}

TEST_F(NginxJsonAccess, AKeyThatStandsTwiceLeavesNothingToTrust) {
  // As nginx writes it with escape=none: a client added one.
  lines.read(R"({"request":"GET / HTTP/1.1","status":200,"status":502})");
  EXPECT_EQ(lines.format(), "nginx.access");
  EXPECT_THAT(lines.fields(), testing::IsEmpty());
}

TEST_F(NginxJsonAccess, TakesTheNameOfAnObjectInItForAPartOfTheKeys) {
  for (const std::string line :
       {R"({"request":"GET / HTTP/1.1","status":200,"upstream":{"status":502,"addr":"10.0.0.1:80"},"bytes_sent":7})",
        R"({"upstream":{"status":502,"request":"GET /y"},"status":200,"request":"GET / HTTP/1.1","bytes_sent":7})"}) {
    lines.read(line);
    EXPECT_EQ(lines.field("status"), "200");
    EXPECT_EQ(lines.field("request"), "GET / HTTP/1.1");
    EXPECT_EQ(lines.field("upstream_status"), "502");
  }
}

TEST_F(NginxJsonAccess, OtherObjectsAndBrokenOnesAreText) {
  for (const std::string line :
       {R"({"level":"error","msg":"connect ECONNREFUSED","time":1795223563000})", R"({"status":200})",
        R"({"request":"GET / HTTP/1.1","status":200)", R"({"request":"GET /,"status":200})", "{}", "{",
        R"({"request":"GET / HTTP/1.1","status":20000})", R"({"a":[{]})"}) {
    lines.read(line);
    EXPECT_EQ(lines.format(), "text") << line;
  }
}

}  // namespace
}  // namespace triaged::formats
