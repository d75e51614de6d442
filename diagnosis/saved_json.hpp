// Reading of what this room saved in the ledger. It reads only what it wrote itself: anything else throws
// simdjson_error, which ends in the function that was given the text. Private to this room.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <simdjson.h>

#include "base/time.hpp"
#include "values/json_writer.hpp"

namespace triaged::diagnosis {

/// By value: a range-for over `parent[key].get_array().value()` would walk through a temporary that is gone.
[[nodiscard]] simdjson::dom::array array_of(simdjson::dom::element element);
[[nodiscard]] simdjson::dom::array array_in(simdjson::dom::element parent, std::string_view key);
[[nodiscard]] simdjson::dom::object object_in(simdjson::dom::element parent, std::string_view key);

[[nodiscard]] std::string text_of(simdjson::dom::element element);
[[nodiscard]] std::string text_in(simdjson::dom::element parent, std::string_view key);
[[nodiscard]] std::uint64_t count_in(simdjson::dom::element parent, std::string_view key);

/// A time is saved as its microseconds since 1970.
[[nodiscard]] TimePoint time_of(simdjson::dom::element element);
[[nodiscard]] TimePoint time_in(simdjson::dom::element parent, std::string_view key);
void write_time(JsonWriter& json, TimePoint time);

}  // namespace triaged::diagnosis
