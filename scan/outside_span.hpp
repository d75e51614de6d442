// Logs of which no line lies in the span of time that was asked for: nobody should take their silence for health.
#pragma once

#include <string>
#include <vector>

#include "base/local_clock.hpp"
#include "scan/finding_stream.hpp"

namespace triaged::scan {

struct OutsideSpan {
  std::string log;
  TimePoint earliest, latest;  // that its lines cover
};

/// REQUIRES: the times of all logs were noted. Those whose lines have no time are not among them.
[[nodiscard]] std::vector<OutsideSpan> logs_outside(const TimeSpan& span, const std::vector<LogReading>& readings);

/// "app.log covers 2026-11-21 01:15:02 to 03:12:44 CET; --since 2026-11-25 00:00:00 is behind its end"
[[nodiscard]] std::string to_text(const OutsideSpan& log, const TimeSpan& span, const TimeZone& zone = {});

}  // namespace triaged::scan
