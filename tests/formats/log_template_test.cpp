// Log formats as servers' configurations write them.
#include "formats/access/log_template.hpp"

#include <random>

#include <gmock/gmock.h>

#include "formats/access/template_pieces.hpp"

namespace triaged::formats {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

/// "name=value" of what a line says when it is read by that format; one word when it does not fit or is silent.
std::vector<std::string> read_by(std::string_view text, std::string_view line, Format format, bool is_escaped = true) {
  const auto dialect = LogTemplate::dialect_of(text);
  if (!dialect) return {"no dialect"};
  const auto made = LogTemplate::compile(text, *dialect, format, is_escaped);
  if (!made) return {made.error().message};
  ReaderMemory memory;
  memory.times = LogTimes(std::chrono::seconds(0), *parse_rfc3339("2026-11-21T02:00:00Z"));
  ReadLine into;
  if (!made->read(line, memory, into)) return {"another form"};
  std::vector<std::string> fields;
  if (into.time) fields.push_back("time=" + to_rfc3339(*into.time));
  for (const auto& [name, value] : into.fields) fields.push_back(std::string(name) + "=" + std::string(value));
  return fields;
}

std::string trouble_of(std::string_view text) {
  const auto made = LogTemplate::compile(text, *LogTemplate::dialect_of(text), Format::nginx_access);
  return made ? "" : made.error().message;
}

TEST(LogTemplate, ReadsNginxsVariables) {
  EXPECT_THAT(read_by(R"($msec|$host|${status}|$upstream_status|$upstream_addr|$request_method|$uri|$request_time)",
                      "1795223814.123|shop|504|502, 504|10.0.0.1:80, 10.0.0.2:80|GET|/a/b|3.002", Format::nginx_access),
              ElementsAre("time=2026-11-21T01:16:54.123000Z", "status=504", "upstream_status=504",
                          "upstream_first_status=502", "upstream=10.0.0.2:80", "upstream_addr=10.0.0.1:80, 10.0.0.2:80",
                          "upstream_tries=2", "method=GET", "path=/a/b", "request_time=3.002"));
}

TEST(LogTemplate, ReadsAnObjectWithKeysThatNobodyKnows) {
  EXPECT_THAT(read_by(R"({"@t":"$time_iso8601","c":$status,"u":"$upstream_addr","ua":"$http_user_agent"})",
                      R"({"@t":"2026-11-21T01:16:54+00:00","c":502,"u":"unix:/run/a.sock","ua":"a \" \\ b"})",
                      Format::nginx_access),
              ElementsAre("time=2026-11-21T01:16:54.000000Z", "status=502", "upstream=unix:/run/a.sock",
                          "upstream_addr=unix:/run/a.sock", "upstream_tries=1"));
}

// The format of `option httplog` as HAProxy's configuration manual spells it.
TEST(LogTemplate, ReadsHaproxysVariables) {
  constexpr auto httplog =
      "%ci:%cp [%tr] %ft %b/%s %TR/%Tw/%Tc/%Tr/%Ta %ST %B %CC %CS %tsc %ac/%fc/%bc/%sc/%rc %sq/%bq %hr %hs %{+Q}r";
  constexpr auto line =
      R"(10.0.1.2:33317 [06/Feb/2026:12:14:14.655] http-in~ static/srv1 10/0/30/69/109 200 2750 - - ---- 1/1/1/1/0 )"
      R"(0/0 {1wt.eu} {} "GET /index.html HTTP/1.1")";
  EXPECT_THAT(read_by(httplog, line, Format::haproxy_http),
              ElementsAre("time=2026-02-06T12:14:14.764000Z", "client=10.0.1.2", "frontend=http-in", "backend=static",
                          "server_name=srv1", "time_request=10", "time_queue=0", "time_connect=30", "time_response=69",
                          "time_total=109", "status=200", "bytes=2750", "termination=----", "active_connections=1",
                          "frontend_connections=1", "backend_connections=1", "server_connections=1", "retries=0",
                          "server_queue=0", "backend_queue=0", "method=GET", "path=/index.html",
                          "request=GET /index.html HTTP/1.1", "server=static/srv1"));
}

