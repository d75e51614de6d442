#include "discover/discover.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "discover/show_discovery.hpp"
#include "tests/support/found_hosts.hpp"

namespace triaged::discover {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class Discover : public testing::Test {
 protected:
  [[nodiscard]] Discovery found() const { return discover(host_.root(), any_reader()); }
  [[nodiscard]] std::string shown() const { return to_text(found(), {.width = 0}); }

  HostTree host_;
};

TEST_F(Discover, ShowsTheServersOfAHostWithTheirLogs) {
  start_shop(host_);
  EXPECT_EQ(shown(), R"(
nginx, pid 800, user root, unit nginx.service
  configuration     /etc/nginx/nginx.conf and 1 more file
  listens at        *:80, *:443
  passes to         shop (127.0.0.1:8000), unix:/run/php/php8.2-fpm.sock
  error log         /var/log/nginx/error.log (nginx.error)
  access log        /var/log/nginx/access.log (nginx.access)
  access log        /var/log/nginx/shop.access.log (nginx.access, format timed)
                    written as $remote_addr $status $request_time
  access log        /var/log/nginx/*.log (nginx.access)

gunicorn, pid 810, user www-data, unit gunicorn.service
  listens at        127.0.0.1:8000
  error log         the journal (gunicorn.error)
  access log        /srv/shop/log/access.log (gunicorn.access)
                    written as %(h)s it's %(s)s %(L)s

php-fpm, pid 820, user root, unit php8.2-fpm.service
  configuration     /etc/php/8.2/fpm/php-fpm.conf
  listens at        unix:/run/php/php8.2-fpm.sock
  error log         /var/log/php8.2-fpm.log (php-fpm)

This host
  journal           /var/log/journal
)");
}

TEST_F(Discover, FindsWhatHaproxySendsToTheJournal) {
  start_haproxy(host_);
  host_.write("/var/log/journal/0123456789abcdef0123456789abcdef/system.journal", "");
  host_.write("/var/log/haproxy.log", "");  // from before
  EXPECT_THAT(shown(), HasSubstr("haproxy, pid 700, user root, unit haproxy.service\n"
                                 "  configuration     /etc/haproxy/haproxy.cfg\n"
                                 "  listens at        *:80\n"
                                 "  passes to         app (127.0.0.1:8000)\n"
                                 "  log               the journal (haproxy.http, format httplog)\n"));
}

TEST_F(Discover, FindsTheFileIntoWhichASyslogDaemonPutsHaproxysLog) {
  start_haproxy(host_);
  host_.write("/var/log/haproxy.log", "");
  host_.start({.pid = 400, .name = "rsyslogd", .command = {"/usr/sbin/rsyslogd", "-n", "-iNONE"}});
  EXPECT_THAT(shown(), HasSubstr("  log               /var/log/haproxy.log (haproxy.http, format httplog)\n"));
}

TEST_F(Discover, SaysWhereASyslogReceiverIsNeeded) {
  host_.write("/etc/haproxy/haproxy.cfg", "global\n  log 10.0.0.9:514 local0\n");
  host_.start(
      {.pid = 700, .name = "haproxy", .command = {"haproxy", "-f", "haproxy.cfg"}, .working_folder = "/etc/haproxy"});
  EXPECT_THAT(shown(), HasSubstr("  log               syslog at 10.0.0.9:514\n"
                                 "                    let triaged receive it (docs/syslog.md), or follow the file into "
                                 "which its receiver writes it\n"));
}

TEST_F(Discover, TakesTheSettingsOfGunicornsConfiguration) {
  host_.write("/srv/shop/gunicorn.conf.py", "bind = '0.0.0.0:9000'\nerrorlog = 'error.log'\naccesslog = '-'\n");
  host_.start({.pid = 810,
               .name = "gunicorn",
               .command = {"/usr/bin/python3", "/usr/bin/gunicorn", "shop"},
               .files = {{1, {"/srv/shop/console"}}, {2, {"/dev/null"}}},
               .working_folder = "/srv/shop"});
  EXPECT_EQ(shown().substr(0, shown().find("\nThis host")), R"(
gunicorn, pid 810, user root
  configuration     /srv/shop/gunicorn.conf.py
  listens at        0.0.0.0:9000
  error log         /srv/shop/error.log (gunicorn.error)
  access log        /srv/shop/console (gunicorn.access)
)");
}

TEST_F(Discover, ShowsEachCommandThatAllowsToReadLogsOnce) {
  for (const auto* log : {"/var/log/nginx/access.log", "/var/log/nginx/error.log"}) host_.write(log, "");
  std::filesystem::permissions(host_.root() / "var/log/nginx", std::filesystem::perms::owner_all);
  const auto text =
      to_text(discover(host_.root(), {.name = "triaged", .user = 4242, .is_service = true}), {.width = 0});
  EXPECT_THAT(text, HasSubstr("  log               /var/log/nginx/access.log\n"
                              "                    triaged may not read it: /var/log/nginx is "));
  EXPECT_THAT(text, HasSubstr("\nSo that triaged may read them, as root\n  setfacl -m u:triaged:x /var/log/nginx\n"
                              "  Then restart the service: systemctl restart triaged\n"));
}

TEST_F(Discover, TakesRelativePathsOfNginxFromItsPrefix) {
  host_.write("/srv/web/conf/nginx.conf", "error_log logs/error.log;\n");
  host_.start({.pid = 800,
               .name = "nginx",
               .command = {"nginx: master process nginx -p web -c conf/nginx.conf"},
               .working_folder = "/srv"});
  EXPECT_THAT(shown(), HasSubstr("  configuration     /srv/web/conf/nginx.conf\n"
                                 "  error log         /srv/web/logs/error.log (nginx.error)\n"));
}

TEST_F(Discover, KnowsUvicornAndUwsgi) {
  host_.start({.pid = 830,
               .name = "uvicorn",
               .command = {"/usr/bin/python3", "/usr/bin/uvicorn", "shop:app", "--host", "::1", "--port=9001"},
               .files = {{1, {"/dev/null"}}, {2, {"/srv/shop/uvicorn.err", "0100001"}}}});
  host_.write("/etc/uwsgi/shop.ini",
              "[uwsgi]\nsocket = /run/shop.sock\nhttp-socket=127.0.0.1:9002\n; a comment\n"
              "logto = /var/log/uwsgi/shop.log\npidfile = /run/%n.pid\n[other]\nlogto = /no\n");
  host_.start({.pid = 840, .name = "uwsgi", .command = {"/usr/bin/uwsgi", "--ini", "/etc/uwsgi/shop.ini"}});
  EXPECT_EQ(shown().substr(0, shown().find("\nThis host")), R"(
uvicorn, pid 830, user root
  listens at        [::1]:9001
  error log         /srv/shop/uvicorn.err
  access log        /dev/null (app.access)
                    triaged cannot follow this: start uvicorn as a unit of systemd, or give it a --log-config with files

uwsgi, pid 840, user root
  configuration     /etc/uwsgi/shop.ini
  listens at        unix:/run/shop.sock, 127.0.0.1:9002
  log               /var/log/uwsgi/shop.log (uwsgi)
)");
}

TEST_F(Discover, FollowsAPipeToTheFilesOfWhoKeepsTheLog) {
  host_.start({.pid = 810,
               .name = "gunicorn",
               .command = {"/usr/bin/python3", "-m", "gunicorn", "shop"},
               .files = {{1, {"pipe:[4711]", "01"}}, {2, {"pipe:[4711]", "01"}}}});
  host_.start({.pid = 805,
               .name = "svlogd",
               .command = {"svlogd", "/var/log/shop"},
               .files = {{0, {"pipe:[4711]", only_read}}, {5, {"/var/log/shop/current"}}}});
  EXPECT_EQ(shown().substr(0, shown().find("\nThis host")), R"(
gunicorn, pid 810, user root
  listens at        127.0.0.1:8000
  svlogd's log      /var/log/shop/current
)");
}

TEST_F(Discover, NamesTheProcessBehindAnyOtherPipe) {
  host_.start({.pid = 810,
               .name = "gunicorn",
               .command = {"gunicorn: master [shop]"},
               .files = {{1, {"pipe:[4711]", "01"}}, {2, {"pipe:[4711]", "01"}}}});
  host_.start({.pid = 805, .name = "cat", .command = {"cat"}, .files = {{0, {"pipe:[4711]", only_read}}}});
  EXPECT_EQ(shown().substr(0, shown().find("\nThis host")), R"(
gunicorn, pid 810, user root
  error log         a pipe that pid 805 (cat) reads (gunicorn.error)
                    triaged cannot follow this: start Gunicorn with --error-logfile FILE --access-logfile FILE, or as a unit of systemd
  problem           its command line is not shown (setproctitle), so its addresses are not known
)");
}

TEST_F(Discover, SaysWhereLogsAreMissing) {
  host_.start({.pid = 810,
               .name = "gunicorn",
               .command = {"/usr/bin/python3", "/usr/bin/gunicorn", "shop"},
               .control_group = "0::/system.slice/gunicorn.service\n",
               .files = {{2, {"socket:[4711]"}}}});
  EXPECT_THAT(found().unseen,
              ElementsAre("found no file of the journal in /var/log/journal and /run/log/journal: is systemd-journald "
                          "running?"));
  EXPECT_FALSE(finds_logs(found()));
}

TEST_F(Discover, KnowsThatAContainersFilesAreItsOwn) {
  host_.write("/var/lib/docker/containers/" + container_id + "/config.v2.json", "{}");
  host_.start({.pid = 900,
               .name = "nginx",
               .command = {"nginx: master process nginx -g daemon off;"},
               .control_group = "0::/system.slice/docker-" + container_id + ".scope\n",
               .files = {{1, {"pipe:[4711]", "01"}}, {2, {"pipe:[4712]", "01"}}}});
  host_.write(
      "/proc/900/root/etc/nginx/nginx.conf",
      "error_log /dev/stderr;\nhttp { access_log /dev/stdout main; server { access_log /var/log/shop.log; } }\n");
  EXPECT_EQ(shown(), R"(
nginx, pid 900, user root, container 8f7e6d5c4b3a
  configuration     /etc/nginx/nginx.conf
  listens at        *:80
  error log         the log of its container (nginx.error)
  access log        the log of its container (nginx.access, format main)
  access log        /var/log/shop.log (nginx.access)
                    only its container sees this file: let the server log to standard output, or mount the folder of its logs from the host

This host
  containers        /var/lib/docker/containers
)");
}

TEST_F(Discover, TakesItsOwnContainerForTheHost) {
  const auto group = "0::/docker/" + container_id + "\n";
  host_.write("/proc/self/cgroup", group);
  host_.start(
      {.pid = 1, .name = "nginx", .command = {"nginx: master process nginx"}, .parent = 0, .control_group = group});
  const auto servers = found().servers;
  ASSERT_EQ(servers.size(), 1u);
  EXPECT_EQ(servers[0].container, "");
}

TEST_F(Discover, FindsLogsOfWhatDoesNotRun) {
  host_.write("/var/log/nginx/error.log", "");
  host_.write("/var/log/nginx/error.log.1", "");
  host_.write("/var/log/php8.2-fpm.log", "");
  EXPECT_EQ(shown(), R"(
nginx, which does not run now
  log               /var/log/nginx/error.log

php-fpm, which does not run now
  log               /var/log/php8.2-fpm.log

This host
                    neither a log of the kernel nor a journal nor logs of containers that can be read
)");
  EXPECT_TRUE(finds_logs(found()));
}

TEST_F(Discover, PassesOverWhatIsNoServer) {
  host_.start({.pid = 800, .name = "nginx", .command = {""}});
  host_.start({.pid = 801, .name = "sh", .command = {"sh", "-c", "exec gunicorn shop"}});
  host_.start({.pid = 802, .name = "python3", .command = {"/usr/bin/python3", "/srv/gunicorn_exporter.py"}});
  host_.start({.pid = 803, .name = "uwsgi", .command = {"/usr/bin/uwsgi"}});
  host_.write("/proc/803/status", "Name:\tuwsgi\nState:\tZ (zombie)\n");
  EXPECT_THAT(found().servers, IsEmpty());
}

TEST_F(Discover, SaysThatNothingIsThere) {
  EXPECT_FALSE(finds_logs(found()));
  EXPECT_THAT(shown(), HasSubstr("\nNo server was found\n"));
}

TEST_F(Discover, ShowsNothingElseOfACommandLine) {
  host_.start({.pid = 810,
               .name = "gunicorn",
               .command = {"/usr/bin/python3", "/usr/bin/gunicorn", "--env", "PASSWORD=s3cret", "--keyfile", "/s3cret",
                           "shop:make('s3cret')"},
               .environment = {"TOKEN=s3cret", "GUNICORN_CMD_ARGS=--env PASSWORD=s3cret"}});
  EXPECT_THAT(shown(), Not(HasSubstr("s3cret")));
  EXPECT_THAT(to_json(found()), Not(HasSubstr("s3cret")));
}

TEST_F(Discover, TakesWhatTheEnvironmentTellsGunicornUnlessItsCommandLineSaysElse) {
  host_.write("/srv/shop/conf/web.py", "bind = '0.0.0.0:9000'\nerrorlog = '/srv/shop/of-file.log'\n");
  host_.start({.pid = 810,
               .name = "gunicorn",
               .command = {"/usr/bin/python3", "/usr/bin/gunicorn", "--access-logfile", "/srv/shop/access.log", "shop"},
               .working_folder = "/srv/shop",
               .environment = {"PATH=/usr/bin",
                               "GUNICORN_CMD_ARGS=-c conf/web.py --error-logfile '/srv/shop/my error.log' "
                               "--access-logfile /srv/shop/other.log"}});
  EXPECT_EQ(shown().substr(0, shown().find("\nThis host")), R"(
gunicorn, pid 810, user root
  configuration     /srv/shop/conf/web.py
  listens at        0.0.0.0:9000
  error log         /srv/shop/my error.log (gunicorn.error)
  access log        /srv/shop/access.log (gunicorn.access)
)");
}

TEST_F(Discover, TakesWhatTheEnvironmentTellsUwsgi) {
  host_.start({.pid = 840,
               .name = "uwsgi",
               .command = {"/usr/bin/uwsgi", "--master"},
               .environment = {"UWSGI_HTTP_SOCKET=127.0.0.1:9002", "UWSGI_LOGTO=/var/log/uwsgi/shop.log"}});
  EXPECT_EQ(shown().substr(0, shown().find("\nThis host")), R"(
uwsgi, pid 840, user root
  listens at        127.0.0.1:9002
  log               /var/log/uwsgi/shop.log (uwsgi)
)");
}

/// nginx of www-data, with a configuration that www-data wrote.
class DiscoverOfAnyUser : public Discover {
 protected:
  std::vector<std::string> troubles_with(const std::string& configuration) {
    host_.write("/home/web/nginx.conf", configuration);
    host_.start(
        {.pid = 800, .name = "nginx", .command = {"nginx: master process nginx -c /home/web/nginx.conf"}, .user = 33});
    server = found().servers.at(0);
    return server.troubles;
  }

  FoundServer server;
};

TEST_F(DiscoverOfAnyUser, ReadsNoConfigurationThatTheUserMayNotRead) {
  host_.write("/srv/secret.conf", "error_log /srv/s3cret.log;\n");
  host_.close("/srv/secret.conf");
  EXPECT_THAT(troubles_with("include /srv/secret.conf;\n"),
              ElementsAre(testing::StartsWith("left out /srv/secret.conf: www-data, as whom the server runs, may not "
                                              "read it: /srv/secret.conf is ")));
  EXPECT_THAT(server.logs, IsEmpty());
}

TEST_F(DiscoverOfAnyUser, FollowsNoLogThatTheUserMayNotWrite) {
  host_.write("/var/log/auth.log", "");
  host_.close("/var/log/auth.log");
  host_.link("/home/web/error.log", "../../var/log/auth.log");
  host_.write("/home/web/access.log", "");
  std::filesystem::permissions(host_.root() / "home/web/access.log", std::filesystem::perms(0666));
  const auto troubles = troubles_with(
      "error_log /home/web/error.log;\naccess_log /var/log/auth.log;\naccess_log /home/web/access.log;\n"
      "access_log /var/log/$host.log;\n");
  ASSERT_EQ(troubles.size(), 3u);
  EXPECT_THAT(troubles[0],
              testing::AllOf(testing::StartsWith("left out its error log, /home/web/error.log: www-data, as "
                                                 "whom the server runs, may not write it: "
                                                 "/var/log/auth.log is "),
                             testing::EndsWith(" with mode 0600; if it is a log, name it in a source (file: "
                                               "paths)")));
  EXPECT_THAT(troubles[1], testing::StartsWith("left out its access log, /var/log/auth.log: "));
  EXPECT_THAT(troubles[2], testing::StartsWith("left out its access log, /var/log/*.log: www-data, as whom the server "
                                               "runs, may not write it: /var/log is "));
  ASSERT_EQ(server.logs.size(), 1u);
  EXPECT_EQ(server.logs[0].path, "/home/web/access.log");
}

TEST_F(DiscoverOfAnyUser, TakesALogThatTheServerHasOpenForItsOwn) {
  host_.write("/var/log/web/error.log", "");
  host_.close("/var/log/web/error.log");
  host_.write("/home/web/nginx.conf", "error_log /var/log/web/error.log;\n");
  host_.start({.pid = 800,
               .name = "nginx",
               .command = {"nginx: master process nginx -c /home/web/nginx.conf"},
               .user = 33,
               .files = {{4, {"/var/log/web/error.log"}}}});
  const auto servers = found().servers;
  EXPECT_EQ(servers.at(0).logs.at(0).path, "/var/log/web/error.log");
  EXPECT_THAT(servers.at(0).troubles, IsEmpty());
}

TEST_F(DiscoverOfAnyUser, SaysWhichLogsItTakesForNoneAndWhichIncludesItDoesNotSearch) {
  EXPECT_THAT(troubles_with("include /*/*/*/*.conf;\nerror_log /etc/passwd;\n"),
              ElementsAre("left out include /*/*/*/*.conf: it has wildcards in more than 3 folders; name the logs of "
                          "what it includes in a source",
                          "left out its error log, /etc/passwd: no program logs there; if it is a log, name it in a "
                          "source (file: paths)"));
}

TEST_F(Discover, FollowsALinkInAContainerToTheContainersFile) {
  host_.write("/srv/shop.conf", "error_log /var/log/of-the-host.log;\n");
  host_.start({.pid = 900,
               .name = "nginx",
               .command = {"nginx: master process nginx"},
               .control_group = "0::/system.slice/docker-" + container_id + ".scope\n"});
  host_.write("/proc/900/root/srv/shop.conf", "error_log /var/log/of-the-container.log;\n");
  host_.link("/proc/900/root/etc/nginx/nginx.conf", "/srv/shop.conf");
  EXPECT_THAT(shown(), HasSubstr("  error log         /var/log/of-the-container.log (nginx.error)\n"));
}

TEST_F(Discover, GuessesNoFolderThatIsNotShown) {
  host_.start({.pid = 800,
               .name = "nginx",
               .command = {"nginx: master process nginx -p web -c conf/nginx.conf"},
               .working_folder = ""});
  host_.start({.pid = 810,
               .name = "gunicorn",
               .command = {"/usr/bin/python3", "/usr/bin/gunicorn", "--error-logfile", "log/error.log", "shop"},
               .working_folder = ""});
  const auto servers = found().servers;
  ASSERT_EQ(servers.size(), 2u);
  EXPECT_THAT(servers[0].troubles,
              ElementsAre("left out web/conf/nginx.conf: its path is relative, and the folder that "
                          "it begins at is not known"));
  EXPECT_THAT(
      servers[1].troubles,
      ElementsAre("left out its error log, log/error.log: its path is relative, and the folder that it begins at "
                  "is not known; if it is a log, name it in a source (file: paths)"));
  EXPECT_THAT(servers[0].logs, IsEmpty());
  EXPECT_THAT(servers[1].logs, IsEmpty());
}

TEST_F(Discover, TakesTheFolderOfABuildOfNginxOnlyWhereItIs) {
  host_.write("/usr/local/nginx/conf/nginx.conf", "error_log logs/error.log;\naccess_log log/access.log;\n");
  host_.write("/usr/local/nginx/logs/nginx.pid", "800\n");
  host_.start({.pid = 800, .name = "nginx", .command = {"nginx: master process ./nginx"}});
  const auto server = found().servers.at(0);
  ASSERT_EQ(server.logs.size(), 1u);
  EXPECT_EQ(server.logs[0].path, "/usr/local/nginx/logs/error.log");
  EXPECT_THAT(server.troubles, ElementsAre("left out its access log, log/access.log: its path is relative, and the "
                                           "folder that it begins at is not known; if it is a log, name it in a source "
                                           "(file: paths)"));
}

TEST_F(Discover, SaysThatAServerWritesIntoADeletedFile) {
  host_.start({.pid = 800,
               .name = "nginx",
               .command = {"nginx: master process nginx"},
               .files = {{4, {"/var/log/nginx/error.log (deleted)"}}}});
  EXPECT_THAT(
      found().servers.front().troubles,
      testing::Contains("it writes to /var/log/nginx/error.log, which is deleted: have it open its logs again"));
}

TEST_F(Discover, IsOneObjectForPrograms) {
  host_.write("/etc/nginx/nginx.conf", "error_log /var/log/nginx/error.log;\n");
  host_.start({.pid = 800, .name = "nginx", .command = {"nginx: master process nginx"}});
  EXPECT_EQ(to_json(found()),
            R"({"reader":"root","servers":[{"program":"nginx","pid":800,"user":"root",)"
            R"("configuration":["/etc/nginx/nginx.conf"],"listens":[],"upstreams":[],)"
            R"("logs":[{"log":"error log","to":"file","place":"/var/log/nginx/error.log","format":"nginx.error",)"
            R"("open":false,"readable":true}],"problems":[]}],"host":{"kernel_device":false},"unseen":[]})");
}

TEST_F(Discover, SaysInASentenceWhatIsFollowed) {
  start_shop(host_);
  const auto outlook = outlook_of(found());
  EXPECT_THAT(
      outlook.follows,
      ElementsAre("nginx, pid 800, user root, unit nginx.service: /var/log/nginx/error.log, "
                  "/var/log/nginx/access.log, /var/log/nginx/shop.access.log, /var/log/nginx/*.log",
                  "gunicorn, pid 810, user www-data, unit gunicorn.service: the journal, /srv/shop/log/access.log",
                  "php-fpm, pid 820, user root, unit php8.2-fpm.service: /var/log/php8.2-fpm.log"));
  EXPECT_THAT(outlook.lacks, IsEmpty());
}

TEST_F(Discover, SaysOnlySoMuchInSentences) {
  HostTree::Started nginx{.pid = 800, .name = "nginx", .command = {"nginx: master process nginx"}};
  for (std::uint32_t number = 10; number < 40; ++number) {
    nginx.files[number] = {fmt::format("/var/log/nginx/{}.log (deleted)", number)};
    nginx.files[number + 100] = {fmt::format("/var/log/nginx/{}.log", number)};
  }
  host_.write("/etc/nginx/nginx.conf", "\n");
  host_.start(nginx);
  const auto outlook = outlook_of(found());
  ASSERT_EQ(outlook.lacks.size(), 21u);
  EXPECT_EQ(outlook.lacks[20], "10 more, which `triaged discover` shows");
  ASSERT_EQ(outlook.follows.size(), 1u);
  EXPECT_THAT(outlook.follows[0], testing::EndsWith("/var/log/nginx/17.log and 22 more"));
}

TEST_F(Discover, ShowsNothingThatActsOnATerminal) {
  host_.write("/etc/nginx/nginx.conf", "include '/etc/\x1b_.conf';\nupstream '\x1b[2J' { server 'a\nb'; }\n");
  host_.start({.pid = 800, .name = "nginx", .command = {"nginx: master process nginx"}});
  const auto outlook = outlook_of(found());
  ASSERT_EQ(outlook.lacks.size(), 1u);
  EXPECT_THAT(outlook.lacks[0], HasSubstr("etc/\\x1b_.conf"));
  for (const auto& text : {shown(), to_json(found()), outlook.lacks[0]})
    EXPECT_EQ(text.find('\x1b'), std::string::npos);
}

}  // namespace
}  // namespace triaged::discover
