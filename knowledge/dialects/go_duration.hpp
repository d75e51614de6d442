// Durations as Go writes them ("1h30m", "1.5s", "-250ms"), which is how CRE rules write them. Used inside knowledge/
// only.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace triaged::knowledge {

/// Nanoseconds; nullopt when Go would not take it (no unit, nothing, more than 292 years).
[[nodiscard]] std::optional<std::int64_t> parse_go_duration(std::string_view text);

}  // namespace triaged::knowledge
