// JSON as the same plain tree that YAML is read into (base/yaml.hpp), with the line and column of every value: so both
// kinds of rule file are read, checked and complained about by the same code. The one place here that knows simdjson.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/problem.hpp"
#include "base/yaml.hpp"
#include "values/json_writer.hpp"

namespace triaged::knowledge {

/// Strings are quoted texts, numbers and booleans plain ones. Anything that is not exactly one valid JSON value, a
/// field given twice, or a value nested deeper than 100 is added to `problems`, and nullopt is returned.
[[nodiscard]] std::optional<YamlValue> read_json_tree(std::string_view text, const std::string& file,
                                                      Problems& problems);

/// The tree as JSON in one line: the way back.
[[nodiscard]] std::string json_text_of(const YamlValue& tree);

/// What json_text_of gave, as a value in the layout of the rest. REQUIRES: valid JSON.
void write_parsed(JsonWriter& json, const std::string& text);

}  // namespace triaged::knowledge
