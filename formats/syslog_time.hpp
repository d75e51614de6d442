// The time at the beginning of a syslog header or of a line of journalctl's. Private to this room.
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

#include "base/time.hpp"
#include "formats/log_time.hpp"

namespace triaged::formats {

struct SyslogTime {
  std::optional<TimePoint> time;               // empty: it counts from the start of the system
  std::optional<std::chrono::seconds> offset;  // of its zone, when that is written
  std::size_t size = 0;                        // bytes, without the blank behind it
};

/// RFC 3164 and its real variants (fractions, months of other languages, a day of the week and a year), RFC 3339, and
/// what journalctl writes with --output=short-full, short-unix and short-monotonic. nullopt: none of them.
[[nodiscard]] std::optional<SyslogTime> syslog_time_at(std::string_view text, LogTimes& times);

}  // namespace triaged::formats
