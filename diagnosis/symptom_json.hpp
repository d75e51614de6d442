// A symptom inside what the diagnosis stage saves. Private to this room.
#pragma once

#include <boost/json/value.hpp>
#include <simdjson.h>

#include "values/symptom.hpp"

namespace triaged {

/// Log lines are bytes. JSON holds text, so what is not UTF-8 is replaced here, in what is kept to be shown.
[[nodiscard]] boost::json::value symptom_to_json(const Symptom& symptom);

/// Throws simdjson_error when `element` is not what symptom_to_json wrote.
[[nodiscard]] Symptom symptom_from_json(simdjson::dom::element element);

}  // namespace triaged
