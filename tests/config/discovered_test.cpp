// What `discover` proposes is a configuration: whatever it has found, the parser takes it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/configuration.hpp"
#include "discover/proposal.hpp"
#include "sources/file/file_follower.hpp"
#include "tests/support/found_hosts.hpp"

namespace triaged::config {
namespace {

using discover::UsualPlaces;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsSupersetOf;
using testing::Not;

class Proposed : public testing::Test {
 protected:
  [[nodiscard]] std::string text(UsualPlaces usual = UsualPlaces::left_out) const {
    return discover::proposed_configuration(discover::discover(host_.root(), any_reader()), usual);
  }

  /// As `check` reads it; what this machine's journal has is not the matter here.
  [[nodiscard]] Configuration accepted(UsualPlaces usual = UsualPlaces::left_out) const {
    Problems problems;
    auto configuration = read_configuration(text(usual), "proposed.yaml", problems);
    for (const auto& problem : problems) {
      if (problem.level == ProblemLevel::error) ADD_FAILURE() << to_text(problem) << "\n" << text(usual);
    }
    return configuration;
  }

  [[nodiscard]] static const std::vector<std::string>& paths_of(const LogSource& source) {
    return std::any_cast<const sources::FollowedSource&>(source.entry.options).globs;
  }

  HostTree host_;
};

TEST_F(Proposed, SourcesFollowWhatWasFound) {
  start_shop(host_);
  const auto configuration = accepted();
  ASSERT_EQ(configuration.sources.size(), 5u);
  EXPECT_THAT(paths_of(configuration.sources[0]),
              ElementsAre("/var/log/nginx/error.log", "/var/log/nginx/access.log", "/var/log/nginx/shop.access.log"));
  EXPECT_THAT(paths_of(configuration.sources[1]), ElementsAre("/srv/shop/log/access.log"));
  EXPECT_TRUE(configuration.sources[1].log_format);
  EXPECT_THAT(paths_of(configuration.sources[2]), ElementsAre("/var/log/php8.2-fpm.log"));
  EXPECT_THAT(paths_of(configuration.sources[3]), ElementsAre("/var/log/nginx/*.log"));
  EXPECT_EQ(configuration.sources[4].entry.kind, "journald");
  EXPECT_THAT(configuration.topology.nginx, ElementsAre("/etc/nginx/nginx.conf"));
  ASSERT_EQ(configuration.sinks.size(), 1u);
}

TEST_F(Proposed, TextSaysWhereEachLogComesFrom) {
  start_shop(host_);
  const auto proposed = text();
  EXPECT_EQ(
      proposed.substr(proposed.find("sources:"), proposed.find("\n# Where diagnoses") - proposed.find("sources:")),
      R"(sources:
  # nginx, pid 800, user root, unit nginx.service
  - file:
      paths:
        - /var/log/nginx/error.log  # error log: nginx.error
        - /var/log/nginx/access.log  # access log: nginx.access
        - /var/log/nginx/shop.access.log  # access log: nginx.access, format timed
  # gunicorn, pid 810, user www-data, unit gunicorn.service
  - file:
      log_format: '%(h)s it''s %(s)s %(L)s'
      paths:
        - /srv/shop/log/access.log  # access log: gunicorn.access
  # php-fpm, pid 820, user root, unit php8.2-fpm.service
  - file:
      paths:
        - /var/log/php8.2-fpm.log  # error log: php-fpm
  # Files whose names the servers choose while they run.
  - file:
      paths:
        - '/var/log/nginx/*.log'  # access log: nginx.access
  # The journal of systemd: what these services log to it, and what systemd says of them.
  - journald: {units: ['nginx.service', 'gunicorn.service', 'php8.2-fpm.service'], identifiers: ['kernel']}

# Who stands behind whom, and how access logs are written: from the proxies' own configuration.
topology: {nginx: [/etc/nginx/nginx.conf]}
)");
}

TEST_F(Proposed, SourcesReadNoLineTwice) {
  start_haproxy(host_);
  host_.write("/var/log/haproxy.log", "");
  host_.write("/var/log/kern.log", "");
  host_.write("/var/log/journal/0123456789abcdef0123456789abcdef/system.journal", "");
  host_.start({.pid = 400, .name = "rsyslogd", .command = {"/usr/sbin/rsyslogd", "-n", "-iNONE"}});
  const auto configuration = accepted();
  ASSERT_EQ(configuration.sources.size(), 2u);
  EXPECT_THAT(paths_of(configuration.sources[0]), ElementsAre("/var/log/haproxy.log"));
  EXPECT_THAT(text(), HasSubstr("  - journald: {identifiers: ['kernel']}\n"));
}

TEST_F(Proposed, SourcesAreThoseOfContainersToo) {
  host_.write("/var/lib/docker/containers/" + container_id + "/config.v2.json", "{}");
  host_.start({.pid = 900,
               .name = "nginx",
               .command = {"nginx: master process nginx -g daemon off;"},
               .control_group = "0::/system.slice/docker-" + container_id + ".scope\n",
               .files = {{1, {"pipe:[4711]", "01"}}, {2, {"pipe:[4712]", "01"}}}});
  host_.write("/proc/900/root/etc/nginx/nginx.conf", "error_log /dev/stderr;\n");
  const auto configuration = accepted();
  ASSERT_EQ(configuration.sources.size(), 1u);
  EXPECT_EQ(configuration.sources[0].entry.kind, "containers");
  EXPECT_THAT(text(), Not(HasSubstr("topology")));
}

TEST_F(Proposed, TextHoldsWhateverFilesAreCalled) {
  host_.start({.pid = 800,
               .name = "nginx",
               .command = {"nginx: master process nginx"},
               .files = {{4, {"/srv/it's #1: [a] *.log"}},
                         {5, {"/srv/${SECRET}/error.log"}},
                         {6, {"/srv/- \xff.log"}},
                         {7, {"/srv/\"x\" {y}.log"}}}});
  const auto configuration = accepted();
  ASSERT_EQ(configuration.sources.size(), 2u);
  EXPECT_THAT(paths_of(configuration.sources[0]), ElementsAre("/srv/\"x\" {y}.log"));
  EXPECT_THAT(paths_of(configuration.sources[1]),
              ElementsAre("/srv/it's #1: ?a? *.log", "/srv/?{SECRET}/error.log", "/srv/- ?.log"));
}

TEST_F(Proposed, SourcesOfThousandsOfSitesArePatterns) {
  std::string sites = "error_log /var/log/nginx/error.log;\n";
  for (int site = 0; site < 3000; ++site) {
    sites += fmt::format("server {{ access_log /var/log/nginx/site{0}.access.log; error_log /srv/{0}.err; }}\n", site);
  }
  host_.write("/etc/nginx/nginx.conf", sites);
  host_.start({.pid = 800, .name = "nginx", .command = {"nginx: master process nginx"}});
  const auto configuration = accepted();
  ASSERT_EQ(configuration.sources.size(), 1u);
  EXPECT_THAT(paths_of(configuration.sources[0]), ElementsAre("/var/log/nginx/*.log", "/srv/*.err"));
}

TEST_F(Proposed, LogFormatsNeedNotBeReadable) {
  for (const std::string format : {"%(h)s ${SECRET}", "no variable", "%(h)s\n- x", "\xff%(h)s"}) {
    host_.start({.pid = 810,
                 .name = "gunicorn",
                 .command = {"/usr/bin/python3", "/usr/bin/gunicorn", "--access-logfile", "/srv/a.log",
                             "--access-logformat=" + format},
                 .working_folder = "/srv"});
    const auto configuration = accepted();
    ASSERT_EQ(configuration.sources.size(), 1u);
    EXPECT_FALSE(configuration.sources[0].log_format) << format;
    std::filesystem::remove_all(host_.root() / "proc/810");
  }
}

TEST_F(Proposed, SourcesAreTheUsualPlacesWhereNothingIsFound) {
  for (const auto usual : {UsualPlaces::added, UsualPlaces::left_out}) {
    const auto configuration = accepted(usual);
    ASSERT_EQ(configuration.sources.size(), 1u);
    EXPECT_THAT(paths_of(configuration.sources[0]),
                IsSupersetOf({"/var/log/nginx/*.log", "/var/log/haproxy.log", "/var/log/gunicorn/*.log"}));
  }
}

TEST_F(Proposed, CommentsSayWhatTheReaderMayNotRead) {
  host_.write("/var/log/nginx/error.log", "");
  std::filesystem::permissions(host_.root() / "var/log/nginx/error.log", std::filesystem::perms::owner_read);
  const auto proposed = discover::proposed_configuration(
      discover::discover(host_.root(), {.name = "triaged", .user = 4242}), UsualPlaces::left_out);
  EXPECT_THAT(proposed, HasSubstr("        - /var/log/nginx/error.log  # log; triaged may not read it ("));
  EXPECT_THAT(proposed, HasSubstr("setfacl -m u:triaged:r /var/log/nginx/error.log"));
}

}  // namespace
}  // namespace triaged::config
