#include "scan/outside_span.hpp"

#include <fmt/format.h>

#include "base/utf8.hpp"

namespace triaged::scan {

namespace {

bool is_behind(const TimeSpan& span, TimePoint latest) { return span.since && latest < *span.since; }
bool is_before(const TimeSpan& span, TimePoint earliest) { return span.until && earliest > *span.until; }

}  // namespace

std::vector<OutsideSpan> logs_outside(const TimeSpan& span, const std::vector<LogReading>& readings) {
  std::vector<OutsideSpan> outside;
  for (const auto& reading : readings) {
    if (!reading.earliest || !reading.latest) continue;
    if (is_behind(span, *reading.latest) || is_before(span, *reading.earliest))
      outside.push_back({reading.name, *reading.earliest, *reading.latest});
  }
  return outside;
}

std::string to_text(const OutsideSpan& log, const TimeSpan& span, const TimeZone& zone) {
  const LocalClock clock{.zone = zone, .today = log.earliest};
  const bool is_moment = clock.time_of(log.latest) == clock.time_of(log.earliest);
  const auto until = is_moment ? "" : " to " + clock.time_of(log.latest);
  const auto covered = fmt::format("{} covers {}{} {}", to_printable(log.log), clock.date_and_time_of(log.earliest),
                                   until, clock.zone_at(log.latest));
  if (is_behind(span, log.latest))
    return fmt::format("{}; --since {} is behind its end", covered, clock.date_and_time_of(*span.since));
  return fmt::format("{}; --until {} is before its beginning", covered, clock.date_and_time_of(*span.until));
}

}  // namespace triaged::scan
