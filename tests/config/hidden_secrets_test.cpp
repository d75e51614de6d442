// Whatever is wrong with a configuration, no problem repeats a secret of it: every value that can be one is a marker,
// the file is damaged at random, and no piece of the marker may turn up in what is said about it.
#include <cstdlib>
#include <fstream>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "config/configuration.hpp"
#include "knowledge/dialects/load_rules.hpp"
#include "tests/support/damaged_text.hpp"
#include "tests/support/temporary_folder.hpp"

namespace triaged::config {
namespace {

constexpr std::size_t shortest_piece = 8;

/// A secret looks like a word of the configuration, a number, or neither.
constexpr std::string_view markers[] = {"Xq7fK2mZ9pLw4RtB", "5ab1e7d4f29e86b03c71", "plumjade_quokka_vexingly",
                                        "xoxb-40417-88376-HJkWvQ", "83920174650918273645"};

std::string block_style(std::string_view marker, const std::string& folder) {
  return fmt::format(R"(sources:
  - file:
      paths: [/var/log/nginx/error.log, /var/log/nginx/access.log]
      format: auto
      start: end
rules: [/usr/share/triaged/rules]
notify:
  settle: 2s
  language: en
admin:
  listen: '0.0.0.0:9321'
  token: '{0}'
sinks:
  - slack:
      name: ops
      url: "https://hooks.example.com/services/{0}"
      timeout: 5s
      min_severity: error
  - webhook:
      name: hook
      url_file: {1}/url
      hmac_secret: {0}
      headers:
        Authorization: Bearer {0}
        X-Team: web
  - webhook:
      name: other
      url: ${{TRIAGED_TEST_URL}}
      hmac_secret_file: {1}/secret
  - syslog: {{to: 'udp://logs.example.com:514', facility: daemon}}
state:
  path: ${{TRIAGED_TEST_STATE}}/triaged
  durability: process
  outbox: 1000
)",
                     marker, folder);
}

std::string flow_style(std::string_view marker, const std::string& folder) {
  return fmt::format(R"(sources: [{{file: {{paths: ["/var/log/nginx/*.log"], timezone: '+01:00'}}}}]
probes: {{enabled: true, off: [not-listening]}}
admin: {{listen: "127.0.0.1:9321", token: "{0}"}}
sinks: [{{slack: {{name: a, url: "https://u{0}:p{0}@hooks.example.com/{0}?key={0}"}}}},
  {{webhook: {{name: b, url: "https://x/", hmac_secret: {0}, headers: {{X-Key: {0}}}}}}},
  {{webhook: {{name: c, url: "${{TRIAGED_TEST_URL}}", hmac_secret: "${{TRIAGED_TEST_SECRET}}"}}}},
  {{webhook: {{name: d, url_file: "{1}/url", hmac_secret_file: "{1}/secret", timeout: 5s}}}},
  {{file: {{path: /var/log/triaged.jsonl, rotate: {{size: 1MiB, keep: 3}}}}}}]
state: {{path: "${{TRIAGED_TEST_STATE}}", outbox_size: 2MiB}}
)",
                     marker, folder);
}

/// Everything that a person could read about the problems.
std::string said_about(const std::string& text) {
  Problems problems;
  const auto configuration = read_configuration(text, "triaged.yaml", problems);
  // A path of rules can name the configuration by mistake.
  Problems of_rules;
  static_cast<void>(knowledge::read_rule_file(text, "triaged.yaml", of_rules, nullptr));
  problems.insert(problems.end(), of_rules.begin(), of_rules.end());
  std::string said;
  for (const auto& problem : problems) said += to_text(problem) + "\n" + problem.suggestion + "\n";
  return said;
}

/// The first piece of the marker that stands in `text`; empty: none does.
std::string_view piece_in(std::string_view text, std::string_view marker) {
  for (std::size_t at = 0; at + shortest_piece <= marker.size(); ++at) {
    const auto piece = marker.substr(at, shortest_piece);
    if (text.find(piece) != std::string_view::npos) return piece;
  }
  return {};
}

class HiddenSecrets : public testing::TestWithParam<std::string_view> {
 protected:
  void SetUp() override {
    const std::string marker(GetParam());
    std::ofstream(folder_.path() / "url") << "https://hooks.example.com/" << marker << "\n";
    std::ofstream(folder_.path() / "secret") << marker << "\n";
    ::setenv("TRIAGED_TEST_URL", ("https://hooks.example.com/" + marker).c_str(), 1);
    ::setenv("TRIAGED_TEST_SECRET", marker.c_str(), 1);
    ::setenv("TRIAGED_TEST_STATE", ("/var/lib/" + marker).c_str(), 1);
  }

  const TemporaryFolder folder_;
};

TEST_P(HiddenSecrets, StandInNoProblemHoweverTheFileIsDamaged) {
  constexpr unsigned seeds = 1000;
  for (const auto& text : {block_style(GetParam(), folder_.path()), flow_style(GetParam(), folder_.path())}) {
    unsigned refused = 0;
    for (unsigned seed = 0; seed < seeds; ++seed) {
      const auto damaged = Damage(seed).of(text);
      const auto said = said_about(damaged);
      refused += said.find("error:") != std::string::npos ? 1 : 0;
      const auto piece = piece_in(said, GetParam());
      ASSERT_EQ(piece, "") << "seed " << seed << "\n" << damaged << "\n" << said;
    }
    EXPECT_GT(refused, seeds / 2);  // the damage is worth the name
  }
}

INSTANTIATE_TEST_SUITE_P(OfEveryKind, HiddenSecrets, testing::ValuesIn(markers));

TEST(SecretsInTheWrongPlace, AreNotQuoted) {
  for (const std::string slip : {R"(admin: {listen: "0.0.0.0:1", token: "hunter2"})",
                                 "sinks: [{slack: https://hooks.example.com/hunter2}]",
                                 R"(sinks: [{slack: {url_file: "https://hooks.example.com/hunter2"}}])",
                                 R"(sinks: [{slack: {url: "https://hooks.example.com/hunter2}}])",
                                 R"(sinks: [{webhook: {url: "https://x/", hmac_secret: abc,hunter2}}])",
                                 R"(sinks: [{webhook: {url: "https://x/", headers: {"Bearer hunter2": x}}}])",
                                 R"(sinks: [{webhook: {url: "https://x/", headers: {hunter2: [x]}}}])",
                                 "sinks: [{hunter2: {}}]",
                                 "sinks: [{stdout: {name: hunter2}}, {stdout: {name: hunter2}}]",
                                 "sources: [{file: {paths: [hunter2]}}]",
                                 "sources: [{file: {paths: [/hunter2], format: hunter2}}]",
                                 "probes: {off: [hunter2]}",
                                 "sinks: [hunter2]",
                                 "sinks: [{stdout: {min_severity: hunter2}}]",
                                 "sinks: [{syslog: {to: hunter2, facility: hunter2}}]",
                                 "sources: [{file: {paths: [/hunter2]}}, {file: {paths: [/hunter2]}}]",
                                 "state: {path: hunter2}",
                                 "state: {path: '${hunter2}'}",
                                 "hunter2",
                                 "- hunter2",
                                 "{\"hunter2\", \"hunter2}",
                                 "{\"a\": hunter2}"}) {
    const auto said = said_about(slip + "\n");
    EXPECT_NE(said, "\n") << slip;
    EXPECT_EQ(said.find("hunter2"), std::string::npos) << slip << "\n" << said;
  }
}

}  // namespace
}  // namespace triaged::config
