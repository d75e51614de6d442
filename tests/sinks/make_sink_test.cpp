#include "sinks/make_sink.hpp"

#include <fstream>

#include <gtest/gtest.h>

#include "tests/support/read_one_sink.hpp"
#include "tests/support/temporary_folder.hpp"

namespace triaged::sinks {
namespace {

using Texts = std::vector<std::string>;

/// The problems of one sink; empty when it is right.
Texts problems_of(const std::string& yaml) {
  const auto read = read_one_sink(yaml);
  EXPECT_EQ(read.entry.has_value(), read.problems.empty()) << yaml;
  return read.problems;
}

TEST(MakeSink, ReadsEveryKind) {
  EXPECT_EQ(problems_of("stdout: {format: json}"), Texts{});
  EXPECT_EQ(problems_of("file: {path: /var/log/triaged/incidents.jsonl, rotate: {size: 100MiB, keep: 5}}"), Texts{});
  EXPECT_EQ(problems_of("syslog: {to: unix:///dev/log, facility: daemon, app_name: triaged, format: rfc5424}"),
            Texts{});
  EXPECT_EQ(
      problems_of("webhook: {url: https://example.com/hook, headers: {X-Team: web}, timeout: 5s, hmac_secret: s}"),
      Texts{});
  EXPECT_EQ(problems_of("slack: {url: https://hooks.slack.com/services/T0/B0/x, timeout: 10s}"), Texts{});
}

TEST(MakeSink, NamesASinkAfterItsKindUnlessTold) {
  EXPECT_EQ(read_one_sink("stdout:").entry->name, "stdout");
  const auto entry = read_one_sink("stdout: {name: console, min_severity: error}").entry;
  EXPECT_EQ(entry->kind, "stdout");
  EXPECT_EQ(entry->name, "console");
  EXPECT_EQ(entry->min_severity, Severity::error);
}

TEST(MakeSink, ListsItsKinds) {
  EXPECT_EQ(sink_kinds(), (std::vector<std::string_view>{"stdout", "file", "syslog", "webhook", "slack"}));
}

TEST(MakeSink, RefusesWhatIsNoSink) {
  EXPECT_EQ(problems_of("slak: {}"),
            (Texts{"triaged.yaml:1:1: error: there is no kind of sink 'slak'; did you mean 'slack'?"}));
  EXPECT_EQ(problems_of("pager: {}"), (Texts{"triaged.yaml:1:1: error: there is no kind of sink of this name; there "
                                             "are: stdout, file, syslog, webhook, slack"}));
  const std::string shape =
      "error: a sink is a map with one field, its kind, such as 'stdout: {}' or 'file: {path: …}'";
  EXPECT_EQ(problems_of("stdout"), (Texts{"triaged.yaml:1:1: " + shape}));
  EXPECT_EQ(problems_of("{stdout: {}, file: {}}"), (Texts{"triaged.yaml:1:1: " + shape}));
  EXPECT_EQ(problems_of("stdout: [1]"), (Texts{"triaged.yaml:1:9: error: sink 'stdout' must be a map, not a list"}));
}

TEST(MakeSink, RefusesUnknownAndWrongFieldsOfAll) {
  EXPECT_EQ(problems_of("stdout: {min_severty: error}"),
            (Texts{"triaged.yaml:1:10: error: unknown field 'min_severty' in sink 'stdout'; did you mean "
                   "'min_severity'? (min_severty)"}));
  EXPECT_EQ(
      problems_of("stdout: {min_severity: eror}"),
      (Texts{"triaged.yaml:1:24: error: 'min_severity' of sink 'stdout' must be info, warning, error or critical; did "
             "you mean 'error'? (eror)"}));
  EXPECT_EQ(problems_of("stdout: {name: ''}"), (Texts{"triaged.yaml:1:16: error: 'name' of a sink must not be empty"}));
}

TEST(MakeSink, RefusesWrongFieldsOfStdout) {
  EXPECT_EQ(problems_of("stdout: {format: xml}"),
            (Texts{"triaged.yaml:1:18: error: 'format' of sink 'stdout' must be text or json"}));
}

TEST(MakeSink, RefusesWrongFieldsOfFile) {
  EXPECT_EQ(problems_of("file: {}"), (Texts{"triaged.yaml:1:7: error: sink 'file' has no 'path'"}));
  EXPECT_EQ(problems_of("file: {path: incidents.jsonl}"),
            (Texts{"triaged.yaml:1:14: error: 'path' of sink 'file' must be absolute"}));
  EXPECT_EQ(
      problems_of("file: {path: /a, rotate: {size: 1KiB, keep: -1, kep: 2}}"),
      (Texts{"triaged.yaml:1:33: error: 'size' of 'rotate' must be at least 4KiB",
             "triaged.yaml:1:45: error: 'keep' of 'rotate' must be 0 to 1000",
             "triaged.yaml:1:49: error: unknown field 'kep' in 'rotate' of sink 'file'; did you mean 'keep'? (kep)"}));
  EXPECT_EQ(problems_of("file: {path: /a, rotate: {keep: 2}}"),
            (Texts{"triaged.yaml:1:26: error: 'rotate' of sink 'file' has no 'size'"}));
}

TEST(MakeSink, RefusesWrongFieldsOfSyslog) {
  const auto of_address = [](const std::string& address) {
    return problems_of("syslog: {to: '" + address + "'}").at(0);
  };
  const std::string start = "triaged.yaml:1:14: error: 'to' of sink 'syslog' is no address: ";
  EXPECT_EQ(of_address("/dev/log"), start + "it must start with unix://, udp:// or tcp://");
  EXPECT_EQ(of_address("unix://dev/log"), start + "the path of a socket must be absolute, as in unix:///dev/log");
  EXPECT_EQ(of_address("udp://:514"), start + "there is no host");
  EXPECT_EQ(of_address("udp://logs:70000"), start + "the port must be 1 to 65535");
  EXPECT_EQ(of_address("tcp://logs:syslog"), start + "the port must be 1 to 65535");
  EXPECT_EQ(of_address("tcp://[::1"), start + "a ']' is missing");
  EXPECT_EQ(
      problems_of("syslog: {to: udp://logs, facility: deamon, app_name: my app, format: gelf}"),
      (Texts{
          "triaged.yaml:1:36: error: 'facility' of sink 'syslog' must be kern, user, mail, daemon, auth, syslog, lpr, "
          "news, "
          "uucp, cron, authpriv, ftp, local0, local1, local2, local3, local4, local5, local6 or local7; did you mean "
          "'daemon'? (deamon)",
          "triaged.yaml:1:54: error: 'app_name' must be 1 to 48 printable ASCII characters without blanks",
          "triaged.yaml:1:70: error: 'format' of sink 'syslog' must be rfc5424 or local"}));
  EXPECT_EQ(problems_of("syslog: {to: udp://logs, app_name: nginx}"),
            (Texts{"triaged.yaml:1:36: error: 'app_name' must not be the name of a program whose logs triaged reads"}));
  EXPECT_EQ(problems_of("syslog: {}"), (Texts{"triaged.yaml:1:9: error: sink 'syslog' has no 'to'"}));
}

TEST(MakeSink, RefusesASecretThatIsEmpty) {
  EXPECT_EQ(problems_of("webhook: {url: 'https://a/', hmac_secret: ''}"),
            (Texts{"triaged.yaml:1:43: error: 'hmac_secret' must not be empty"}));
  EXPECT_EQ(problems_of("webhook: {url: 'https://a/', hmac_secret: }"),
            (Texts{"triaged.yaml:1:43: error: 'hmac_secret' must not be empty"}));
  EXPECT_EQ(problems_of("webhook: {url: 'https://a/', hmac_secret_file: }"),
            (Texts{"triaged.yaml:1:48: error: 'hmac_secret_file' must not be empty"}));
}

TEST(MakeSink, RefusesAnAddressThatIsEmpty) {
  EXPECT_EQ(problems_of("slack: {name: ops, url: }"), (Texts{"triaged.yaml:1:25: error: 'url' must not be empty"}));
  EXPECT_EQ(problems_of("webhook: {url: ''}"), (Texts{"triaged.yaml:1:16: error: 'url' must not be empty"}));
}

TEST(MakeSink, RefusesAnAddressThatCannotBePostedTo) {
  const auto of_url = [](const std::string& url) { return problems_of("slack: {url: '" + url + "'}").at(0); };
  const std::string start = "triaged.yaml:1:14: error: cannot post to this 'url': ";
  EXPECT_EQ(of_url("ftp://example.com/secret"), start + "it must start with https:// or http://");
  EXPECT_EQ(of_url("example.com/secret"), start + "it is not a URL");
  EXPECT_EQ(of_url("https://"), start + "it is not a URL");
  EXPECT_EQ(of_url("https://example.com/a secret"), start + "it holds blanks");
  EXPECT_EQ(problems_of("slack: {}"), (Texts{"triaged.yaml:1:8: error: one of 'url' and 'url_file' is needed"}));
}

TEST(MakeSink, WarnsOfAnUnencryptedAddressWithoutShowingIt) {
  const auto read = read_one_sink("webhook: {url: http://hooks.example.com/secret}");
  ASSERT_TRUE(read.entry);
  EXPECT_EQ(read.problems,
            (Texts{"triaged.yaml:1:16: warning: diagnoses travel to this 'url' unencrypted; use https://"}));
  EXPECT_EQ(problems_of("webhook: {url: http://127.0.0.1:8080/secret}"), Texts{});
}

TEST(MakeSink, RefusesWrongFieldsOfAWebhook) {
  EXPECT_EQ(problems_of("webhook: {url: https://a/b, timeout: 1m, ca_file: /nowhere/ca.pem}"),
            (Texts{"triaged.yaml:1:38: error: 'timeout' must be above 0 and at most 15s",
                   "triaged.yaml:1:51: error: cannot read 'ca_file': No such file or directory"}));
  EXPECT_EQ(problems_of("webhook: {url: https://a/b, headers: {'X Y': a, Content-Type: text/plain, X-List: [1], "
                        "X-Lines: \"a\\r\\nb\"}}"),
            (Texts{"triaged.yaml:1:39: error: this is not the name of a header",
                   "triaged.yaml:1:49: error: the header 'Content-Type' is set by triaged itself",
                   "triaged.yaml:1:75: error: the value of a header must be one line of text",
                   "triaged.yaml:1:88: error: the value of a header must be one line of text"}));
}

TEST(MakeSink, ReadsASecretFromItsFile) {
  const TemporaryFolder folder;
  const auto path = (folder.path() / "hook").string();
  std::ofstream(path) << "  https://example.com/T0/B0 \nanything\n";
  EXPECT_EQ(problems_of("webhook: {url_file: " + path + "}"), Texts{});
  std::ofstream(path) << "\n";
  EXPECT_EQ(problems_of("webhook: {url_file: " + path + "}"),
            (Texts{"triaged.yaml:1:21: error: cannot read 'url_file': its first line is empty"}));
  EXPECT_EQ(problems_of("webhook: {url_file: /nowhere/hook}"),
            (Texts{"triaged.yaml:1:21: error: cannot read 'url_file': No such file or directory"}));
  EXPECT_EQ(problems_of("webhook: {url: https://a/secret, url_file: /nowhere/hook}"),
            (Texts{"triaged.yaml:1:44: error: 'url' and 'url_file' exclude each other"}));
}

TEST(MakeSink, RefusesAFileThatIsTooLargeForASecretOrIsNone) {
  const TemporaryFolder folder;
  const auto path = (folder.path() / "hook").string();
  std::ofstream(path) << "https://example.com/" << std::string(70'000, 'x');
  EXPECT_EQ(problems_of("webhook: {url_file: " + path + "}"),
            (Texts{"triaged.yaml:1:21: error: cannot read 'url_file': it has 70020 bytes, and the limit is 65536"}));
  for (const std::string no_file : {"/dev/zero", "/dev"}) {
    EXPECT_EQ(problems_of("webhook: {url_file: " + no_file + "}"),
              (Texts{"triaged.yaml:1:21: error: cannot read 'url_file': it is not a regular file"}))
        << no_file;
  }
}

TEST(MakeSink, RefusesAnAddressAsItsName) {
  EXPECT_EQ(problems_of("stdout: {name: 'hooks.example.com/T0/B0'}"),
            (Texts{"triaged.yaml:1:16: error: 'name' of a sink is shown in logs and metrics: at most 64 bytes without "
                   "/ : = ? & and quotes"}));
  EXPECT_EQ(problems_of("stdout: {name: on call 夜}"), Texts{});
}

}  // namespace
}  // namespace triaged::sinks
