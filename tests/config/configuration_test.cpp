#include "config/configuration.hpp"

#include <algorithm>
#include <cstdlib>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sources/file/file_follower.hpp"

namespace triaged::config {
namespace {

std::string problems_in(std::string_view text) {
  Problems problems;
  (void)read_configuration(text, "triaged.yaml", problems);
  std::string all;
  for (const auto& problem : problems) all += to_text(problem) + "\n";
  return all;
}

Configuration good(std::string_view text) {
  Problems problems;
  auto configuration = read_configuration(text, "triaged.yaml", problems);
  for (const auto& problem : problems) ADD_FAILURE() << to_text(problem);
  return configuration;
}

const sources::FollowedSource& followed_in(const LogSource& source) {
  return std::any_cast<const sources::FollowedSource&>(source.entry.options);
}

TEST(Configuration, ReadsEverySection) {
  const auto configuration = good(R"(
sources:
  - file: {paths: [/var/log/nginx/error.log, /var/log/nginx/*.access.log], format: nginx.error, start: end, timezone: '+01:00'}
rules: [/usr/share/triaged/rules, /etc/triaged/rules]
notify: {settle: 500ms, update_every: 5m, resolve_after: 1h, language: zh}
sinks:
  - file: {name: ledger, path: /var/log/triaged/incidents.jsonl, min_severity: error}
  - stdout: {}
state: {path: /var/lib/triaged, durability: power}
topology: {nginx: [/etc/nginx/nginx.conf], haproxy: /etc/haproxy/haproxy.cfg}
admin: {listen: '[::]:9000', token: 0123456789abcdef}
)");
  ASSERT_EQ(configuration.sources.size(), 1u);
  EXPECT_EQ(followed_in(configuration.sources[0]).globs.size(), 2u);
  EXPECT_EQ(followed_in(configuration.sources[0]).start, sources::StartAt::end);
  EXPECT_EQ(configuration.sources[0].format, formats::Format::nginx_error);
  EXPECT_EQ(configuration.sources[0].zone_offset, std::chrono::hours(1));
  EXPECT_EQ(configuration.rules.size(), 2u);
  EXPECT_EQ(configuration.notify.settle, std::chrono::milliseconds(500));
  EXPECT_EQ(configuration.notify_policy().update_every, std::chrono::minutes(5));
  EXPECT_EQ(configuration.notify.resolve_after, std::chrono::hours(1));
  EXPECT_EQ(configuration.notify.language, Language::chinese);
  ASSERT_EQ(configuration.sinks.size(), 2u);
  EXPECT_EQ(configuration.sinks[0].name, "ledger");
  EXPECT_EQ(configuration.sinks[0].min_severity, Severity::error);
  EXPECT_EQ(configuration.state.folder.path, "/var/lib/triaged");
  EXPECT_EQ(configuration.state.durability, store::Durability::power);
  EXPECT_THAT(configuration.topology.nginx, testing::ElementsAre("/etc/nginx/nginx.conf"));
  EXPECT_THAT(configuration.topology.haproxy, testing::ElementsAre("/etc/haproxy/haproxy.cfg"));
  ASSERT_TRUE(configuration.admin);
  EXPECT_EQ(configuration.admin->address.text(), "[::]:9000");
  EXPECT_EQ(configuration.admin->token, "0123456789abcdef");
}

TEST(Configuration, RedactsAsItsSectionSays) {
  const auto redact =
      good("redact: {default: false, extra: ['(?<secret>C-\\d+)', '[A-Z]{8}'], except: [email, jwt]}\n").redact;
  EXPECT_FALSE(redact.is_on);
  EXPECT_THAT(redact.extra, testing::ElementsAre("(?P<secret>C-\\d+)", "[A-Z]{8}"));
  EXPECT_THAT(redact.except, testing::ElementsAre(formats::SecretKind::email, formats::SecretKind::jwt));
  EXPECT_TRUE(good("rules: [/etc/triaged/rules]\n").redact.is_on);
}

TEST(Configuration, SaysWhatIsWrongWithAPatternWithoutQuotingIt) {
  EXPECT_EQ(problems_in("redact:\n  extra: ['hunter2(', 'x*', '" + std::string(1001, 'a') + "']\n"),
            "triaged.yaml:2:11: error: RE2 does not take this pattern: missing )\n"
            "triaged.yaml:2:23: error: this pattern matches the empty text: let it require what a secret begins with\n"
            "triaged.yaml:2:29: error: a pattern of 'extra' of 'redact' has at most 1000 bytes\n");
}

TEST(Configuration, KnowsTheKindsOfSecrets) {
  EXPECT_EQ(problems_in("redact: {except: [emial, {a: b}]}\n"),
            "triaged.yaml:1:26: error: 'except' of 'redact' must hold texts only, not a map\n"
            "triaged.yaml:1:19: error: there is no kind of secret 'emial'; did you mean 'email'?\n");
  EXPECT_EQ(problems_in("redact: {except: email}\n"), "");
}

TEST(Configuration, GivesItsSectionAboutRedactionAloneWhateverElseIsWrong) {
  Problems problems;
  const auto redact = read_redaction("nonsense: 1\nsinks: 7\nredact: {except: [email]}\n", "triaged.yaml", problems);
  EXPECT_TRUE(problems.empty());
  EXPECT_THAT(redact.except, testing::ElementsAre(formats::SecretKind::email));
}

TEST(Configuration, ServesNothingUnlessItIsAskedTo) {
  EXPECT_FALSE(good("rules: [/etc/triaged/rules]\n").admin);
  EXPECT_EQ(good("admin: {}\n").admin->address.text(), "127.0.0.1:9321");
  EXPECT_EQ(good("admin: {listen: 'localhost:80'}\n").admin->address.text(), "127.0.0.1:80");
  EXPECT_TRUE(good("topology: {}\n").topology.is_empty());
}

TEST(Configuration, SaysWhatIsWrongWithAnAdminAddress) {
  const std::string wrong = "error: 'listen' of 'admin' must be an address and a port such as 127.0.0.1:9321";
  for (const std::string listen :
       {"9321", "example.com:80", "127.0.0.1:0", "127.0.0.1:99999", "::1:80", "[127.0.0.1]:80"}) {
    EXPECT_EQ(problems_in("admin: {listen: '" + listen + "'}\n"), "triaged.yaml:1:17: " + wrong + "\n");
  }
  EXPECT_EQ(problems_in("admin: {token: short}\n"),
            "triaged.yaml:1:16: error: 'token' of 'admin' must have at least 16 letters\n");
  EXPECT_EQ(
      problems_in("admin: {listen: '0.0.0.0:9321'}\n"),
      "triaged.yaml:1:8: error: 'admin' listens where others can ask: give it a 'token', which feedback then needs, or "
      "a loopback address\n");
}

TEST(Configuration, WantsAbsolutePathsOfProxyConfiguration) {
  EXPECT_EQ(problems_in("topology: {nginx: [nginx.conf]}\n"),
            "triaged.yaml:1:20: error: 'nginx' of 'topology' must be absolute paths\n");
}

TEST(Configuration, SaysWhatMayBeLookedAtOnTheHost) {
  const auto usual = good("{}");
  EXPECT_EQ(usual.probes.timeout, std::chrono::milliseconds(500));
  EXPECT_EQ(usual.notify.probe_kinds, probes::ProbeOptions().probe_kinds());
  const auto some = good("probes: {timeout: 1s, off: [not-listening]}");
  EXPECT_EQ(some.probes.timeout, std::chrono::seconds(1));
  EXPECT_EQ(some.notify.probe_kinds, (probes::ProbeOptions{.off = {ProbeKind::listener}}.probe_kinds()));
  EXPECT_TRUE(good("probes: {enabled: false}").notify.probe_kinds.empty());
}

TEST(Configuration, RefusesProbesThatDoNotExistAndTimeoutsOutOfBounds) {
  EXPECT_EQ(problems_in("probes: {off: [process-alve]}\n"),
            "triaged.yaml:1:16: error: there is no probe 'process-alve'; did you mean 'process-alive'?\n");
  EXPECT_EQ(problems_in("probes: {off: [[listening]]}\n"),
            "triaged.yaml:1:16: error: 'off' of 'probes' is a list of names of probes\n");
  EXPECT_EQ(problems_in("probes: {enable: true}\n"),
            "triaged.yaml:1:10: error: unknown field 'enable' in 'probes'; did you mean 'enabled'? (enable)\n");
  EXPECT_EQ(problems_in("probes: {timeout: 1m}\n"),
            "triaged.yaml:1:19: error: 'timeout' of 'probes' must be above 0 and at most 10s\n");
}

TEST(Configuration, NamesAnUnknownFieldAndTheNearestKnownOne) {
  EXPECT_EQ(problems_in("sources:\n  - file: {paths: [/a], fromat: auto}\n"),
            "triaged.yaml:2:25: error: unknown field 'fromat' in source 'file'; did you mean 'format'? (fromat)\n");
}

TEST(Configuration, NamesAWrongType) {
  EXPECT_EQ(problems_in("sources: /var/log/nginx\n"),
            "triaged.yaml:1:10: error: 'sources' of the configuration must be a list, not text\n");
  EXPECT_EQ(problems_in("notify: {settle: soon}\n"),
            "triaged.yaml:1:18: error: 'settle' of 'notify' must be a duration such as 30s, 15m or 1h30m\n");
}

TEST(Configuration, RefusesARelativePath) {
  EXPECT_EQ(problems_in("sources:\n  - file: {paths: [logs/error.log]}\n"),
            "triaged.yaml:2:20: error: this path is not absolute: write /path/to/file\n");
}

TEST(Configuration, RefusesASourceWithoutAKind) {
  const std::string wanted = " error: a source is a map with one field, its kind: 'file: {paths: [/path/to/file]}'\n";
  EXPECT_EQ(problems_in("sources: [{}]\n"), "triaged.yaml:1:11:" + wanted);
  EXPECT_EQ(problems_in("sources:\n  - file:\n"), "triaged.yaml:2:5:" + wanted);
}

TEST(Configuration, SaysWhatIsWrongWithALogFormat) {
  EXPECT_EQ(problems_in("sources:\n  - file: {paths: [/a.log], log_format: '$status $request'}\n"), "");
  EXPECT_EQ(problems_in("sources:\n  - file: {paths: [/a.log], log_format: '$status ${request'}\n"),
            "triaged.yaml:2:41: error: 'log_format' of source 'file': no '}' closes what begins at character 9\n");
  EXPECT_EQ(
      problems_in("sources:\n  - file: {paths: [/a.log], log_format: combined}\n"),
      "triaged.yaml:2:41: error: 'log_format' of source 'file': it has no variable ($status, %ST, %>s or %(s)s)\n");
}

TEST(Configuration, RefusesAPathThatAnEarlierSourceFollows) {
  EXPECT_EQ(problems_in("sources:\n  - file: {paths: ['/var/log/nginx/*.log']}\n"
                        "  - file: {paths: [/a, /var/log/nginx/error.log], format: nginx.error}\n"),
            "triaged.yaml:3:24: error: the source in line 2 already follows this path: name a file in "
            "one source only, or put this source first\n");
}

TEST(Configuration, ReadsWhereRotatedFilesGo) {
  const auto configuration = good("sources:\n  - file: {paths: [/logs/error.log], rotated: ['/logs/old/*']}\n");
  EXPECT_EQ(followed_in(configuration.sources.at(0)).rotated, std::vector<std::string>{"/logs/old/*"});
  EXPECT_EQ(problems_in("sources:\n  - file: {paths: [/logs/error.log], rotated: [old]}\n"),
            "triaged.yaml:2:48: error: this path is not absolute: write /path/to/folder/*\n");
}

TEST(Configuration, RefusesAFormatThatDoesNotExist) {
  EXPECT_EQ(problems_in("sources:\n  - file: {paths: [/a], format: nginx.eror}\n"),
            "triaged.yaml:2:33: error: 'format' of source 'file' must be auto, text, nginx.error, nginx.access, "
            "haproxy.http, haproxy.tcp, haproxy.event, gunicorn.error, gunicorn.access, python.traceback, kernel, "
            "php-fpm, uwsgi, syslog, envoy.access, app.access, proxy.access, alb.access, "
            "go.panic, java.exception, node.error or ruby.error; did you mean 'nginx.error'? "
            "(nginx.eror)\n");
}

TEST(Configuration, RefusesTwoSinksOfOneName) {
  EXPECT_NE(problems_in("sinks:\n  - stdout: {name: a}\n  - stdout: {name: a}\n")
                .find("an earlier sink has the name of this one"),
            std::string::npos);
}

TEST(Configuration, ShowsWhereTheYamlBreaks) {
  EXPECT_EQ(problems_in("sources: [\n").substr(0, 24), "triaged.yaml:2:1: error:");
}

TEST(Configuration, TakesSecretsFromTheEnvironmentAndNeverShowsThem) {
  ::setenv("TRIAGED_TEST_SECRET", "hunter2", 1);
  const auto problems = problems_in("sinks:\n  - stdout: {min_severity: '${TRIAGED_TEST_SECRET}'}\n");
  EXPECT_NE(problems, "");
  EXPECT_EQ(problems.find("hunter2"), std::string::npos) << problems;
}

TEST(Configuration, NamesAnEnvironmentVariableThatIsNotSet) {
  ::unsetenv("TRIAGED_TEST_UNSET");
  EXPECT_EQ(
      problems_in("state: {path: '${TRIAGED_TEST_UNSET}/x'}\n"),
      "triaged.yaml:1:15: error: the environment variable TRIAGED_TEST_UNSET is not set: set it where triaged starts "
      "(in a unit with Environment= or EnvironmentFile=)\n");
}

TEST(Configuration, SaysOnlyOnceThatAVariableIsNotSet) {
  ::unsetenv("TRIAGED_TEST_UNSET");
  const auto problems = problems_in("sinks: [slack: {url: '${TRIAGED_TEST_UNSET}'}]\n");
  EXPECT_EQ(std::count(problems.begin(), problems.end(), '\n'), 1) << problems;
}

TEST(Configuration, HasTheZoneOfTimesForPeople) {
  const auto zone_of = [](const std::string& text) {
    Problems problems;
    const auto configuration = read_configuration(text, "triaged.yaml", problems);
    EXPECT_TRUE(problems.empty());
    return configuration.notify.timezone.at(parse_rfc3339("2026-11-21T00:00:00Z").value()).abbreviation;
  };
  EXPECT_EQ(zone_of("notify: {timezone: Europe/Berlin}\n"), "CET");
  EXPECT_EQ(zone_of("notify: {timezone: '+01:00'}\n"), "UTC+01:00");
  EXPECT_EQ(problems_in("notify: {timezone: Europe/Berln}\n"),
            "triaged.yaml:1:20: error: 'timezone' of 'notify': there is no such time zone; did you mean "
            "'Europe/Berlin'?\n");
}

}  // namespace
}  // namespace triaged::config
