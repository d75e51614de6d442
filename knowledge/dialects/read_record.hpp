// What the readers of public JSON records (errorcanon, deadends.dev) share. Used inside knowledge/ only.
#pragma once

#include <string>
#include <string_view>

#include "knowledge/dialects/rule_reading.hpp"

namespace triaged::knowledge {

/// In JSON a number where text is wanted is a mistake; in YAML nobody can tell.
[[nodiscard]] std::string read_record_text(YamlMapReader& reader, std::string_view key, const YamlValue& map,
                                           const RuleFile& file);

[[nodiscard]] Workaround read_record_workaround(const YamlValue& map, const RuleFile& file);
[[nodiscard]] RuleDeadEnd read_record_dead_end(const YamlValue& map, const RuleFile& file);
/// The field "transition_graph", if it is there.
void read_record_graph(YamlMapReader& record_reader, const RuleFile& file, Rule& rule);

/// Recognises the record by its pattern or, when it has none or no engine takes it, by its signature word for word:
/// then `rule.record->pattern_refusal` says why, and so does a warning. REQUIRES: rule.title and rule.record are read.
void read_record_match(const YamlValue& map, YamlMapReader& reader, const RuleFile& file, Rule& rule);

}  // namespace triaged::knowledge
