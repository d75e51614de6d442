// A symptom, or a line that may become one, inside what the diagnosis stage saves. Private to this room.
#pragma once

#include <simdjson.h>

#include "values/json_writer.hpp"
#include "values/symptom.hpp"

namespace triaged::diagnosis {

/// Log lines are bytes. JSON holds text, so what is not UTF-8 is replaced here, in what is kept to be shown.
void write_symptom(JsonWriter& json, const Symptom& symptom);
void write_line(JsonWriter& json, const MatchedLine& line);

/// Both throw simdjson_error when `element` is not what was written.
[[nodiscard]] Symptom symptom_from_json(simdjson::dom::element element);
[[nodiscard]] MatchedLine line_from_json(simdjson::dom::element element);

}  // namespace triaged::diagnosis