TEST(LogTemplate, ReadsPairsAndExpressionsOfHaproxys) {
  EXPECT_THAT(
      read_by(R"(%{+Q}o\ status=%ST term=%ts backend=%b server=%s sni=%[ssl_fc_sni] path=%HP)",
              R"(\ status="504" term="sH" backend="app" server="a1" sni="x.example.com" path="/slow")",
              Format::haproxy_http),
      ElementsAre("status=504", "termination=sH", "backend=app", "server_name=a1", "path=/slow", "server=app/a1"));
}

TEST(LogTemplate, ReadsApachesAndGunicornsCodes) {
  constexpr auto line =
      R"(shop.example.com:443 127.0.0.1 - - [21/Nov/2026:01:06:54 +0000] "GET /a HTTP/1.1" 503 299 "-" "curl" 1042)";
  EXPECT_THAT(
      read_by(R"(%v:%p %h %l %u %t "%r" %>s %O "%{Referer}i" "%{User-Agent}i" %D)", line, Format::nginx_access),
      ElementsAre("time=2026-11-21T01:06:54.000000Z", "vhost=shop.example.com", "client=127.0.0.1", "method=GET",
                  "path=/a", "request=GET /a HTTP/1.1", "status=503", "bytes=299", "request_time_us=1042"));
  EXPECT_THAT(read_by(R"(%(t)s %(s)s %(m)s %(U)s pid=%(p)s %(M)sms)",
                      "[21/Nov/2026:01:06:54 +0000] 500 POST /pay pid=<4242> 12ms", Format::gunicorn_access),
              ElementsAre("time=2026-11-21T01:06:54.000000Z", "status=500", "method=POST", "path=/pay"));
}

TEST(LogTemplate, SaysNothingOfALineThatCanBeReadInTwoWays) {
  constexpr auto text = "$http_x_tenant $status $upstream_addr $request_time";
  EXPECT_THAT(read_by(text, "acme 502 10.0.0.1:80 0.001", Format::nginx_access),
              ElementsAre("status=502", "upstream=10.0.0.1:80", "upstream_addr=10.0.0.1:80", "upstream_tries=1",
                          "request_time=0.001"));
  // Without a quote around it nobody can tell a client's number from the server's.
  EXPECT_THAT(read_by("$status $http_x_tenant $upstream_status", "200 a 502, 200", Format::nginx_access), IsEmpty());
}

TEST(LogTemplate, TrustsNoQuoteThatIsNotEscaped) {
  constexpr auto text = R"("$http_user_agent" $status "$http_referer" $request_time)";
  constexpr auto forged = R"("x" 502 "y" 0.1" 200 "-" 0.001)";
  EXPECT_THAT(read_by(text, forged, Format::nginx_access), ElementsAre("another form"));
  EXPECT_THAT(read_by(text, forged, Format::nginx_access, false), IsEmpty());
  EXPECT_THAT(read_by(text, R"("x" 502 "y" 0.1)", Format::nginx_access, false),
              ElementsAre("status=502", "request_time=0.1"));
}

