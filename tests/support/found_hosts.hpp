// Hosts with running servers, for tests of what `discover` finds there: Debian's packages under systemd, and others.
#pragma once

#include <string>

#include "discover/discover.hpp"
#include "tests/support/host_tree.hpp"

namespace triaged {

inline const std::string container_id = "8f7e6d5c4b3a29181716151413121110ffeeddccbbaa99887766554433221100";

/// Whatever their owner in the test may be.
inline discover::Reader any_reader() { return {.name = "root", .user = 0}; }

/// nginx in front of Gunicorn and php-fpm, each a unit; what they do not write into files goes to the journal.
inline void start_shop(const HostTree& host) {
  host.write("/etc/nginx/nginx.conf",
             "error_log /var/log/nginx/error.log;\nhttp {\n  access_log /var/log/nginx/access.log;\n"
             "  include /etc/nginx/sites-enabled/*;\n}\n");
  host.write(
      "/etc/nginx/sites-enabled/shop",
      "log_format timed '$remote_addr $status $request_time';\nupstream shop { server 127.0.0.1:8000; }\n"
      "server { listen 80; access_log /var/log/nginx/shop.access.log timed; location / { proxy_pass http://shop; } }\n"
      "server { listen 443 ssl; access_log /var/log/nginx/$host.log; fastcgi_pass unix:/run/php/php8.2-fpm.sock; }\n");
  host.write("/etc/php/8.2/fpm/php-fpm.conf",
             "[global]\nerror_log = /var/log/php8.2-fpm.log\n[www]\n"
             "listen = /run/php/php8.2-fpm.sock\n");
  host.write("/var/log/journal/0123456789abcdef0123456789abcdef/system.journal", "");
  host.start({.pid = 800,
              .name = "nginx",
              .command = {"nginx: master process /usr/sbin/nginx -g daemon on; master_process on;"},
              .control_group = "0::/system.slice/nginx.service\n",
              .files = {{1, {"/dev/null"}},
                        {2, {"/var/log/nginx/error.log"}},
                        {4, {"/var/log/nginx/access.log"}},
                        {5, {"/var/log/nginx/error.log"}},
                        {6, {"/var/log/nginx/shop.access.log"}}}});
  host.start({.pid = 801, .name = "nginx", .command = {"nginx: worker process"}, .parent = 800, .user = 33});
  host.start({.pid = 810,
              .name = "gunicorn",
              .command = {"/usr/bin/python3", "/usr/bin/gunicorn", "--access-logfile", "log/access.log",
                          "--access-logformat", "%(h)s it's %(s)s %(L)s", "shop:application"},
              .user = 33,
              .control_group = "0::/system.slice/gunicorn.service\n",
              .files = {{1, {"socket:[4711]"}}, {2, {"socket:[4711]"}}, {7, {"/srv/shop/log/access.log"}}},
              .working_folder = "/srv/shop"});
  host.start({.pid = 820,
              .name = "php-fpm8.2",
              .command = {"php-fpm: master process (/etc/php/8.2/fpm/php-fpm.conf)"},
              .control_group = "0::/system.slice/php8.2-fpm.service\n",
              .files = {{2, {"/var/log/php8.2-fpm.log"}}, {5, {"/var/log/php8.2-fpm.log"}}}});
  host.start({.pid = 821, .name = "php-fpm8.2", .command = {"php-fpm: pool www"}, .parent = 820, .user = 33});
}

/// HAProxy as Debian's package has it: a master, its worker, and a log at /dev/log.
inline void start_haproxy(const HostTree& host) {
  host.write("/etc/haproxy/haproxy.cfg",
             "global\n  log /dev/log local0\n  log /dev/log local1 notice\ndefaults\n  log global\n  option httplog\n"
             "frontend www\n  bind :80\n  default_backend app\nbackend app\n  server app1 127.0.0.1:8000 check\n");
  host.start({.pid = 700,
              .name = "haproxy",
              .command = {"/usr/sbin/haproxy", "-Ws", "-f", "/etc/haproxy/haproxy.cfg", "-p", "/run/haproxy.pid"},
              .control_group = "0::/system.slice/haproxy.service\n",
              .files = {{1, {"socket:[4701]"}}, {2, {"socket:[4701]"}}}});
  host.start(
      {.pid = 702,
       .name = "haproxy",
       .command = {"/usr/sbin/haproxy", "-sf", "701", "-x", "sockpair@4", "-Ws", "-f", "/etc/haproxy/haproxy.cfg"},
       .parent = 700});
}

}  // namespace triaged
