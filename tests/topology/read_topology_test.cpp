// What HAProxy 2.6 and nginx 1.22 take for good (haproxy -c, nginx -t) is read as they read it.
#include "topology/read_topology.hpp"

#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "formats/line_reader.hpp"
#include "tests/support/temporary_folder.hpp"
#include "topology/read_haproxy.hpp"

namespace triaged::topology {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class ReadTopology : public testing::Test {
 protected:
  std::filesystem::path write(const std::string& name, const std::string& text) {
    const auto path = folder.path() / name;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << text;
    return path;
  }
  Topology haproxy(const std::string& text) {
    return read_topology({.nginx = {}, .haproxy = {write("haproxy.cfg", text)}}, troubles);
  }
  Topology nginx(const std::string& text) {
    return read_topology({.nginx = {write("nginx.conf", text)}, .haproxy = {}}, troubles);
  }

  TemporaryFolder folder;
  std::vector<std::string> troubles;
};

TEST_F(ReadTopology, KnowsWhichServersOneUpstreamBlockLists) {
  const auto topology = nginx(R"(
http {
  upstream shop { server 10.0.0.5:8003; server 10.0.0.6:8003 backup; server unix:/run/shop.sock; }
  upstream api { server 10.0.0.7:8003; server api-2.example.com:8003; }
  server { listen 80; location / { proxy_pass http://shop; } }
})");
  EXPECT_TRUE(topology.are_in_one_group("10.0.0.5:8003", "10.0.0.6:8003"));
  EXPECT_TRUE(topology.are_in_one_group("unix:/run/shop.sock", "10.0.0.6:8003"));
  EXPECT_FALSE(topology.are_in_one_group("10.0.0.5:8003", "10.0.0.7:8003"));
  EXPECT_TRUE(topology.is_outside_group("shop", "10.0.0.7:8003"));
  EXPECT_FALSE(topology.is_outside_group("shop", "10.0.0.6:8003"));
  EXPECT_FALSE(topology.is_outside_group("api", "10.0.0.5:8003"));  // it may be api-2
  EXPECT_FALSE(topology.is_outside_group("unheard_of", "10.0.0.5:8003"));
}

TEST_F(ReadTopology, KeepsTheUpstreamBlocksOfTwoConfigurationsApart) {
  const auto edge = write("edge.conf", "http { upstream backend { server 10.0.0.5:8003; server 10.0.0.6:8003; } }");
  const auto inner = write("inner.conf", "http { upstream backend { server 10.0.0.7:8003; server 10.0.0.8:8003; } }");
  const auto topology = read_topology({.nginx = {edge, inner}, .haproxy = {}}, troubles);
  EXPECT_TRUE(topology.are_in_one_group("10.0.0.5:8003", "10.0.0.6:8003"));
  EXPECT_TRUE(topology.are_in_one_group("10.0.0.7:8003", "10.0.0.8:8003"));
  EXPECT_FALSE(topology.are_in_one_group("10.0.0.6:8003", "10.0.0.7:8003"));
  EXPECT_FALSE(topology.is_outside_group("backend", "10.0.0.7:8003")) << "it is one of the second file";
  EXPECT_TRUE(topology.is_outside_group("backend", "10.0.0.9:8003"));
}

TEST_F(ReadTopology, KnowsTheServersOfHaproxy) {
  const auto topology = haproxy(R"(
global
  log 127.0.0.1:514 local0
defaults
  mode http
  timeout connect 2s
frontend www
  bind 127.0.0.1:8080,:8443
  bind ipv4@10.0.0.1:80
  use_backend static if { path_beg /static }
  default_backend app
backend app
  option httpchk GET /healthz   # not a server
  server app1 127.0.0.1:8001 check inter 250
  server app2 "localhost:8002" check
  server app3 unix@/run/app3.sock
backend static
  server files [::1]:9000
)");
  EXPECT_THAT(troubles, IsEmpty());
  EXPECT_EQ(topology.address_of("app/app1"), "127.0.0.1:8001");
  EXPECT_EQ(topology.address_of("app/app2"), "127.0.0.1:8002");
  EXPECT_EQ(topology.address_of("app/app3"), "unix:/run/app3.sock");
  EXPECT_EQ(topology.address_of("static/files"), "[::1]:9000");
  for (const char* bind : {"127.0.0.1:8080", "10.0.0.9:8443", "10.0.0.1:80"}) {
    EXPECT_TRUE(topology.leads_to(bind, "127.0.0.1:8001")) << bind;
    EXPECT_TRUE(topology.leads_to(bind, "unix:/run/app3.sock")) << bind;
    EXPECT_TRUE(topology.leads_to(bind, "[::1]:9000")) << bind;
    EXPECT_FALSE(topology.leads_to(bind, "10.9.9.9:1")) << bind;
  }
}

TEST_F(ReadTopology, KnowsTheServersOfAListenSectionOfHaproxy) {
  const auto topology = haproxy("listen app\n  bind *:80\n  server one 10.0.0.1:8000\n");
  EXPECT_EQ(topology.address_of("app/one"), "10.0.0.1:8000");
  EXPECT_TRUE(topology.leads_to("*:80", "10.0.0.1:8000"));
}

TEST_F(ReadTopology, DoesNotGuessWhereANameOfHaproxyLeads) {
  const auto topology = haproxy(R"(
frontend www
  bind :80
  default_backend app
backend app
  server app1 app.internal:8000
  server app2 10.0.0.2:"$PORT"
)");
  EXPECT_EQ(topology.address_of("app/app1"), "");
  EXPECT_EQ(topology.address_of("app/app2"), "");
  EXPECT_TRUE(topology.leads_to("127.0.0.1:80", "10.7.7.7:8000"));
}

TEST_F(ReadTopology, KnowsWhereNginxPassesOn) {
  write("sites-enabled/shop", R"(
upstream shop_app {
  least_conn;
  server 127.0.0.1:8001 max_fails=1;
  server 127.0.0.1:8002 backup;
  server unix:/run/gunicorn.sock;
  server 10.0.0.7;
}
server {
  listen 127.0.0.1:9001 default_server;
  listen [::1]:9001;
  server_name shop.example.com;
  location / { proxy_pass http://shop_app; }
  location ~ "^/x{2}/" { proxy_pass http://127.0.0.1:8003; }  # a comment; with { and }
}
server {
  listen 9002 ssl;
  location /secure { proxy_pass https://10.0.0.8/api/; }
  location /unix { proxy_pass http://unix:/run/other.sock:/uri; }
  location /php { fastcgi_pass 127.0.0.1:9900; }
}
server { location / { uwsgi_pass 127.0.0.1:9901; } }
server { listen 9003; location / { return 200 "no { pass"; } }
)");
  const auto topology = nginx("events {}\nhttp {\n  include sites-enabled/*;\n  include mime.types;\n}\n");
  EXPECT_THAT(troubles,
              ElementsAre("cannot read " + (folder.path() / "mime.types").string() + ": No such file or directory"));
  for (const char* address :
       {"127.0.0.1:8001", "127.0.0.1:8002", "unix:/run/gunicorn.sock", "10.0.0.7:80", "127.0.0.1:8003"}) {
    EXPECT_TRUE(topology.leads_to("127.0.0.1:9001", address)) << address;
    EXPECT_FALSE(topology.leads_to("*:9002", address)) << address;
  }
  for (const char* address : {"10.0.0.8:443", "unix:/run/other.sock", "127.0.0.1:9900"}) {
    EXPECT_TRUE(topology.leads_to("*:9002", address)) << address;
    EXPECT_FALSE(topology.leads_to("[::1]:9001", address)) << address;
  }
  EXPECT_TRUE(topology.leads_to("*:80", "127.0.0.1:9901"));
  EXPECT_FALSE(topology.leads_to("*:9003", "127.0.0.1:9901"));
}

TEST_F(ReadTopology, DoesNotGuessWhereAVariableOfNginxLeads) {
  const auto topology = nginx(R"(http {
  server { listen 80; location / { proxy_pass http://$backend; } }
  server { listen 81; location / { proxy_pass http://app.internal:8000; } }
  server { listen 82; location / { proxy_pass http://10.0.0.1:8000$request_uri; } }
})");
  EXPECT_TRUE(topology.leads_to("*:80", "10.7.7.7:8000"));
  EXPECT_TRUE(topology.leads_to("*:81", "10.7.7.7:8000"));
}

TEST_F(ReadTopology, KnowsWhereAStreamOfNginxPassesOn) {
  const auto topology =
      nginx("stream { upstream db { server 10.0.0.1:5432; } server { listen 5432; proxy_pass db; } }");
  EXPECT_TRUE(topology.leads_to("*:5432", "10.0.0.1:5432"));
}

TEST_F(ReadTopology, EndsWhenAFileOfNginxIncludesItself) {
  const auto topology =
      nginx("http { include nginx.conf; server { listen 80; location / { proxy_pass http://10.0.0.1:1; } } }");
  EXPECT_TRUE(topology.leads_to("*:80", "10.0.0.1:1"));
}

TEST_F(ReadTopology, SaysWhichFileItCannotRead) {
  const auto gone = folder.path() / "gone.cfg";
  EXPECT_TRUE(read_topology({.nginx = {folder.path()}, .haproxy = {gone}}, troubles).is_empty());
  EXPECT_THAT(troubles, ElementsAre("cannot read " + folder.path().string() + ": it is no plain file",
                                    "cannot read " + gone.string() + ": No such file or directory"));
}

TEST(HaproxyServers, AreWhereTheFileSays) {
  const auto servers = haproxy_servers(R"(
backend app
  server one tcp@127.0.0.1:8000 check
  server two localhost:8001
listen cache
  server one unix@/run/cache.sock
peers others
  server three 10.0.0.1:1024
)");
  std::map<std::string, std::string> plain;
  for (const auto& [server, word] : servers) plain[server] = without_family(word);
  EXPECT_THAT(plain, ElementsAre(std::pair("app/one", "127.0.0.1:8000"), std::pair("app/two", "localhost:8001"),
                                 std::pair("cache/one", "unix:/run/cache.sock")));
}

TEST_F(ReadTopology, PassesOverWhatIsNoConfiguration) {
  EXPECT_TRUE(haproxy(std::string("\0\xff\x80 server x\n\"unclosed", 22)).is_empty());
  EXPECT_TRUE(nginx("}}}} server { listen ; proxy_pass ; \"unclosed").is_empty());
}

/// What a line of the file at `path` says when it is read as the configuration says.
class OwnLogFormats : public ReadTopology {
 protected:
  std::string status_of(const Topology& topology, const std::string& path, std::string_view line,
                        std::string_view field = "status") {
    formats::LineReader reader({.source_name = path,
                                .format = {},
                                .log_formats = topology.log_formats_of(path),
                                .zone = {std::chrono::seconds(0)},
                                .reference = {}});
    formats::ReadLine read;
    reader.read(line, read);
    return std::string(name_of(read.format)) + " " + std::string(read.field(field));
  }
};

TEST_F(OwnLogFormats, AreReadByTheFormatThatNginxWritesToTheirFile) {
  const auto topology = nginx(R"(
events {}
http {
  log_format timed '$remote_addr [$time_local] '
                   '"$request" $status rt=$request_time us=$upstream_status';
  log_format object escape=json '{"t":"$time_iso8601","s":$status,"p":"$uri"}';
  log_format raw escape=none '"$http_user_agent" $status';
  access_log /var/log/nginx/main.log timed buffer=32k;
  server {
    listen 80;
    access_log /var/log/nginx/api.log object;
    access_log /var/log/nginx/raw.log raw;
    access_log /var/log/nginx/$host.log timed;
    access_log off;
    access_log /var/log/nginx/plain.log combined;
  }
}
)");
  constexpr auto timed = R"(10.0.0.7 [21/Nov/2026:01:06:54 +0000] "GET / HTTP/1.1" 502 rt=0.003 us=502)";
  EXPECT_EQ(status_of(topology, "/var/log/nginx/main.log", timed), "nginx.access 502");
  EXPECT_EQ(status_of(topology, "/var/log/nginx/main.log", timed, "request_time"), "nginx.access 0.003");
  EXPECT_EQ(status_of(topology, "/var/log/nginx/other.log", timed), "text ");
  EXPECT_EQ(status_of(topology, "/var/log/nginx/api.log", R"({"t":"2026-11-21T01:06:54+00:00","s":504,"p":"/a"})"),
            "nginx.access 504");
  EXPECT_EQ(status_of(topology, "/var/log/nginx/raw.log", R"("a" 502" 200)"), "nginx.access 200");
  EXPECT_EQ(topology.log_formats_of("/var/log/nginx/plain.log").size(), 0U);
}

TEST_F(OwnLogFormats, OfSyslogStandInAnyFileBehindTheirTag) {
  const auto topology = nginx(R"(
http {
  log_format timed '$remote_addr "$request" $status us=$upstream_status';
  log_format short '$status $request_time';
  server { access_log syslog:server=127.0.0.1:5514,facility=local7,severity=info timed; }
  server { access_log syslog:server=unix:/dev/log,tag=edge,nohostname short; }
}
)");
  const std::string timed = R"(10.0.0.7 "GET / HTTP/1.1" 502 us=504)", header = "<190>Nov 21 01:06:54 web1 ";
  EXPECT_EQ(status_of(topology, "/var/log/syslog", header + "nginx: " + timed, "upstream_status"), "nginx.access 504");
  EXPECT_EQ(status_of(topology, "udp://127.0.0.1:5514", header + "nginx: " + timed), "nginx.access 502");
  EXPECT_EQ(status_of(topology, "/var/log/syslog", header + "edge: 503 0.004"), "nginx.access 503");
  EXPECT_EQ(status_of(topology, "/var/log/syslog", header + "shop: 503 0.004"), "syslog ");
  EXPECT_EQ(status_of(topology, "/var/log/syslog", "503 0.004"), "text ");
  EXPECT_EQ(status_of(topology, "/var/log/syslog", header + "sshd[7]: " + timed), "syslog ");
}

TEST_F(OwnLogFormats, OfTwoServersMayStandInOneFile) {
  const auto topology = nginx(R"(
http {
  log_format timed '$remote_addr "$request" $status us=$upstream_status';
  log_format named '$host $remote_addr "$request" $status';
  server { access_log /var/log/nginx/all.log timed; }
  server { access_log /var/log/nginx/all.log named; }
  server { access_log /var/log/nginx/all.log; }
}
)");
  const std::string path = "/var/log/nginx/all.log";
  EXPECT_EQ(status_of(topology, path, R"(10.0.0.7 "GET / HTTP/1.1" 502 us=504)"), "nginx.access 502");
  EXPECT_EQ(status_of(topology, path, R"(shop.example.com 10.0.0.7 "GET / HTTP/1.1" 503)"), "nginx.access 503");
  EXPECT_EQ(status_of(topology, path, R"(10.0.0.7 - - [21/Nov/2026:01:06:54 +0000] "GET / HTTP/1.1" 504 12 "-" "-")"),
            "nginx.access 504");
}

TEST_F(OwnLogFormats, ThatALineFitsBothSayWhatTheyAgreeOn) {
  const auto topology = nginx(R"(
http {
  log_format one '$remote_addr "$request" $status $upstream_status';
  log_format other '$remote_addr "$request" $upstream_status $status';
  server { access_log /var/log/nginx/all.log one; }
  log_format third '$remote_addr "$request" $status $connection';
  server { access_log /var/log/nginx/all.log other; }
  server { access_log /var/log/nginx/all.log third; }
}
)");
  const std::string path = "/var/log/nginx/all.log", line = R"(10.0.0.7 "GET /a HTTP/1.1" 502 504)";
  EXPECT_EQ(status_of(topology, path, line), "nginx.access ");
  EXPECT_EQ(status_of(topology, path, line, "upstream_status"), "nginx.access ");
  EXPECT_EQ(status_of(topology, path, line, "path"), "nginx.access /a");
  EXPECT_EQ(status_of(topology, path, R"(10.0.0.7 "GET /a HTTP/1.1" 502 502)"), "nginx.access 502");
}

TEST_F(OwnLogFormats, ThatTellNoFailureAreSaidWithTheirPlace) {
  const auto topology = nginx(R"(
http {
  log_format named
    '$host $request_time';
  log_format unused '$host';
  access_log /var/log/nginx/a.log named;
  access_log /var/log/nginx/b.log named;
}
)");
  EXPECT_TRUE(topology.log_formats_of("/var/log/nginx/a.log").empty());
  EXPECT_THAT(troubles, ElementsAre((folder.path() / "nginx.conf").string() +
                                    ":3: cannot read lines of log_format \"named\": it has no status, so nothing in "
                                    "its lines tells a failure"));
}

TEST_F(OwnLogFormats, OfHaproxyThatTellNoFailureAreSaidWithTheirPlace) {
  const auto topology = haproxy(R"(
defaults
  log-format "%ci %ST"

frontend www
  # a comment
  log-format "%ci %f"
)");
  EXPECT_EQ(topology.log_formats_of("/var/log/haproxy.log").size(), 1U);
  EXPECT_THAT(troubles, ElementsAre((folder.path() / "haproxy.cfg").string() +
                                    ":7: cannot read lines of this log-format: it has no status, so nothing in its "
                                    "lines tells a failure"));
}

class FormatsOfOutput : public OwnLogFormats {
 protected:
  const Topology topology = nginx(R"(
http {
  log_format timed '$remote_addr "$request" $status us=$upstream_status';
  log_format loose '$status $request_time';
  server { access_log /dev/stdout timed; }
  server { access_log /dev/stderr loose; }
}
)");
  static constexpr auto timed = R"(10.0.0.7 "GET / HTTP/1.1" 502 us=504)";
};

TEST_F(FormatsOfOutput, StandInTheLogsOfContainersAndInTheJournal) {
  const std::string cri = "2026-11-21T01:06:54.000000000Z stdout F ";
  EXPECT_EQ(status_of(topology, "/var/log/containers/web.log", cri + timed, "upstream_status"), "nginx.access 504");
  EXPECT_EQ(status_of(topology, "web.log",
                      R"({"log":"10.0.0.7 \"GET / HTTP/1.1\" 502 us=504\n","stream":"stdout",)"
                      R"("time":"2026-11-21T01:06:54.000000000Z"})"),
            "nginx.access 502");
  const std::string journal = "Nov 21 01:06:54 web1 ";
  EXPECT_EQ(status_of(topology, "/var/log/containers/web.log", cri + journal + "sshd[7]: " + timed), "syslog ");
}

TEST_F(FormatsOfOutput, StandInNoPlainFile) {
  EXPECT_EQ(status_of(topology, "/var/log/shop.log", timed), "text ");
  EXPECT_EQ(status_of(topology, "/dev/stdout", timed), "text ");
}

TEST_F(FormatsOfOutput, AreNotTakenForTheWordsOfAnotherProgram) {
  const std::string cri = "2026-11-21T01:06:54.000000000Z stdout F ", path = "/var/log/containers/web.log";
  EXPECT_EQ(status_of(topology, path, cri + "503 0.004"), "text ");
  EXPECT_EQ(
      status_of(topology, path, cri + R"(10.0.0.7 - - [21/Nov/2026:01:06:54 +0000] "GET / HTTP/1.1" 504 12 "-" "-")"),
      "nginx.access 504");
}

TEST_F(OwnLogFormats, OfHaproxyMayStandInAnyFile) {
  const auto topology = haproxy(R"(
defaults
  log-format "%ci %ST %ts be=%b srv=%s"
frontend www
  bind :80
  log-format %{+Q}r\ %HM\ code=%ST\ tc=%Tc
)");
  EXPECT_EQ(status_of(topology, "/var/log/haproxy.log", "10.0.0.7 503 SC be=app srv=<NOSRV>"), "haproxy.http 503");
  EXPECT_EQ(status_of(topology, "/var/log/messages",
                      R"(Nov 21 01:08:11 web1 haproxy[24684]: "GET / HTTP/1.1" GET code=504 tc=1)"),
            "haproxy.http 504");
}

}  // namespace
}  // namespace triaged::topology
