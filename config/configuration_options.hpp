// The table of the whole configuration: a row a section.
#pragma once

#include <vector>

#include "base/options.hpp"
#include "config/configuration.hpp"

namespace triaged::config {

[[nodiscard]] const OptionTable<Configuration>& configuration_table();

/// What runs without a section `sinks`: standard output, with times of `zone`.
[[nodiscard]] std::vector<sinks::SinkEntry> default_sinks(const TimeZone& zone);

/// Paths of the sources read so far, and where they stand.
using EarlierPaths = std::vector<const YamlValue*>;

/// A source `file`.
[[nodiscard]] std::vector<OptionFacts> file_source_options();
[[nodiscard]] FileSource read_file_source(YamlMapReader fields, EarlierPaths& earlier);

}  // namespace triaged::config
