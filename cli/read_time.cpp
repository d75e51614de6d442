#include "cli/read_time.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <ctime>
#include <optional>
#include <string>

#include <fmt/format.h>

#include "base/time_zone.hpp"
#include "cli/read_stamp.hpp"

namespace triaged::cli {

namespace {

using std::chrono::days;

std::string_view trimmed(std::string_view text) {
  const auto begin = std::min(text.find_first_not_of(' '), text.size());
  return text.substr(begin, text.find_last_not_of(' ') + 1 - begin);
}

/// What the clock of this host shows twice is the time that mktime(3) takes it for.
TimePoint from_local(const CivilTime& civil) {
  std::tm local{};
  local.tm_year = civil.year - 1900;
  local.tm_mon = static_cast<int>(civil.month) - 1;
  local.tm_mday = static_cast<int>(civil.day);
  local.tm_hour = civil.hour;
  local.tm_min = civil.minute;
  local.tm_sec = civil.second;
  local.tm_isdst = -1;
  (void)std::mktime(&local);
  return from_civil(civil, std::chrono::seconds(local.tm_gmtoff));
}

CivilTime local_date_of(TimePoint time) {
  const auto day = std::chrono::floor<days>(time + TimeZone().at(time).from_utc);
  const std::chrono::year_month_day date(day);
  return {.year = static_cast<int>(date.year()),
          .month = static_cast<unsigned>(date.month()),
          .day = static_cast<unsigned>(date.day())};
}

/// Midnight of the day that lies `away` days from today.
TimePoint midnight(TimePoint now, int away) {
  const auto today = local_date_of(now);
  const auto day = std::chrono::sys_days(std::chrono::year(today.year) / static_cast<int>(today.month) /
                                         static_cast<int>(today.day)) +
                   days(away);
  const std::chrono::year_month_day date(day);
  return from_local({.year = static_cast<int>(date.year()),
                     .month = static_cast<unsigned>(date.month()),
                     .day = static_cast<unsigned>(date.day())});
}

std::optional<TimePoint> day_named(std::string_view text, TimePoint now) {
  if (text == "now") return now;
  if (text == "today") return midnight(now, 0);
  if (text == "yesterday") return midnight(now, -1);
  if (text == "tomorrow") return midnight(now, 1);
  return std::nullopt;
}

/// As systemd.time(7) calls them, but for months and years, which are not always as long.
std::optional<Microseconds> unit_named(std::string_view name) {
  using namespace std::chrono;
  struct Unit {
    std::array<std::string_view, 5> names;
    Microseconds length;
  };
  static constexpr std::array<Unit, 6> units = {{{{"ms", "msec"}, milliseconds(1)},
                                                 {{"s", "sec", "second", "seconds"}, seconds(1)},
                                                 {{"m", "min", "minute", "minutes"}, minutes(1)},
                                                 {{"h", "hr", "hour", "hours"}, hours(1)},
                                                 {{"d", "day", "days"}, days(1)},
                                                 {{"w", "week", "weeks"}, weeks(1)}}};
  const auto unit = std::ranges::find_if(
      units, [&](const Unit& one) { return !name.empty() && std::ranges::find(one.names, name) != one.names.end(); });
  return unit == units.end() ? std::nullopt : std::optional(unit->length);
}

/// "2h", "1h30m", "2 hours", "10 days 3h"; nullopt when it is none, or longer than a thousand years.
std::optional<Microseconds> time_span(std::string_view text) {
  constexpr Microseconds longest = days(365 * 1000);
  if (text == "0") return Microseconds(0);
  Microseconds total(0);
  bool has_parts = false;
  for (text = trimmed(text); !text.empty(); text = trimmed(text)) {
    std::int64_t count = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), count);
    if (failure != std::errc() || count < 0) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    text = trimmed(text);
    const auto length = std::min(text.find_first_of(" 0123456789"), text.size());
    const auto unit = unit_named(text.substr(0, length));
    if (!unit || count > longest / *unit) return std::nullopt;
    total += count * *unit;
    if (total > longest) return std::nullopt;
    text.remove_prefix(length);
    has_parts = true;
  }
  return has_parts ? std::optional(total) : std::nullopt;
}

/// "2h", "-2h", "2h ago": back from now. "+10m": from now on.
std::optional<TimePoint> time_away(std::string_view text, TimePoint now) {
  const bool is_later = text.starts_with('+');
  if (is_later || text.starts_with('-')) text.remove_prefix(1);
  if (!is_later && text.ends_with(" ago")) text.remove_suffix(4);
  const auto span = time_span(text);
  if (!span) return std::nullopt;
  return is_later ? now + *span : now - *span;
}

