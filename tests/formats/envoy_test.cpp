// Envoy's access log. Lines as Envoy, Istio's sidecars, Contour and Emissary wrote them.
#include <gmock/gmock.h>

#include "tests/support/log_lines.hpp"

namespace triaged::formats {
namespace {

using testing::ElementsAre;

class EnvoyLines : public testing::Test {
 protected:
  LogLines lines{"envoy.log"};
};

constexpr auto refused = R"([2024-02-06T15:18:17.437Z] "GET / HTTP/1.1" 503 UF 0 91 1998 - "103.67.2.26" "curl/8.4.0" )"
                         R"("d70640ec-2feb-46f8-9f63-24c44142c42e" "example.projectcontour.io" "10.244.8.27:8080")";

TEST_F(EnvoyLines, ReadsEveryFieldOfTheDefaultForm) {
  lines.read(refused);
  EXPECT_EQ(lines.format(), "envoy.access");
  EXPECT_EQ(lines.time(), "2024-02-06T15:18:17.437000Z");
  EXPECT_EQ(lines.message(), "503 UF");
  EXPECT_THAT(lines.fields(),
              ElementsAre("method=GET", "path=/", "request=GET / HTTP/1.1", "status=503", "flags=UF", "bytes=91",
                          "time_total=1998", "client=103.67.2.26", "upstream=10.244.8.27:8080"));
}

TEST_F(EnvoyLines, ReadsTheExampleOfEnvoysDocumentation) {
  lines.read(
      R"([2016-04-15T20:17:00.310Z] "POST /api/v1/locations HTTP/2" 204 - 154 0 226 100 "10.0.35.28" "nsq2http" )"
      R"("cc21d9b0-cf5c-432b-8c7e-98aeb7988cd2" "locations" "tcp://10.0.2.1:80")");
  EXPECT_EQ(lines.message(), "204 -");
  EXPECT_THAT(
      lines.fields(),
      ElementsAre("method=POST", "path=/api/v1/locations", "request=POST /api/v1/locations HTTP/2", "status=204",
                  "bytes=0", "time_total=226", "time_response=100", "client=10.0.35.28", "upstream=10.0.2.1:80"));
}

TEST_F(EnvoyLines, ReadsWhatIstioAdds) {
  lines.read(
      R"([2022-01-11T06:44:07.918Z] "GET /customer HTTP/1.1" 503 UF,URX )"
      R"(upstream_reset_before_response_started{connection_failure,TLS_error:_268436501:SSL_routines:OPENSSL_internal:)"
      R"(SSLV3_ALERT_CERTIFICATE_EXPIRED} - "TLS error: 268436501:SSL routines:OPENSSL_internal:)"
      R"(SSLV3_ALERT_CERTIFICATE_EXPIRED" 0 201 77 - "192.168.64.90" "curl/7.77.0" )"
      R"("51c9ed69-6ad3-43a4-a183-58229a34d444" "192.168.64.90" "172.16.0.20:8080" )"
      R"(outbound|8080|v1|customer.default.svc.cluster.local - 172.16.0.12:8080 192.168.64.90:19213 - -)");
  EXPECT_EQ(lines.format(), "envoy.access");
  EXPECT_EQ(lines.field("flags"), "UF,URX");
  EXPECT_EQ(lines.field("transport_failure"),
            "TLS error: 268436501:SSL routines:OPENSSL_internal:SSLV3_ALERT_CERTIFICATE_EXPIRED");
  EXPECT_EQ(lines.field("upstream"), "172.16.0.20:8080");
  EXPECT_EQ(lines.field("cluster"), "outbound|8080|v1|customer.default.svc.cluster.local");
}

TEST_F(EnvoyLines, ReadsOlderFormsOfIstioAndEmissary) {
  lines.read(
      R"([2020-07-02T17:07:07.619Z] "GET /product/2ZYFJ3GM2N HTTP/1.1" 503 UH "-" "-" 0 19 0 - "10.56.0.1" )"
      R"("python-requests/2.21.0" "1fe3d871-4b0d-4e6d-b568-23195b67c7c6" "hipstershop.35.245.245.42.sslip.io" "-" - - )"
      R"(10.56.0.46:8443 10.56.0.1:39760 hipstershop.35.245.245.42.sslip.io -)");
  EXPECT_EQ(lines.field("flags"), "UH");
  EXPECT_EQ(lines.field("upstream"), "");
  EXPECT_EQ(lines.field("cluster"), "");
  lines.read(
      R"(ACCESS [2019-08-22T09:14:59.506Z] "GET /callback/.ambassador-internal/openapi-docs HTTP/1.1" 503 UH 0 19 3 - "" )"
      R"("Go-http-client/1.1" "c8d23a4b-c203-468a-abfb-ef47aca58e23" "ambassador" "-")");
  EXPECT_EQ(lines.message(), "503 UH");
}

TEST_F(EnvoyLines, NamesNoRequestWhereThereWasNone) {
  lines.read(
      R"([2020-01-03T09:04:46.721Z] "- - HTTP/1.1" 0 DC "-" "-" 0 0 2 - "-" "-" "-" "-" "-" - - 10.244.12.207:8080 )"
      R"(10.244.5.87:39870 - -)");
  EXPECT_THAT(lines.fields(), ElementsAre("status=0", "flags=DC", "bytes=0", "time_total=2"));
}

TEST_F(EnvoyLines, SaysNothingOfALineThatAClientMadeLonger) {
  // In the first, which an operator of Envoy published (envoy#4191), the user agent adds texts of its own.
  for (
      const std::string line : {
          R"([2018-08-14T23:08:23.803Z] "GET / HTTP/1.1" 200 - 0 4521 0 - "192.88.34.220" "USER_AGENT_I_WANT_YOU_TO_SEE" )"
          R"("AJ" "WAS" "HERE" "-" "localhost:10000" "-")",
          R"([2024-02-06T15:18:17.437Z] "GET / HTTP/1.1" 503 UF 0 91 1998 - "103.67.2.26" "curl "x" y" "id" "a" "10.0.0.1:1")",
          R"([2024-02-06T15:18:17.437Z] "GET / HTTP/1.1" 503 UF 0 91 1998 - "103.67.2.26" "curl/8.4.0" "id" "a")",
          R"([2024-02-06T15:18:17.437Z] "GET / HTTP/1.1" 503 UF 0 91 1998 - "1.2.3.4" "c" "id" "a" "b" x "y")",
      }) {
    lines.read(line);
    EXPECT_EQ(lines.format(), "text") << line;
    EXPECT_EQ(lines.field("flags"), "") << line;
    EXPECT_EQ(lines.message().find("UF"), std::string::npos) << lines.message();
  }
}

/// What a client sends as path, user agent, forwarded address, request id or authority, in Envoy's two forms.
std::vector<std::string> lines_with(const std::string& text) {
  std::vector<std::string> all;
  const std::string head = R"([2024-12-14T14:08:48.073Z] "GET /)", end = R"(" "10.1.1.1:80")";
  const std::string place = " outbound|80||a.b - 10.0.0.2:80 10.0.0.3:4 ";
  for (const std::string details : {"", R"(route_not_found - "-" )", R"("-" "-" )"}) {
    const auto outcome = R"( HTTP/1.1" 404 NR )" + details + "0 0 0 - ";
    all.push_back(head + text + outcome + R"("-" "curl" "id" "a)" + end);
    all.push_back(head + outcome + R"(")" + text + R"(" "curl" "id" "a)" + end);
    all.push_back(head + outcome + R"("-" ")" + text + R"(" "id" "a)" + end);
    all.push_back(head + outcome + R"("-" "curl" ")" + text + R"(" "a)" + end);
    all.push_back(head + outcome + R"("-" "curl" "id" ")" + text + end);
    all.push_back(head + outcome + R"("-" "curl" "id" "a)" + end + place + text + " default");
  }
  return all;
}

