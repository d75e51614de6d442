// What is written from the tables of options. UPDATE_GOLDEN=1 writes it anew; look at the difference before you commit
// it.
#include "config/option_reference.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/configuration.hpp"
#include "sinks/make_sink.hpp"
#include "tests/support/json_schema.hpp"

namespace triaged::config {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const auto source = std::filesystem::path(TRIAGED_SOURCE_DIR);

std::string text_of(const std::string& name) {
  std::ifstream stream(source / name, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

void expect_file(const std::string& name, const std::string& wanted) {
  if (std::getenv("UPDATE_GOLDEN") != nullptr) std::ofstream(source / name, std::ios::binary) << wanted;
  EXPECT_TRUE(text_of(name) == wanted) << name << " is not what the tables say: UPDATE_GOLDEN=1 writes it anew";
}

/// The table that belongs between the marks of this name.
std::string table_named(const std::string& name) {
  if (name == "configuration") return markdown_table(all_options(), "sinks");
  if (name == "every sink") return markdown_table(sinks::options_of_every_sink());
  for (const auto& kind : sinks::options_by_sink_kind()) {
    if (kind.name == name) return markdown_table(kind.fields);
  }
  ADD_FAILURE() << "there are no options of " << name;
  return "";
}

/// `page` with the right table between each pair of marks, whose names are added to `names`.
std::string with_tables(const std::string& page, std::vector<std::string>& names) {
  const std::string begin = "\n<!-- options: ", end = "<!-- end of options -->";
  std::string result;
  std::size_t at = 0;
  for (auto mark = page.find(begin); mark != std::string::npos; mark = page.find(begin, at)) {
    const auto name = mark + begin.size();
    names.push_back(page.substr(name, page.find(" (", name) - name));
    const auto body = page.find('\n', name) + 1;
    result += page.substr(at, body - at) + table_named(names.back());
    at = page.find(end, body);
  }
  return result + page.substr(at);
}

TEST(OptionReference, TablesOfTheDocsAreThoseOfTheReaders) {
  for (const std::string page : {"docs/configuration.md", "docs/sinks.md"}) {
    std::vector<std::string> names;
    expect_file(page, with_tables(text_of(page), names));
    if (page == "docs/configuration.md") {
      EXPECT_THAT(names, ElementsAre("configuration"));
    } else {
      EXPECT_THAT(names, ElementsAre("every sink", "stdout", "file", "syslog", "webhook", "slack"));
    }
  }
}

TEST(OptionReference, SchemaIsThatOfTheReaders) {
  expect_file("docs/configuration.schema.json", configuration_schema());
}

TEST(OptionReference, RowHasNameValueDefaultAndMeaning) {
  const auto table = markdown_table(all_options(), "sinks");
  EXPECT_THAT(table, HasSubstr("| `notify.resolve_after` | duration, above 0 | `10m` | An incident that was quiet for "
                               "this long is resolved; one whose servers answer again is resolved sooner. |\n"));
  EXPECT_THAT(table, HasSubstr("| `state.outbox` | number of notifications, at least 1 | `100000` | "));
  EXPECT_THAT(table, HasSubstr("| `state.outbox_size` | size, at least 1MiB | `512MiB` | "));
  EXPECT_THAT(table, HasSubstr("| `sources.file.paths` | list of texts | needed | "));
  EXPECT_THAT(table, HasSubstr("| `probes.enabled` | `true` or `false` | `true` | "));
  EXPECT_THAT(table, HasSubstr("| `sinks` | list | readable diagnoses on standard output | "));
  EXPECT_THAT(table, testing::Not(HasSubstr("sinks.slack")));
}

/// A sentence for people: it says something, ends, and does not break the row of a table.
void expect_meanings(const std::vector<OptionFacts>& options) {
  for (const auto& option : options) {
    EXPECT_TRUE(option.meaning.ends_with('.')) << option.name;
    EXPECT_EQ(option.meaning.find('|'), std::string::npos) << option.name;
    expect_meanings(option.fields);
  }
}

TEST(OptionReference, EveryOptionSaysWhatItMeans) { expect_meanings(all_options()); }

TEST(ConfigurationSchema, AcceptsWhatIsShipped) {
  const JsonSchema schema(configuration_schema());
  for (const std::string name : {"systemd/triaged.yaml", "container/triaged.yaml"}) {
    Problems problems;
    const auto documents = read_yaml(text_of(name), name, problems);
    ASSERT_EQ(documents.size(), 1u) << name;
    EXPECT_EQ(schema.check(documents[0]), "") << name;
  }
}

/// An editor says what `triaged check` says, as far as a schema can.
TEST(ConfigurationSchema, JudgesAsTheReaderDoes) {
  ::setenv("TRIAGED_TEST_SCHEMA", "5s", 1);
  const JsonSchema schema(configuration_schema());
  const auto is_good = [&](const std::string& text, bool wanted) {
    Problems problems;
    (void)read_configuration(text, "a.yaml", problems);
    EXPECT_EQ(!has_errors(problems), wanted) << text << (problems.empty() ? "" : to_text(problems.front()));
    problems.clear();
    const auto mistake = schema.check(read_yaml(text, "a.yaml", problems).at(0));
    EXPECT_EQ(mistake.empty(), wanted) << text << ": " << mistake;
  };
  for (const auto* good : {
           "{}",
           "sources: [file: {paths: /a, format: auto, start: end, timezone: UTC}]",
           "sources: [file: {paths: [/a, /b], rotated: [], format: nginx.error}]",
           "sources: [{stdin: }, {pipe: {path: /nowhere/log.fifo, at_end: stop, format: text}}]",
           "sources: [stdin: {at_end: wait, timezone: UTC}]",
           "rules: /etc/triaged/rules",
           "public_rules: {all_domains: true, domains: [docker], pin: }",
           "notify: {settle: 0, update_every: 1h30m, resolve_after: '${TRIAGED_TEST_SCHEMA}', language: zh}",
           "notify:",
           "topology: {nginx: /etc/nginx/nginx.conf}",
           "probes: {enabled: false, timeout: 500ms, off: [listening, not-listening]}",
           "admin: {listen: '127.0.0.1:9321', token: 1234567890123456}",
           "sinks: [stdout: ]",
           "sinks: [file: {path: /a, rotate: {size: 100MiB, keep: 0}, min_severity: info}]",
           "sinks: [syslog: {to: 'udp://logs', facility: local7, app_name: a, format: local}]",
           "sinks: [webhook: {url: 'https://a/', headers: {X-Team: 5}, timeout: 3s, hmac_secret: s, name: 7}]",
           "state: {path: /a, durability: power, outbox: 1, outbox_size: 1048576}",
       }) {
    is_good(good, true);
  }
  for (const auto* bad : {
           "sauces: []",
           "sources: /a",
           "sources: [file: {}]",
           "sources: [file: ]",
           "sources: [files: {paths: /a}]",
           "sources: [file: {paths: /a, format: nginx.eror}]",
           "sources: [file: {paths: /a, path: /b}]",
           "sources: [pipe: ]",
           "sources: [pipe: {paths: /a}]",
           "sources: [stdin: {at_end: go}]",
           "rules: {a: b}",
           "public_rules: {all_domains: 'true'}",
           "notify: {settle: 5}",
           "notify: {settle: soon}",
           "notify: {language: de}",
           "notify: [settle]",
           "probes: {off: [listning]}",
           "probes: {off: listening}",
           "admin: yes",
           "sinks: [slak: {url: 'https://a/'}]",
           "sinks: [file: ]",
           "sinks: [file: {path: /a, rotate: {keep: 1}}]",
           "sinks: [file: {path: /a, rotate: {size: 1MB}}]",
           "sinks: [file: {path: /a, rotate: {size: 1MiB, keep: 1001}}]",
           "sinks: [stdout: {min_severity: bad}]",
           "sinks: [syslog: {to: 'udp://logs', facility: lpt}]",
           "sinks: [webhook: {url: 'https://a/', headers: [a]}]",
           "state: {outbox: 0}",
           "state: {outbox: '7'}",
           "state: {outbox: many}",
       }) {
    is_good(bad, false);
  }
}

}  // namespace
}  // namespace triaged::config
