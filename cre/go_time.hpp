// Reads times by a layout as Go writes them ("2006-01-02 15:04:05.000"), with Go's leniency: one blank of the layout is
// any number of blanks, a fraction of a second may follow the seconds unasked. For logs that must be read exactly as
// the engine of the CRE format reads them.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/time.hpp"

namespace triaged::cre {

/// RFC 3339 with any fraction.
inline constexpr std::string_view go_rfc3339 = "2006-01-02T15:04:05Z07:00";

/// Nanoseconds since 1970 of `text`, all of it; nullopt when Go would not take it. A time without a zone is UTC; one
/// without a year is of this year by `reference`, or of the last when its month is more than one ahead.
[[nodiscard]] std::optional<std::int64_t> parse_go_time(std::string_view layout, std::string_view text,
                                                        TimePoint reference);

}  // namespace triaged::cre
