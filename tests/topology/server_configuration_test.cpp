// The files are Debian 12's own where nothing else is said, shortened; all of them are taken for good by the servers.
#include "topology/server_configuration.hpp"

#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/temporary_folder.hpp"

namespace triaged::topology {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using Kind = NamedLog::Kind;

class ServerConfigurations : public testing::Test {
 protected:
  void write(const std::string& path, const std::string& text) const {
    const auto file = root() / path.substr(1);
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file, std::ios::binary) << text;
  }
  [[nodiscard]] std::filesystem::path root() const { return folder_.path(); }

 private:
  TemporaryFolder folder_;
};

TEST_F(ServerConfigurations, KnowTheLogsOfEachSiteOfNginx) {
  write("/etc/nginx/nginx.conf", R"(
user www-data;
error_log /var/log/nginx/error.log;
include /etc/nginx/modules-enabled/*.conf;
events { worker_connections 768; }
http {
  access_log /var/log/nginx/access.log;
  include /etc/nginx/conf.d/*.conf;
  include /etc/nginx/sites-enabled/*;
}
)");
  write("/etc/nginx/sites-enabled/shop", R"(
server {
  listen 80 default_server; listen [::]:80; server_name shop.example.com;
  access_log /var/log/nginx/shop.access.log timed buffer=32k;
  error_log syslog:server=unix:/dev/log,nohostname warn;
  location / { proxy_pass http://shop_app; }
  location /files/ { access_log off; proxy_pass http://user:secret@files.example.com:9000/; }
}
server { access_log /var/log/nginx/$host.log; fastcgi_pass unix:/run/php/php8.2-fpm.sock; }
upstream shop_app { server 127.0.0.1:8000; server app.example.com:8001 backup; }
log_format timed '$remote_addr $status ' '$request_time';
)");
  const auto found = nginx_configuration("/etc/nginx/nginx.conf", {.root = root()});
  EXPECT_THAT(found.files, ElementsAre("/etc/nginx/nginx.conf", "/etc/nginx/sites-enabled/shop"));
  EXPECT_THAT(found.logs, ElementsAre(NamedLog{Kind::error, "/var/log/nginx/error.log", "", ""},
                                      NamedLog{Kind::access, "/var/log/nginx/access.log", "", ""},
                                      NamedLog{Kind::access, "/var/log/nginx/shop.access.log", "timed",
                                               "$remote_addr $status $request_time"},
                                      NamedLog{Kind::error, "syslog:server=unix:/dev/log,nohostname", "", ""},
                                      NamedLog{Kind::access, "/var/log/nginx/$host.log", "", ""}));
  EXPECT_THAT(found.listens, ElementsAre("*:80", "[::]:80"));
  EXPECT_THAT(found.upstreams,
              ElementsAre(UpstreamGroup{"shop_app", {"127.0.0.1:8000", "app.example.com:8001"}},
                          UpstreamGroup{"", {"files.example.com:9000", "unix:/run/php/php8.2-fpm.sock"}}));
  EXPECT_THAT(found.troubles, IsEmpty());
}

TEST_F(ServerConfigurations, SayWhatOfNginxCannotBeRead) {
  write("/etc/nginx/nginx.conf", "include /etc/nginx/secret.conf;\n");
  const auto found = nginx_configuration("/etc/nginx/nginx.conf", {.root = root()});
  EXPECT_THAT(found.files, ElementsAre("/etc/nginx/nginx.conf"));
  EXPECT_THAT(found.troubles, ElementsAre("cannot read " + (root() / "etc/nginx/secret.conf").string() +
                                          ": No such file or directory"));
}

TEST_F(ServerConfigurations, KnowWhereHaproxyLogsListensAndPassesOn) {
  write("/etc/haproxy/haproxy.cfg", R"(
global
	log /dev/log	local0
	log /dev/log	local1 notice
	chroot /var/lib/haproxy
defaults
	log	global
	mode	http
	option	httplog
	option	dontlognull
frontend www
	bind :80,:443 ssl crt /etc/ssl/shop.pem
	bind unix@/run/haproxy/www.sock
	default_backend app
backend app
	server app1 127.0.0.1:8001 check
	server app2 app.example.com:8002 check
	server-template more 1-3 _http._tcp.example.com:80 check
)");
  const auto found = haproxy_configuration({"/etc/haproxy/haproxy.cfg"}, {.root = root()});
  EXPECT_THAT(found.logs, ElementsAre(NamedLog{Kind::error, "/dev/log", "httplog", ""}));
  EXPECT_THAT(found.listens, ElementsAre("*:80", "*:443", "unix:/run/haproxy/www.sock"));
  EXPECT_THAT(found.upstreams, ElementsAre(UpstreamGroup{
                                   "app", {"127.0.0.1:8001", "app.example.com:8002", "_http._tcp.example.com:80"}}));
}

TEST_F(ServerConfigurations, ReadTheFilesOfAFolderOfHaproxyInTheirOrder) {
  write("/etc/haproxy/conf.d/b.cfg", "frontend b\n  bind :81\n  log-format '%ci %ST'\n");
  write("/etc/haproxy/conf.d/a.cfg", "global\n  log stdout format raw local0\nfrontend a\n  bind :80\n");
  write("/etc/haproxy/conf.d/a.cfg.old", "frontend old\n  bind :79\n");
  const auto found = haproxy_configuration({"/etc/haproxy/conf.d", "/etc/haproxy/none.cfg"}, {.root = root()});
  EXPECT_THAT(found.files, ElementsAre("/etc/haproxy/conf.d/a.cfg", "/etc/haproxy/conf.d/b.cfg"));
  EXPECT_THAT(found.listens, ElementsAre("*:80", "*:81"));
  EXPECT_THAT(found.logs, ElementsAre(NamedLog{Kind::error, "stdout", "", "%ci %ST"}));
  EXPECT_EQ(found.troubles.size(), 1u);
}

TEST_F(ServerConfigurations, KnowTheLogsOfEachPoolOfPhpFpm) {
  write("/etc/php/8.2/fpm/php-fpm.conf", R"(
; FPM Configuration ;
[global]
pid = /run/php/php8.2-fpm.pid
error_log = /var/log/php8.2-fpm.log
include=/etc/php/8.2/fpm/pool.d/*.conf
)");
  write("/etc/php/8.2/fpm/pool.d/www.conf", R"(
[www]
user = www-data
listen = /run/php/php8.2-fpm.sock
;listen = 127.0.0.1:9000
access.log = log/$pool.access.log
slowlog = "/var/log/php-slow.log" ; of slow requests
[api]
listen = 9001
)");
  const auto found = php_fpm_configuration("/etc/php/8.2/fpm/php-fpm.conf", {.root = root()});
  EXPECT_THAT(found.files, ElementsAre("/etc/php/8.2/fpm/php-fpm.conf", "/etc/php/8.2/fpm/pool.d/www.conf"));
  EXPECT_THAT(found.logs, ElementsAre(NamedLog{Kind::error, "/var/log/php8.2-fpm.log", "", ""},
                                      NamedLog{Kind::access, "log/www.access.log", "", ""},
                                      NamedLog{Kind::slow, "/var/log/php-slow.log", "", ""}));
  EXPECT_THAT(found.listens, ElementsAre("unix:/run/php/php8.2-fpm.sock", "*:9001"));
}

}  // namespace
}  // namespace triaged::topology