TEST_F(EnvoyLines, NoTextOfAClientsMakesAnOutcome) {
  HostileTexts texts({R"(" )", R"( ")", R"(" ")", "\"", " ", R"( HTTP/1.1" 503 UF )", "503 UF ",
                      R"(" 503 UF 0 91 0 - ")", R"(x" 503 UF d - ")", R"(x" 503 UF ")", R"(x" 503 UF "-" ")",
                      "0 91 0 - ", "- ", R"("-" "-" )", R"("a" "b" "c" "d" "9.9.9.9:9")", R"( "9.9.9.9:9" c - - - )",
                      "9.9.9.9:9", "404 ", "7 "});
  int read = 0;
  for (int i = 0; i < 4'000; ++i) {
    for (const auto& line : lines_with(texts.next())) {
      lines.read(line);
      if (lines.format() != "envoy.access") {
        ASSERT_EQ(lines.field("flags"), "") << line;
        ASSERT_EQ(lines.message().find("UF"), std::string::npos) << line;
        continue;
      }
      ++read;
      ASSERT_EQ(lines.field("flags"), "NR") << line;
      ASSERT_EQ(lines.field("status"), "404") << line;
      ASSERT_EQ(lines.field("upstream"), "10.1.1.1:80") << line;
      ASSERT_TRUE(lines.field("cluster").empty() || lines.field("cluster") == "outbound|80||a.b") << line;
    }
  }
  EXPECT_GT(read, 1000);
}

TEST_F(EnvoyLines, CountsOnlyBehindTheNamesOfProgramsThatMayWriteIt) {
  const auto format_behind = [&](const std::string& header) {
    LogLines syslog("syslog");
    syslog.read(header + refused);
    return std::string(syslog.format());
  };
  EXPECT_EQ(format_behind("Feb  6 15:18:17 web1 envoy[712]: "), "envoy.access");
  EXPECT_EQ(format_behind("Feb  6 15:18:17 web1 front-proxy: "), "envoy.access");
  EXPECT_EQ(format_behind("Feb  6 15:18:17 web1 sshd[712]: "), "syslog");
  EXPECT_EQ(format_behind("Feb  6 15:18:17 web1 nginx: "), "syslog");
}

}  // namespace
}  // namespace triaged::formats
