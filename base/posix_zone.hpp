// The rule at the end of a zone file, "CET-1CEST,M3.5.0,M10.5.0/3" (POSIX, TZ): what holds after the last change that
// the file lists.
#pragma once

#include <array>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "base/time_zone.hpp"

namespace triaged::inline base {

class PosixZone {
 public:
  /// nullopt: `rule` is none.
  [[nodiscard]] static std::optional<PosixZone> read(std::string_view rule);

  [[nodiscard]] const ZoneOffset& at(TimePoint time) const;

 private:
  /// When summer begins or ends: "M3.5.0/2", the last Sunday of March at two; "J60", "59".
  struct Change {
    enum class Kind { weekday_of_month, day_without_leap, day };
    Kind kind = Kind::day;
    unsigned month = 0, week = 0, weekday = 0, day = 0;
    std::chrono::seconds time = std::chrono::hours(2);

    [[nodiscard]] std::chrono::local_seconds in(std::chrono::year year) const;
  };
  static std::optional<Change> read_change(std::string_view& rest);

  ZoneOffset winter_;
  std::optional<ZoneOffset> summer_;
  std::array<Change, 2> changes_;  // of summer: begin, end
};

}  // namespace triaged::inline base
