#include "base/options.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace triaged {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

enum class Colour { red, green };

struct Inner {
  bool is_on = true;
  unsigned count = 5;
};

struct Section {
  Microseconds wait = std::chrono::milliseconds(1500);
  std::chrono::milliseconds limit{15'000};
  std::uint64_t bytes = 512ULL * 1024 * 1024;
  std::string name = "usual";
  std::vector<std::string> paths = {"/a"};
  Colour colour = Colour::green;
  std::optional<Colour> other;
  Inner inner;
};

std::string mistake_in_path(const YamlValue& path) { return path.text.starts_with('/') ? "" : "not absolute"; }

const OptionTable<Inner>& inner_table() {
  static const OptionTable<Inner> table = {{"on", OptionsOf<Inner>::boolean(&Inner::is_on), "Whether it is on."}};
  return table;
}

const OptionTable<Section>& table() {
  using Value = OptionsOf<Section>;
  static const OptionTable<Section> table = {
      {"wait", Value::duration(&Section::wait, {.least = Microseconds(1)}), "How long it waits."},
      {"limit",
       Value::duration(&Section::limit, {.least = std::chrono::milliseconds(1), .most = std::chrono::seconds(15)}),
       "The longest time."},
      {"count", Value::whole(member_of(&Section::inner, &Inner::count), {.least = 1, .unit = "file"}), "How many."},
      {"bytes", Value::size(&Section::bytes, {.least = 4096, .message = "too few"}), "How large."},
      {"name", Value::text(&Section::name), "What it is called."},
      {"paths", Value::texts(&Section::paths, mistake_in_path), "Where.", "nowhere", true},
      {"colour", Value::word(&Section::colour, {{"red", Colour::red}, {"green", Colour::green}}), "Its colour."},
      {"other", Value::word(&Section::other, {{"red", Colour::red}, {"green", Colour::green}}), "Another.", "none"},
      {"inner", Value::section(&Section::inner, "'inner'", inner_table()), "What is inside."},
  };
  return table;
}

struct Read {
  Section section;
  std::vector<std::string> problems;
};

Read read(const std::string& yaml) {
  Read result;
  Problems problems;
  const std::string file = "a.yaml";
  auto documents = read_yaml(yaml, file, problems);
  hide_texts(documents.at(0));
  YamlMapReader reader(documents[0], "the section", file, problems);
  table().read(reader, result.section);
  reader.finish(ProblemLevel::error);
  for (const auto& problem : problems) result.problems.push_back(to_text(problem));
  return result;
}

TEST(Options, ReadsEveryShapeIntoItsPlace) {
  const auto [section, problems] = read(
      "{wait: 2s, limit: 3s, count: 7, bytes: 4KiB, name: x, paths: [/b, /c], colour: red, other: green, "
      "inner: {on: false}}");
  EXPECT_THAT(problems, IsEmpty());
  EXPECT_EQ(section.wait, std::chrono::seconds(2));
  EXPECT_EQ(section.limit, std::chrono::seconds(3));
  EXPECT_EQ(section.inner.count, 7u);
  EXPECT_EQ(section.bytes, 4096u);
  EXPECT_EQ(section.name, "x");
  EXPECT_THAT(section.paths, ElementsAre("/b", "/c"));
  EXPECT_EQ(section.colour, Colour::red);
  EXPECT_EQ(section.other, Colour::green);
  EXPECT_FALSE(section.inner.is_on);
}

TEST(Options, LeavesWhatIsNotThere) {
  const auto [section, problems] = read("{paths: [], name: , other: }");
  EXPECT_THAT(problems, IsEmpty());
  EXPECT_EQ(section.wait, std::chrono::milliseconds(1500));
  EXPECT_EQ(section.name, "usual");
  EXPECT_THAT(section.paths, IsEmpty());
  EXPECT_EQ(section.other, std::nullopt);
  EXPECT_TRUE(section.inner.is_on);
}

TEST(Options, ReportsInTheOrderOfTheTable) {
  EXPECT_THAT(read("{nmae: x, bytes: 1, count: 0, limit: 16s, wait: 0}").problems,
              ElementsAre("a.yaml:1:49: error: 'wait' of the section must be above 0",
                          "a.yaml:1:38: error: 'limit' of the section must be above 0 and at most 15s",
                          "a.yaml:1:28: error: 'count' of the section must be at least 1 file",
                          "a.yaml:1:18: error: too few", "a.yaml:1:1: error: the section has no 'paths'",
                          "a.yaml:1:2: error: unknown field 'nmae' in the section; did you mean 'name'? (nmae)"));
}

TEST(Options, RefusesWhatRoundsToNothing) {
  EXPECT_THAT(read("{paths: /a, limit: 999us}").problems,
              ElementsAre("a.yaml:1:20: error: 'limit' of the section must be above 0 and at most 15s"));
}

TEST(Options, ReportsEachTextOfAListAndWordsThatAreNone) {
  EXPECT_THAT(read("{paths: [/b, c], colour: gren, inner: {on: 1, off: 2}}").problems,
              ElementsAre("a.yaml:1:14: error: not absolute",
                          "a.yaml:1:26: error: 'colour' of the section must be red or green; did you mean 'green'? "
                          "(gren)",
                          "a.yaml:1:44: error: 'on' of 'inner' must be true or false",
                          "a.yaml:1:47: error: unknown field in 'inner'; its fields are: on"));
}

TEST(Options, TakesItsDefaultsFromAFreshSection) {
  std::vector<std::string> values;
  for (const auto& option : table().facts()) values.push_back(std::string(option.name) + " " + option.value);
  EXPECT_THAT(values, ElementsAre("wait 1s500ms", "limit 15s", "count 5", "bytes 512MiB", "name usual", "paths ",
                                  "colour green", "other ", "inner "));
  EXPECT_EQ(table().facts().back().fields.at(0).value, "true");
  EXPECT_TRUE(table().facts().at(5).is_needed);
}

TEST(Options, SaysItsLimits) {
  EXPECT_EQ(table().facts().at(0).limits, "above 0");
  EXPECT_EQ(table().facts().at(1).limits, "above 0 and at most 15s");
  EXPECT_EQ(table().facts().at(2).limits, "at least 1");
  EXPECT_EQ(table().facts().at(3).limits, "at least 4KiB");
  EXPECT_EQ(table().facts().at(4).limits, "");
}

}  // namespace
}  // namespace triaged
