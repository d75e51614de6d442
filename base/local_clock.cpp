#include "base/local_clock.hpp"

#include <fmt/format.h>

namespace triaged::inline base {

namespace {

TimePoint shifted(const TimeZone& zone, TimePoint time) { return time + zone.at(time).from_utc; }

constexpr std::string_view digits = "0123456789";
constexpr std::size_t shortest_stamp = std::string_view("2026-11-20T03:12:07Z").size();

}  // namespace

std::string LocalClock::time_of(TimePoint time) const {
  const auto local = shifted(zone, time);
  const bool is_today = date_of(local) == date_of(shifted(zone, today));
  return is_today ? clock_of(local) : date_and_clock_of(local);
}

std::string LocalClock::time_and_zone_of(TimePoint time) const {
  return fmt::format("{} {}", time_of(time), zone_at(time));
}

std::string LocalClock::date_and_time_of(TimePoint time) const { return date_and_clock_of(shifted(zone, time)); }

std::string LocalClock::with_local_times(std::string_view text) const {
  std::string local;
  while (!text.empty()) {
    const auto at = std::min(text.find_first_of(digits), text.size());
    local += text.substr(0, at);
    text.remove_prefix(at);
    std::size_t length = 0;
    const auto time = text.size() < shortest_stamp ? std::nullopt : parse_rfc3339(text, &length);
    if (time && text[10] == 'T' && text[length - 1] == 'Z') {
      local += time_of(*time);
    } else {
      length = std::min(text.find_first_not_of(digits), text.size());
      local += text.substr(0, length);
    }
    text.remove_prefix(length);
  }
  return local;
}

}  // namespace triaged::inline base
