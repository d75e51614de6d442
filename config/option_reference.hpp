// What the tables of options say, for people and for editors: docs/configuration.md, docs/sinks.md and
// docs/configuration.schema.json are written from it (tests/config/option_reference_test.cpp).
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/options.hpp"

namespace triaged::config {

/// Every option of the configuration, a section an item.
[[nodiscard]] const std::vector<OptionFacts>& all_options();

/// A row an option in Markdown: its name, what may stand there, what holds without it, what it means. The options of a
/// section follow it, but for those of a section that is named in `elsewhere`.
[[nodiscard]] std::string markdown_table(std::span<const OptionFacts> options, std::string_view elsewhere = {});

/// JSON Schema 2020-12 of a whole configuration.
[[nodiscard]] std::string configuration_schema();

}  // namespace triaged::config
