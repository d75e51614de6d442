// The level in a line of a logger's. Private to this room.
#pragma once

#include <string_view>

namespace triaged::formats {

/// "error", "severe" or "fatal" where a logger wrote one of these in capitals, as Logback, Log4j and Java's own do:
/// `2020-06-19 17:17:27.517 ERROR 76924 --- [exec-3] …`, `SEVERE: …`. Empty: none of them. The result is a constant.
[[nodiscard]] std::string_view error_level_in(std::string_view line);
/// The constant that is equal to `name`; empty: there is none.
[[nodiscard]] std::string_view error_level_named(std::string_view name);

}  // namespace triaged::formats
