// The table of the whole configuration: a row a section.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/options.hpp"
#include "config/configuration.hpp"

namespace triaged::config {

[[nodiscard]] const OptionTable<Configuration>& configuration_table();

/// What runs without a section `sinks`: standard output, with times of `zone`.
[[nodiscard]] std::vector<sinks::SinkEntry> default_sinks(const TimeZone& zone);

/// An entry of `sources`; see sources::read_source().
[[nodiscard]] std::optional<LogSource> read_log_source(const YamlValue& entry, const std::string& file,
                                                       Problems& problems, sources::Claims& claims);
/// Each kind of source with all of its options.
[[nodiscard]] std::vector<OptionFacts> source_kinds();

}  // namespace triaged::config
