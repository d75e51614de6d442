#include <gmock/gmock.h>

#include "tests/support/log_lines.hpp"

namespace triaged::formats {
namespace {

using testing::ElementsAre;

class NginxError : public testing::Test {
 protected:
  LogLines lines{"error.log"};

  std::string message_of(const std::string& line) {
    lines.read(line);
    EXPECT_EQ(lines.format(), "nginx.error") << line;
    return lines.message();
  }
};

TEST_F(NginxError, ReadsEveryFieldOfAnUpstreamFailure) {
  lines.read(
      R"(2026/11/21 01:15:46 [error] 1851#1851: *115 connect() failed (111: Connection refused) while connecting to upstream, client: 127.0.3.235, server: shop.example.com, request: "GET /api/items?id=1750 HTTP/1.1", upstream: "http://127.0.0.1:8003/api/items?id=1750", host: "shop.example.com", referrer: "https://shop.example.com/")");
  EXPECT_EQ(lines.format(), "nginx.error");
  EXPECT_EQ(lines.time(), "2026-11-21T01:15:46.000000Z");
  EXPECT_EQ(lines.message(), "connect() failed (111: Connection refused) while connecting to upstream");
  EXPECT_THAT(lines.fields(),
              ElementsAre("level=error", "pid=1851", "connection=115", "client=127.0.3.235", "vhost=shop.example.com",
                          "request=GET /api/items?id=1750 HTTP/1.1", "method=GET", "path=/api/items",
                          "upstream=127.0.0.1:8003", "upstream_url=http://127.0.0.1:8003/api/items?id=1750",
                          "host_header=shop.example.com", "phase=connecting to upstream", "errno=111"));
}

struct UpstreamCase {
  std::string url, address;
};
class NginxUpstream : public testing::TestWithParam<UpstreamCase> {};

TEST_P(NginxUpstream, IsNamedByItsAddressAlone) {
  LogLines lines;
  lines.read(
      "2026/11/21 01:16:08 [crit] 2151#2151: *104 no live upstreams while connecting to upstream, client: "
      "127.0.3.49, server: shop.example.com, request: \"GET /products/1072 HTTP/1.1\", upstream: \"" +
      GetParam().url + "\", host: \"shop.example.com\"");
  EXPECT_EQ(lines.field("upstream"), GetParam().address);
  EXPECT_EQ(lines.field("upstream_url"), GetParam().url);
}

INSTANTIATE_TEST_SUITE_P(
    Forms, NginxUpstream,
    testing::Values(UpstreamCase{"http://127.0.0.1:8003/api/items?id=1750", "127.0.0.1:8003"},
                    UpstreamCase{"http://unix:/run/gunicorn/shop.sock:/products/1072", "unix:/run/gunicorn/shop.sock"},
                    UpstreamCase{"fastcgi://unix:/run/php/php8.2-fpm.sock:", "unix:/run/php/php8.2-fpm.sock"},
                    UpstreamCase{"uwsgi://127.0.0.1:9090", "127.0.0.1:9090"},
                    UpstreamCase{"http://shop_app/api/reports?y=2026", "shop_app"},
                    UpstreamCase{"https://[::1]:8443/", "[::1]:8443"}, UpstreamCase{"10.0.0.5:5432", "10.0.0.5:5432"}));

TEST_F(NginxError, CutsTheDecodedPathOutOfTheMessage) {
  EXPECT_EQ(
      message_of(
          R"line(2026/11/21 01:14:18 [error] 386#386: *115 open() "/srv/www/static/connect() failed (111: Connection refused)" failed (2: No such file or directory), client: 127.0.1.66, server: shop.example.com, request: "GET /static/x HTTP/1.1", host: "shop.example.com")line"),
      R"(open() "" failed (2: No such file or directory))");
  EXPECT_EQ(lines.field("file"), "/srv/www/static/connect() failed (111: Connection refused)");
  EXPECT_EQ(lines.field("errno"), "2");
  EXPECT_EQ(lines.field("phase"), "");
}

// Scanners ask for password files all day.
TEST_F(NginxError, KnowsWhetherARequestNamedTheFile) {
  const auto configured = [&](const std::string& file, const std::string& behind) {
    lines.read("2026/11/29 20:12:08 [error] 7#7: *2 open() \"" + file +
               "\" failed (2: No such file or directory), client: 9.9.9.9, server: s, request: \"GET " + behind);
    EXPECT_EQ(lines.field("file"), file);
    return lines.field("configured_file");
  };
  const std::string host = R"( HTTP/1.1", host: "h")";
  EXPECT_EQ(configured("/etc/nginx/shop.htpasswd", "/auth1/x" + host), "/etc/nginx/shop.htpasswd");
  EXPECT_EQ(configured("/etc/nginx/shop.htpasswd", "/auth1/%41%4" + host), "/etc/nginx/shop.htpasswd");
  for (const std::string target : {"/.htpasswd", "/%2Ehtpass%77d", "/%252ehtpasswd", "/get?file=.htpasswd"}) {
    EXPECT_EQ(configured("/srv/www/.htpasswd", target + host), "") << target;
  }
  EXPECT_EQ(configured("/srv/www/.htpasswd", R"(/x HTTP/1.1", upstream: "http://10.0.0.1:80/x", host: "h")"), "");
}

TEST_F(NginxError, CutsTheFileOutOfASystemCallAndKeepsItsPhase) {
  EXPECT_EQ(
      message_of(
          R"(2026/11/21 01:07:09 [crit] 19319#19319: *111 pwritev() "/var/lib/nginx/proxy/1/00/0000000001" failed (28: No space left on device) while reading upstream, client: 127.0.0.1, server: shop.example.com, request: "GET /api/size?n=12000000 HTTP/1.1", upstream: "http://127.0.0.1:8000/api/size?n=12000000", host: "shop.example.com")"),
      R"(pwritev() "" failed (28: No space left on device) while reading upstream)");
  EXPECT_EQ(lines.field("file"), "/var/lib/nginx/proxy/1/00/0000000001");
  EXPECT_EQ(lines.field("phase"), "reading upstream");
}

TEST_F(NginxError, CutsTheUserOutAndKeepsThePasswordFile) {
  const std::string suffix =
      R"(, client: 127.0.0.9, server: shop.example.com, request: "GET /admin HTTP/1.1", host: "shop.example.com")";
  const std::string head = "2026/11/21 01:07:40 [error] 19982#19982: *104 ";
  EXPECT_EQ(message_of(head + R"(user "bob" was not found in "/etc/nginx/htpasswd")" + suffix),
            R"(user "" was not found in "/etc/nginx/htpasswd")");
  EXPECT_EQ(message_of(head + R"(user "x" was not found in "forged" was not found in "/etc/nginx/htpasswd")" + suffix),
            R"(user "" was not found in "/etc/nginx/htpasswd")");
  EXPECT_EQ(message_of(head + R"(user "bob": password mismatch)" + suffix), R"(user "": password mismatch)");
}

TEST_F(NginxError, CutsOutTheTargetOfARewriteCycle) {
  EXPECT_EQ(
      message_of(
          R"(2026/11/21 01:07:15 [error] 19471#19471: *130 rewrite or internal redirection cycle while internally redirecting to "/app/index.html", client: 127.0.0.184, server: shop.example.com, request: "GET /products/1575 HTTP/1.1", host: "shop.example.com")"),
      R"(rewrite or internal redirection cycle while internally redirecting to "")");
  EXPECT_EQ(lines.field("phase"), "internally redirecting to");
}

TEST_F(NginxError, KeepsWhatTheConfigurationOrTheUpstreamNamed) {
  const std::string suffix =
      R"(, client: 127.0.9.9, server: shop.example.com, request: "GET /old-page-777.html HTTP/1.1", host: "shop.example.com")";
  for (const std::string words :
       {R"(limiting requests, excess: 5.650 by zone "perip")",
        R"(upstream SSL certificate does not match "backend.internal" while SSL handshaking to upstream)",
        R"(upstream sent invalid header: "X-Build\x00..." while reading response header from upstream)"}) {
    EXPECT_EQ(message_of("2026/11/21 01:06:50 [error] 18761#18761: *120 " + words + suffix), words);
    EXPECT_EQ(lines.field("client"), "127.0.9.9");
  }
}

TEST_F(NginxError, CutsNothingOutOfALineWithoutAConnection) {
  EXPECT_EQ(message_of(R"(2026/11/21 01:07:23 [emerg] 19599#19599: unknown directive "proxy_passs" in )"
                       "/etc/nginx/sites-enabled/shop.conf:16"),
            R"(unknown directive "proxy_passs" in /etc/nginx/sites-enabled/shop.conf:16)");
  EXPECT_EQ(message_of("2026/11/21 01:07:41 [crit] 19983#19983: accept4() failed (24: Too many open files)"),
            "accept4() failed (24: Too many open files)");
  EXPECT_THAT(lines.fields(), ElementsAre("level=crit", "pid=19983", "errno=24"));
}

TEST_F(NginxError, NamesTheFileThatIsMissingAtAStart) {
  EXPECT_EQ(
      message_of(
          R"(2026/11/21 01:07:32 [error] 19879#19879: open() "/run/nginx.pid" failed (2: No such file or directory))"),
      R"(open() "/run/nginx.pid" failed (2: No such file or directory))");
  EXPECT_EQ(lines.field("file"), "/run/nginx.pid");
  message_of(
      R"(2026/11/21 01:07:28 [emerg] 19777#19777: cannot load certificate "/etc/ssl/shop/fullchain.pem": BIO_new_file() failed (SSL: error:80000002:system library::No such file or directory))");
  EXPECT_EQ(lines.field("file"), "/etc/ssl/shop/fullchain.pem");
}

TEST_F(NginxError, ReadsWhatNginxPrintsAtAFailedStart) {
  EXPECT_EQ(message_of("nginx: [emerg] bind() to 0.0.0.0:80 failed (98: Address already in use)"),
            "bind() to 0.0.0.0:80 failed (98: Address already in use)");
  EXPECT_THAT(lines.fields(), ElementsAre("level=emerg", "errno=98"));
  EXPECT_EQ(lines.time(), "none");
  EXPECT_EQ(message_of("nginx: configuration file /etc/nginx/nginx.conf test failed"),
            "configuration file /etc/nginx/nginx.conf test failed");
}

TEST_F(NginxError, TakesNoAddressFromAForgedField) {
  lines.read(
      R"(2026/11/21 01:15:46 [error] 1851#1851: *115 connect() failed (111: Connection refused) while connecting to upstream, client: 127.0.3.235, server: shop.example.com, request: "GET / HTTP/1.1", upstream: "http://127.0.0.1:8003/", host: "shop.example.com", referrer: "x", upstream: "http://10.9.9.9:1/")");
  EXPECT_EQ(lines.message(), "connect() failed (111: Connection refused) while connecting to upstream");
  EXPECT_EQ(lines.field("upstream"), "");
}

TEST_F(NginxError, ALineThatIsAlmostOneIsText) {
  for (const std::string line :
       {"2026/11/21 01:15:46 [error] 1851: *115 connect() failed (111: Connection refused)",
        "2026/11/21 01:15:46 [loud] 1851#1851: *115 connect() failed (111: Connection refused)",
        "2026/11/21 01:17:36 listening on 127.0.0.1:8081 write_timeout=20s", "nginx: no level here"}) {
    lines.read(line);
    EXPECT_EQ(lines.format(), "text") << line;
    EXPECT_EQ(lines.message(), line);
  }
}

}  // namespace
}  // namespace triaged::formats
