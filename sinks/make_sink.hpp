// From a `sinks:` entry of the configuration to a running sink. The table of sink kinds is in make_sink.cpp; each kind
// parses its own options in its own file by a table (base/options.hpp).
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/options.hpp"
#include "base/time_zone.hpp"
#include "base/yaml.hpp"
#include "sinks/sink.hpp"
#include "values/severity.hpp"

namespace triaged::sinks {

/// What every sink has, whatever its kind.
struct SinkEntry {
  std::string kind;                           // "slack", "webhook", "syslog", "file", "stdout"
  std::string name;                           // unique; by default the kind
  Severity min_severity = Severity::warning;  // what is merely informative is told only to who asks for it
  std::unique_ptr<Sink> sink;
};

/// Reads one entry, a map with one field: `{slack: {name: ops, url: …}}`. Opens nothing. nullopt after a problem was
/// reported (warnings alone do not stop it). `url_file` and the like are read here; secrets never reach a message.
/// `zone` is that of the times in messages for people.
[[nodiscard]] std::optional<SinkEntry> read_sink(const YamlValue& entry, const std::string& file, const TimeZone& zone,
                                                 Problems& problems);

[[nodiscard]] std::vector<std::string_view> sink_kinds();

/// The options that every kind has, and each kind as a section of its own options.
[[nodiscard]] std::vector<OptionFacts> options_of_every_sink();
[[nodiscard]] std::vector<OptionFacts> options_by_sink_kind();

}  // namespace triaged::sinks
