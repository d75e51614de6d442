// The fields that the table of formats lists are those that the readers give, as far as the examples of the shipped
// rules show.
#include "knowledge/model/field_vocabulary.hpp"

#include <algorithm>
#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "formats/line_reader.hpp"
#include "knowledge/dialects/load_rules.hpp"

namespace triaged::knowledge {
namespace {

using testing::Contains;
using testing::Not;

TEST(KnownFields, AreThoseOfTheFormatsAndOfThePlaceOfALine) {
  for (const auto* name : {"host", "source", "program", "upstream_first_status", "exception_text", "pool", "flags"}) {
    EXPECT_THAT(known_fields(), Contains(name));
  }
  EXPECT_THAT(known_fields(), Not(Contains("upstraem")));
}

TEST(FormatFields, HoldWhatTheExamplesOfTheShippedRulesGive) {
  const auto loaded = load_rules({std::filesystem::path(TRIAGED_SOURCE_DIR) / "rules"});
  std::array<std::size_t, formats::format_count> lines{};
  for (const auto& rule : loaded.rules->rules()) {
    for (const auto& match : rule.matches) {
      for (const auto& example : match.examples) {
        formats::LineReader reader({.source_name = "a.log", .zone = {std::chrono::seconds(0)}});
        formats::ReadLine line;
        reader.read(example, line);
        ++lines[static_cast<std::size_t>(line.format)];
        const auto known = formats::words_in(formats::facts_of(line.format).fields);
        const auto around = formats::words_in(formats::wrapper_fields);
        for (const auto& [name, value] : line.fields) {
          const bool is_known = std::find(known.begin(), known.end(), name) != known.end();
          EXPECT_TRUE(is_known || std::find(around.begin(), around.end(), name) != around.end())
              << name_of(line.format) << " has no field " << name << ": " << example;
        }
      }
    }
  }
  EXPECT_GT(lines[static_cast<std::size_t>(formats::Format::nginx_error)], 100u);
  EXPECT_GE(lines[static_cast<std::size_t>(formats::Format::envoy_access)], 15u);
}

}  // namespace
}  // namespace triaged::knowledge