// Gunicorn 27 writes the user agent `x\" 500 12 GET /checkout` so.
TEST(LogTemplate, TrustsNoQuoteThatGunicornEscapesBehindABackslash) {
  const auto form = read_log_format(R"(%(t)s %(h)s "%(a)s" %(s)s %(b)s %(m)s %(U)s)");
  ASSERT_TRUE(form);
  ReaderMemory memory;
  ReadLine into;
  ASSERT_TRUE(
      (*form)->read(R"([30/Nov/2026:10:00:00 +0000] 127.0.0.1 "x\\" 500 12 GET /checkout" 200 3 GET /)", memory, into));
  EXPECT_EQ(into.field("status"), "");
}

TEST(LogTemplate, TrustsNoQuoteAroundAnExpressionOfHaproxys) {
  EXPECT_THAT(read_by(R"("%[capture.req.hdr(0)]" %b/%s %ST %B %tsc %HM)",
                      R"("x" be/s1 503 0 SC-- GET" be/s1 200 7 ---- GET)", Format::haproxy_http),
              testing::AnyOf(IsEmpty(), testing::Contains("status=200")));
}

TEST(LogTemplate, SaysWhatIsWrongWithAFormat) {
  EXPECT_EQ(trouble_of("$remote_addr $request"), "it has no status, so nothing in its lines tells a failure");
  EXPECT_EQ(trouble_of("$remote_addr ${status"), "no '}' closes what begins at character 14");
  EXPECT_EQ(trouble_of("$remote_addr $ $status"), "a '$' without the name of a variable at character 14");
  EXPECT_EQ(trouble_of("%ci %ST %!"), "a '%' without a variable of HAProxy's at character 9");
  EXPECT_EQ(trouble_of("%ci %ST %[src"), "no ']' closes what begins at character 9");
  EXPECT_EQ(trouble_of("%(h)s %(s)x"), "'%(…)' without an 's' behind it at character 7");
  EXPECT_EQ(trouble_of("%h %>s %"), "a '%' without a letter at character 8");
}

TEST(LogTemplate, KnowsWhoseFormatItIs) {
  EXPECT_EQ(LogTemplate::dialect_of("$status"), TemplateDialect::nginx);
  EXPECT_EQ(LogTemplate::dialect_of("%ci:%cp %ST"), TemplateDialect::haproxy);
  EXPECT_EQ(LogTemplate::dialect_of("%{+Q}r %t"), TemplateDialect::haproxy);
  EXPECT_EQ(LogTemplate::dialect_of("%h %l %u %t \"%r\" %>s %b"), TemplateDialect::apache);
  EXPECT_EQ(LogTemplate::dialect_of("%(h)s %(s)s"), TemplateDialect::apache);
  EXPECT_EQ(LogTemplate::dialect_of("plain words"), std::nullopt);
}

// Whatever a client sends: either the line says what the server wrote, or it says nothing.
TEST(LogTemplate, LetsNoClientChangeWhatAServerWrote) {
  std::mt19937 random(7);
  constexpr auto text =
      R"($remote_user|$http_host [$time_local] "$request" $status $http_x "$http_y" $upstream_status)";
  const std::string pieces[] = {"|",
                                " ",
                                "[",
                                "]",
                                "\"",
                                "502",
                                "200",
                                "21/Nov/2026:01:06:54 +0000",
                                "GET / HTTP/1.1",
                                "-",
                                ",",
                                "a",
                                " [21/Nov/2026:01:06:54 +0000] \"GET / HTTP/1.1\" 502 x \"y\" 502",
                                "\" 502 \"",
                                " \"z\" 502"};
  const auto words = [&](bool is_quoted) {
    std::string made;
    for (int i = static_cast<int>(random() % 9); i > 0; --i) {
      const auto& piece = pieces[random() % std::size(pieces)];
      for (const char c : piece) made += is_quoted && c == '"' ? std::string("\\\"") : std::string(1, c);
    }
    return made;
  };
  const auto dialect = TemplateDialect::nginx;
  const auto form = LogTemplate::compile(text, dialect, Format::nginx_access);
  ASSERT_TRUE(form);
  int silent = 0;
  for (int i = 0; i < 20'000; ++i) {
    const auto line = words(false) + "|" + words(false) + " [21/Nov/2026:01:06:54 +0000] \"" + words(true) + "\" 200 " +
                      words(false) + " \"" + words(true) + "\" 201";
    ReaderMemory memory;
    memory.times = LogTimes(std::chrono::seconds(0), *parse_rfc3339("2026-11-21T02:00:00Z"));
    ReadLine into;
    ASSERT_TRUE(form->read(line, memory, into)) << line;
    if (into.fields.empty()) {
      ++silent;
      continue;
    }
    ASSERT_EQ(into.field("status"), "200") << line;
    ASSERT_EQ(into.field("upstream_status"), "201") << line;
  }
  EXPECT_GT(silent, 10);
  EXPECT_LT(silent, 19'990);
}

}  // namespace
}  // namespace triaged::formats
