#include "base/time.hpp"

#include <array>
#include <charconv>
#include <utility>

#include <fmt/format.h>

namespace triaged::inline base {

namespace {

/// Reads exactly `digits` decimal digits at `at`.
std::optional<int> number_at(std::string_view text, std::size_t at, std::size_t digits) {
  if (text.size() < at + digits) return std::nullopt;
  int value = 0;
  for (std::size_t i = at; i < at + digits; ++i) {
    if (text[i] < '0' || text[i] > '9') return std::nullopt;
    value = value * 10 + (text[i] - '0');
  }
  return value;
}

bool is_at(std::string_view text, std::size_t at, char wanted) { return at < text.size() && text[at] == wanted; }

}  // namespace

std::optional<std::chrono::seconds> offset_at(std::string_view text, std::size_t& at) {
  if (is_at(text, at, 'Z') || is_at(text, at, 'z')) {
    ++at;
    return std::chrono::seconds(0);
  }
  if (!is_at(text, at, '+') && !is_at(text, at, '-')) return std::nullopt;
  const int sign = text[at] == '-' ? -1 : 1;
  const auto hours = number_at(text, at + 1, 2);
  const std::size_t minutes_at = is_at(text, at + 3, ':') ? at + 4 : at + 3;
  const auto minutes = number_at(text, minutes_at, 2);
  if (!hours || !minutes || *hours > 23 || *minutes > 59) return std::nullopt;
  at = minutes_at + 2;
  return std::chrono::seconds(sign * (*hours * 3600 + *minutes * 60));
}

std::string date_of(TimePoint time) {
  const std::chrono::year_month_day date(std::chrono::floor<std::chrono::days>(time));
  return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                     static_cast<unsigned>(date.day()));
}

std::string clock_of(TimePoint time) {
  const std::chrono::hh_mm_ss clock(time - std::chrono::floor<std::chrono::days>(time));
  return fmt::format("{:02}:{:02}:{:02}", clock.hours().count(), clock.minutes().count(), clock.seconds().count());
}

std::string date_and_clock_of(TimePoint time) { return fmt::format("{} {}", date_of(time), clock_of(time)); }

std::string to_rfc3339(TimePoint time) {
  const auto fraction = time - std::chrono::floor<std::chrono::seconds>(time);
  return fmt::format("{}T{}.{:06}Z", date_of(time), clock_of(time), fraction.count());
}

std::string to_rfc3339_second(TimePoint time) { return fmt::format("{}T{}Z", date_of(time), clock_of(time)); }

int microseconds_at(std::string_view text, std::size_t& at) {
  int microsecond = 0, scale = 100'000;
  for (; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at, scale /= 10) {
    microsecond += (text[at] - '0') * scale;
  }
  return microsecond;
}

std::optional<CivilTime> read_iso_civil(std::string_view text) {
  const auto year = number_at(text, 0, 4), month = number_at(text, 5, 2), day = number_at(text, 8, 2);
  const auto hour = number_at(text, 11, 2), minute = number_at(text, 14, 2), second = number_at(text, 17, 2);
  if (!year || !month || !day || !hour || !minute || !second) return std::nullopt;
  if (text[4] != '-' || text[7] != '-' || text[13] != ':' || text[16] != ':') return std::nullopt;
  return CivilTime{*year, static_cast<unsigned>(*month), static_cast<unsigned>(*day), *hour, *minute, *second, 0};
}

std::optional<TimePoint> parse_rfc3339(std::string_view text, std::size_t* consumed) {
  auto civil = read_iso_civil(text);
  if (!civil || (text[10] != 'T' && text[10] != 't' && text[10] != ' ')) return std::nullopt;
  std::size_t at = 19;
  if (is_at(text, at, '.') || is_at(text, at, ',')) civil->microsecond = microseconds_at(text, ++at);
  const auto offset = offset_at(text, at);
  if (!offset || !is_valid(*civil)) return std::nullopt;
  if (consumed != nullptr) {
    *consumed = at;
  } else if (at != text.size()) {
    return std::nullopt;
  }
  return from_civil(*civil, *offset);
}

bool is_valid(const CivilTime& civil) {
  const std::chrono::year_month_day date{std::chrono::year(civil.year), std::chrono::month(civil.month),
                                         std::chrono::day(civil.day)};
  return date.ok() && civil.hour >= 0 && civil.hour < 24 && civil.minute >= 0 && civil.minute < 60 &&
         civil.second >= 0 && civil.second <= 60 && civil.microsecond >= 0 && civil.microsecond < 1'000'000;
}

TimePoint from_civil(const CivilTime& civil, std::chrono::seconds offset_from_utc) {
  const std::chrono::sys_days day = std::chrono::year_month_day{
      std::chrono::year(civil.year), std::chrono::month(civil.month), std::chrono::day(civil.day)};
  return TimePoint(day) + std::chrono::hours(civil.hour) + std::chrono::minutes(civil.minute) +
         std::chrono::seconds(civil.second) + Microseconds(civil.microsecond) - offset_from_utc;
}

namespace {

constexpr std::array<std::pair<std::string_view, Microseconds>, 6> duration_units = {{
    {"d", std::chrono::hours(24)},
    {"h", std::chrono::hours(1)},
    {"m", std::chrono::minutes(1)},
    {"s", std::chrono::seconds(1)},
    {"ms", std::chrono::milliseconds(1)},
    {"us", Microseconds(1)},
}};

}  // namespace

std::optional<Microseconds> parse_duration(std::string_view text) {
  if (text == "0") return Microseconds(0);
  if (text.empty()) return std::nullopt;
  Microseconds total(0);
  while (!text.empty()) {
    std::int64_t count = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), count);
    if (failure != std::errc() || count < 0) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    const auto unit_length = std::min(text.find_first_of("0123456789"), text.size());
    const auto unit_name = text.substr(0, unit_length);
    bool known = false;
    for (const auto& [name, unit] : duration_units) {
      if (name != unit_name) continue;
      std::int64_t product = 0;
      if (__builtin_mul_overflow(count, unit.count(), &product)) return std::nullopt;
      if (__builtin_add_overflow(total.count(), product, &product)) return std::nullopt;
      total = Microseconds(product);
      known = true;
    }
    if (!known) return std::nullopt;
    text.remove_prefix(unit_length);
  }
  return total;
}

std::string to_text(Microseconds duration) {
  if (duration.count() == 0) return "0s";
  std::string text;
  for (const auto& [name, unit] : duration_units) {
    const auto count = duration / unit;
    if (count == 0) continue;
    text += fmt::format("{}{}", count, name);
    duration -= count * unit;
  }
  return text;
}

}  // namespace triaged::inline base
