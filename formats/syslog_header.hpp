// The header that syslog puts before a program's line: when it was written, where, and by whom. Private to this room.
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

#include "base/time.hpp"
#include "formats/log_time.hpp"

namespace triaged::formats {

/// Views into the line; empty: it does not say.
struct SyslogHeader {
  std::optional<TimePoint> time;
  std::optional<std::chrono::seconds> offset;  // of its zone, when the time has one
  std::string_view host;
  std::string_view tag;  // "haproxy[32129]"
  std::string_view program, pid;
  std::string_view text;  // what follows it
};

/// False: no header stands at the beginning of the line. `into` is undefined then.
[[nodiscard]] bool read_syslog_header(std::string_view line, LogTimes& times, SyslogHeader& into);

}  // namespace triaged::formats
