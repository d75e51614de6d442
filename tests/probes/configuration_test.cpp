#include <fstream>

#include <gtest/gtest.h>

#include "probes/proxy_configuration.hpp"
#include "tests/support/recorded_host.hpp"

namespace triaged::probes {
namespace {

void append(const std::filesystem::path& file, std::string_view text) { std::ofstream(file, std::ios::app) << text; }

Finding seen(const std::string& address) {
  return probe_host(asked_by_nginx(ProbeKind::configuration, address), recorded_host());
}

ProbeQuestion asked_by_haproxy(ProbeKind kind, std::string server) {
  return {
      .kind = kind, .subject = std::move(server), .program = "haproxy", .writer = "1900", .since = gunicorn_start + 1h};
}

Finding seen_of(std::string server) {
  return probe_host(asked_by_haproxy(ProbeKind::listener, std::move(server)), recorded_host());
}

TEST(ProxyConfiguration, NamesThePlaceWhereAnAddressStands) {
  EXPECT_EQ(seen("127.0.0.1:8000").probe, "address-configured");
  EXPECT_EQ(seen("127.0.0.1:8000").text, "127.0.0.1:8000 stands in /etc/nginx/nginx.conf:7");
  EXPECT_EQ(seen("127.0.0.1:8003").text, "127.0.0.1:8003 stands in /etc/nginx/nginx.conf:8") << "in quotes";
  EXPECT_EQ(seen("127.0.0.1:8004").text, "127.0.0.1:8004 stands in /etc/nginx/conf.d/shop.conf:6");
  EXPECT_EQ(seen("unix:/run/shop.sock").probe, "address-configured");
}

TEST(ProxyConfiguration, DoesNotHaveWhatIsTakenOutOrOnlySimilar) {
  EXPECT_EQ(seen("127.0.0.1:8009").probe, "address-not-configured") << "in a comment";
  EXPECT_EQ(seen("127.0.0.1:8009").text,
            "127.0.0.1:8009 does not stand in /etc/nginx/nginx.conf nor in what it includes: nginx runs with an older "
            "configuration");
  EXPECT_EQ(seen("27.0.0.1:8000").probe, "address-not-configured");
  EXPECT_EQ(seen("127.0.0.1:800").probe, "address-not-configured");
  EXPECT_EQ(seen("unix:/run/shop").probe, "address-not-configured");
}

TEST(ProxyConfiguration, SaysNothingWhereANameOrAVariableMayMeanTheAddress) {
  EXPECT_EQ(seen("192.0.2.9:8025").probe, "") << "mail.example.com:8025";
  EXPECT_EQ(seen("192.0.2.9:80").probe, "") << "the port need not be written";
  const ChangedHost host;
  append(host.root() / "etc/nginx/conf.d/more.conf", "server { location / { proxy_pass http://$backend; } }\n");
  EXPECT_EQ(probe_host(asked_by_nginx(ProbeKind::configuration, "127.0.0.1:8009"), host.root()).probe, "");
}

TEST(ProxyConfiguration, SaysNothingWhenItCannotBeReadAsAWhole) {
  const ChangedHost host;
  append(host.root() / "etc/nginx/conf.d/more.conf", "include ../../../etc/shadow;\n");
  EXPECT_EQ(probe_host(asked_by_nginx(ProbeKind::configuration, "127.0.0.1:8009"), host.root()).probe, "");
  std::filesystem::remove(host.root() / "etc/nginx/nginx.conf");
  EXPECT_EQ(probe_host(asked_by_nginx(ProbeKind::configuration, "127.0.0.1:8009"), host.root()).text,
            "its configuration cannot be read");
}

TEST(ProxyConfiguration, ThatIncludesItselfIsReadOnce) {
  const ChangedHost host;
  append(host.root() / "etc/nginx/conf.d/more.conf", "include conf.d/*.conf; include /etc/nginx/nginx.conf;\n");
  EXPECT_EQ(read_proxy_configuration(asked_by_nginx(ProbeKind::configuration, ""), host.root()).files.size(), 3u);
}

TEST(ProxyConfiguration, OfAProxyInAContainerIsNotLookedForOnTheHost) {
  const ChangedHost host;
  std::ofstream(host.root() / "proc/1850/status") << "Name:\tnginx\nNSpid:\t1850\t7\n";
  EXPECT_EQ(probe_host(asked_by_nginx(ProbeKind::configuration, "127.0.0.1:8009"), host.root()).text,
            "the proxy may see other files than are seen here");
}

TEST(HaproxyServer, IsLookedForAtTheAddressOfItsConfiguration) {
  EXPECT_EQ(seen_of("app/app1").text, "a process listens on 127.0.0.1:8000");
  EXPECT_EQ(seen_of("app/app2").text, "nobody listens on 127.0.0.1:8003");
  EXPECT_EQ(seen_of("cache/app1").text, "a process listens on unix:/run/shop.sock") << "of another backend";
}

TEST(HaproxyServer, IsUnknownWhenItHasANameOrIsNotThere) {
  for (const auto* server : {"app/app3", "app/app9", "www/app1", "app/", "/app1", "app/app1/x"}) {
    EXPECT_EQ(seen_of(server).probe, "") << server;
  }
}

TEST(HaproxyServer, ThatListensHasAProcess) {
  EXPECT_EQ(probe_host(asked_by_haproxy(ProbeKind::process, "app/app1"), recorded_host()).probe, "process-alive");
}

}  // namespace
}  // namespace triaged::probes