/// "@1795221366" and "@1795221366.5": seconds since 1970.
std::optional<TimePoint> epoch_time(std::string_view text) {
  if (!text.starts_with('@')) return std::nullopt;
  std::int64_t seconds = 0;
  const auto [end, failure] = std::from_chars(text.data() + 1, text.data() + text.size(), seconds);
  constexpr std::int64_t largest = std::int64_t{1} << 40;
  if (failure != std::errc() || seconds < 0 || seconds > largest) return std::nullopt;
  auto at = static_cast<std::size_t>(end - text.data());
  int microseconds = 0;
  if (at + 1 < text.size() && text[at] == '.') microseconds = microseconds_at(text, ++at);
  if (at != text.size()) return std::nullopt;
  return TimePoint(std::chrono::seconds(seconds) + Microseconds(microseconds));
}

std::optional<unsigned> two_digits(std::string_view text, std::size_t at) {
  unsigned number = 0;
  if (at + 2 > text.size()) return std::nullopt;
  const auto [end, failure] = std::from_chars(text.data() + at, text.data() + at + 2, number);
  return failure == std::errc() && end == text.data() + at + 2 ? std::optional(number) : std::nullopt;
}

/// Puts "03:00", "03:00:30" or "03:00:30.25" into `civil`. False: `text` is something else.
bool read_clock(std::string_view text, CivilTime& civil) {
  const auto hour = two_digits(text, 0), minute = two_digits(text, 3);
  if (!hour || !minute || text[2] != ':') return false;
  civil.hour = static_cast<int>(*hour);
  civil.minute = static_cast<int>(*minute);
  if (text.size() == 5) return true;
  const auto second = two_digits(text, 6);
  if (!second || text[5] != ':') return false;
  civil.second = static_cast<int>(*second);
  std::size_t at = 8;
  if (at + 1 < text.size() && text[at] == '.') civil.microsecond = microseconds_at(text, ++at);
  return at == text.size();
}

/// "2026-11-24", "2026-11-24 03:00", "03:00" (of today), in this host's zone.
std::optional<TimePoint> local_time(std::string_view text, TimePoint now) {
  CivilTime civil = local_date_of(now);
  if (text.size() > 4 && text[4] == '-') {
    constexpr std::size_t date_size = 10;
    const auto date = read_iso_civil(std::string(text.substr(0, date_size)) + "T00:00:00");
    if (!date) return std::nullopt;
    civil = *date;
    text.remove_prefix(date_size);
    if (!text.empty() && (text.front() == ' ' || text.front() == 'T')) {
      text.remove_prefix(1);
      if (!read_clock(text, civil)) return std::nullopt;
    } else if (!text.empty()) {
      return std::nullopt;
    }
  } else if (!read_clock(text, civil)) {
    return std::nullopt;
  }
  return is_valid(civil) ? std::optional(from_local(civil)) : std::nullopt;
}

/// "2026-11-24 03:00 UTC", "2026-11-24T03:00:00+01:00".
std::optional<TimePoint> zoned_time(std::string_view text) {
  if (const auto time = parse_rfc3339(text)) return time;
  std::string in_utc(text);
  if (!in_utc.ends_with(" UTC")) return std::nullopt;
  in_utc.resize(in_utc.size() - 4);
  if (in_utc.size() == 10) in_utc += " 00:00";
  if (in_utc.size() == 16) in_utc += ":00";
  return parse_rfc3339(in_utc + "Z");
}

/// Without a year: the latest time that is no more than a day away in the future, for it stands in a log.
std::optional<TimePoint> logged_time(std::string_view text, TimePoint now) {
  auto stamp = read_stamp(text);
  if (!stamp) return std::nullopt;
  const auto time_in = [&]() -> std::optional<TimePoint> {
    if (!is_valid(stamp->civil)) return std::nullopt;
    return stamp->offset ? from_civil(stamp->civil, *stamp->offset) : from_local(stamp->civil);
  };
  if (stamp->has_year) return time_in();
  constexpr int years_to_a_leap_day = 8;
  stamp->civil.year = local_date_of(now).year + 1;
  for (int tried = 0; tried <= years_to_a_leap_day + 1; ++tried, --stamp->civil.year) {
    if (const auto time = time_in(); time && *time <= now + days(1)) return time;
  }
  return std::nullopt;
}

}  // namespace

Result<TimePoint> read_time(std::string_view text, TimePoint now) {
  if (const auto time = day_named(text, now)) return *time;
  if (const auto time = epoch_time(text)) return *time;
  if (const auto time = zoned_time(text)) return *time;
  if (const auto time = local_time(text, now)) return *time;
  if (const auto time = time_away(text, now)) return *time;
  if (const auto time = logged_time(text, now)) return *time;
  return error(fmt::format(
      "'{}' is not a time: write how long ago (2h, 90m, 3d, 1w), today, yesterday, now, a date (2026-11-24), a date "
      "and time (2026-11-24 03:00), a time of today (03:00), RFC 3339 (2026-11-24T03:00:00Z), @SECONDS, or a time as "
      "it stands in a log (21/Nov/2026:01:15:46 +0000, 2026/11/21 01:15:46, Nov 21 01:15:46)",
      text));
}

}  // namespace triaged::cli
