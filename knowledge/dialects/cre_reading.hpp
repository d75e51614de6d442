// What the two halves of the CRE reader share. Used inside knowledge/ only.
#pragma once

#include <map>
#include <string>

#include "knowledge/dialects/cre_rule.hpp"
#include "knowledge/dialects/rule_reading.hpp"

namespace triaged::knowledge {

/// The `terms` of all documents of a file, by name.
using CreTerms = std::map<std::string, const YamlValue*>;

/// Reads `set` or `sequence` of `map` (a rule's `rule`) into `rule`. False: it is nothing that the format's own engine
/// could run, and a warning says so.
[[nodiscard]] bool read_cre_condition(const YamlValue& map, const CreTerms& terms, const RuleFile& file, CreRule& rule);

/// A whole number of 0 or more; a mistake is reported.
[[nodiscard]] std::uint64_t read_cre_number(const YamlValue& map, std::string_view key, const RuleFile& file);

/// The text under `key`, whatever scalar it is; a list or map there is a mistake.
[[nodiscard]] std::string read_cre_text(const YamlValue& map, std::string_view key, const RuleFile& file);

}  // namespace triaged::knowledge
