// Times as people read them: "03:12:07", in their zone, with the date where it is not the day that they think of.
#pragma once

#include <string>
#include <string_view>

#include "base/time.hpp"
#include "base/time_zone.hpp"

namespace triaged::inline base {

struct LocalClock {
  TimeZone zone;
  TimePoint today;  // a moment of the day whose date needs no mention

  /// "03:12:07", or "2026-11-20 03:12:07" on another day than `today`.
  [[nodiscard]] std::string time_of(TimePoint time) const;
  /// "03:12:07 CET", for the first time of a text; the others go without the zone.
  [[nodiscard]] std::string time_and_zone_of(TimePoint time) const;
  /// "2026-11-20 03:12:07" on any day.
  [[nodiscard]] std::string date_and_time_of(TimePoint time) const;
  /// "CET"
  [[nodiscard]] std::string zone_at(TimePoint time) const { return zone.at(time).abbreviation; }

  /// `text` with each RFC 3339 time in UTC (what to_rfc3339 writes, with or without a fraction) as time_of() has it.
  [[nodiscard]] std::string with_local_times(std::string_view text) const;
};

}  // namespace triaged::inline base
