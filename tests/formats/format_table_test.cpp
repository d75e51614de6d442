// The table of formats, and the page that tells users the same.
#include "formats/format_table.hpp"

#include <fstream>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <re2/re2.h>

namespace triaged::formats {
namespace {

using Words = std::set<std::string, std::less<>>;

Words names_of_all() {
  Words names;
  for (const auto format : all_formats()) names.emplace(name_of(format));
  return names;
}

Words fields_of(std::string_view name) {
  Words fields;
  for (const auto field : words_in(facts_of(*format_named(name)).fields)) fields.emplace(field);
  return fields;
}

/// The rows of the table under that heading of docs/formats.md: the first cell, and the rest of the row.
std::vector<std::pair<std::string, std::string>> rows_under(const std::string& heading) {
  std::vector<std::pair<std::string, std::string>> rows;
  std::ifstream page(TRIAGED_SOURCE_DIR "/docs/formats.md");
  bool is_there = false;
  for (std::string line; std::getline(page, line);) {
    if (line.starts_with("## ")) is_there = line == "## " + heading;
    std::string name, rest;
    if (is_there && RE2::FullMatch(line, R"(\| `([a-z.-]+)` \|(.*)\|)", &name, &rest)) rows.emplace_back(name, rest);
  }
  return rows;
}

/// The words in back quotes that look like the name of a field.
Words quoted_in(const std::string& cell) {
  Words words;
  re2::StringPiece rest(cell);
  for (std::string word; RE2::FindAndConsume(&rest, "`([^`]*)`", &word);) {
    if (RE2::FullMatch(word, "[a-z_]+")) words.insert(word);
  }
  return words;
}

TEST(FormatTable, FindsEachFormatByItsName) {
  EXPECT_EQ(names_of_all().size(), format_count);
  for (const auto format : all_formats()) EXPECT_EQ(format_named(name_of(format)), format) << name_of(format);
  EXPECT_EQ(format_named("nginx"), std::nullopt);
}

TEST(FormatTable, PutsEachFormatInAFamilyWithAReader) {
  for (const auto& [facts, read] : format_table) {
    EXPECT_EQ(family_of(facts.family), facts.family) << facts.name;
    const bool is_what_remains = facts.family == Format::text || facts.family == Format::syslog;
    EXPECT_EQ(format_table[place_in_table[static_cast<std::size_t>(facts.family)]].read == nullptr, is_what_remains)
        << facts.name;
  }
}

TEST(FormatTable, TellsFamiliesProgramsAndOpenings) {
  EXPECT_EQ(facts_of(Format::gunicorn_access).family, Format::nginx_access);
  EXPECT_EQ(facts_of(Format::haproxy_event).family, Format::haproxy_http);
  EXPECT_EQ(facts_of(Format::nginx_error).opening, Opening::program);
  EXPECT_EQ(facts_of(Format::haproxy_tcp).opening, Opening::request);
  EXPECT_EQ(facts_of(Format::uwsgi).opening, Opening::either);
  EXPECT_THAT(words_in(facts_of(Format::python_traceback).programs), testing::ElementsAre("gunicorn", "uwsgi"));
}

TEST(FormatsPage, DescribesEachFormat) {
  Words described;
  for (const auto& row : rows_under("What is recognised")) described.insert(row.first);
  EXPECT_EQ(described, names_of_all());
}

TEST(FormatsPage, NamesTheFieldsOfEachFormat) {
  Words listed;
  for (const auto& [name, cell] : rows_under("Fields")) {
    listed.insert(name);
    ASSERT_TRUE(format_named(name)) << name;
    EXPECT_EQ(quoted_in(cell), fields_of(name)) << name;
  }
  auto with_fields = names_of_all();
  with_fields.erase("text");
  EXPECT_EQ(listed, with_fields);
}

}  // namespace
}  // namespace triaged::formats
