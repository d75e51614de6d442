#include "base/posix_zone.hpp"

#include <algorithm>
#include <charconv>

namespace triaged::inline base {

namespace {

using std::chrono::seconds;

bool take(std::string_view& rest, char wanted) {
  if (!rest.starts_with(wanted)) return false;
  rest.remove_prefix(1);
  return true;
}

std::optional<unsigned> take_number(std::string_view& rest, unsigned most) {
  unsigned number = 0;
  const auto [end, failure] = std::from_chars(rest.data(), rest.data() + rest.size(), number);
  if (failure != std::errc() || number > most) return std::nullopt;
  rest.remove_prefix(static_cast<std::size_t>(end - rest.data()));
  return number;
}

/// "CET", or "<+0330>".
std::string take_abbreviation(std::string_view& rest) {
  std::size_t end = 0;
  if (take(rest, '<')) {
    end = std::min(rest.find('>'), rest.size());
    std::string name(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
    return name;
  }
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  while (end < rest.size() && is_letter(rest[end])) ++end;
  std::string name(rest.substr(0, end));
  rest.remove_prefix(end);
  return name;
}

/// "-1", "+3:30", "167:59:59".
std::optional<seconds> take_time(std::string_view& rest) {
  const int sign = take(rest, '-') ? -1 : (take(rest, '+'), 1);
  const auto hours = take_number(rest, 167);
  if (!hours) return std::nullopt;
  seconds time = std::chrono::hours(*hours);
  for (const seconds unit : {seconds(60), seconds(1)}) {
    if (!take(rest, ':')) break;
    const auto number = take_number(rest, 59);
    if (!number) return std::nullopt;
    time += *number * unit;
  }
  return sign * time;
}

}  // namespace

std::optional<PosixZone::Change> PosixZone::read_change(std::string_view& rest) {
  Change change;
  if (!take(rest, ',')) return std::nullopt;
  if (take(rest, 'M')) {
    change.kind = Change::Kind::weekday_of_month;
    const auto month = take_number(rest, 12);
    if (!month || *month == 0 || !take(rest, '.')) return std::nullopt;
    const auto week = take_number(rest, 5);
    if (!week || *week == 0 || !take(rest, '.')) return std::nullopt;
    const auto weekday = take_number(rest, 6);
    if (!weekday) return std::nullopt;
    change.month = *month;
    change.week = *week;
    change.weekday = *weekday;
  } else {
    if (take(rest, 'J')) change.kind = Change::Kind::day_without_leap;
    const auto day = take_number(rest, 365);
    if (!day) return std::nullopt;
    change.day = *day;
  }
  if (!take(rest, '/')) return change;
  const auto time = take_time(rest);
  if (!time) return std::nullopt;
  change.time = *time;
  return change;
}

std::chrono::local_seconds PosixZone::Change::in(std::chrono::year year) const {
  namespace chrono = std::chrono;
  const chrono::local_days first(year / 1 / 1);
  if (kind == Kind::day) return first + chrono::days(day) + time;
  if (kind == Kind::day_without_leap) {
    const bool is_after_leap_day = year.is_leap() && day >= 60;
    return first + chrono::days(static_cast<int>(day) - (is_after_leap_day ? 0 : 1)) + time;
  }
  const chrono::weekday wanted(weekday);
  const auto in_month = year / static_cast<int>(month);
  const auto date =
      week == 5 ? chrono::local_days(in_month / wanted[chrono::last]) : chrono::local_days(in_month / wanted[week]);
  return date + time;
}

std::optional<PosixZone> PosixZone::read(std::string_view rule) {
  PosixZone zone;
  auto rest = rule;
  zone.winter_.abbreviation = take_abbreviation(rest);
  const auto west_of_utc = take_time(rest);
  if (zone.winter_.abbreviation.empty() || !west_of_utc) return std::nullopt;
  zone.winter_.from_utc = -*west_of_utc;
  if (rest.empty()) return zone;
  auto& summer = zone.summer_.emplace();
  summer.abbreviation = take_abbreviation(rest);
  summer.from_utc = zone.winter_.from_utc + std::chrono::hours(1);
  if (!rest.starts_with(',')) {
    const auto offset = take_time(rest);
    if (!offset) return std::nullopt;
    summer.from_utc = -*offset;
  }
  for (auto& change : zone.changes_) {
    const auto read = read_change(rest);
    if (!read) return std::nullopt;
    change = *read;
  }
  return rest.empty() && !summer.abbreviation.empty() ? std::optional(zone) : std::nullopt;
}

const ZoneOffset& PosixZone::at(TimePoint time) const {
  if (!summer_) return winter_;
  const auto local = std::chrono::local_time<Microseconds>(time.time_since_epoch() + winter_.from_utc);
  const auto year = std::chrono::year_month_day(std::chrono::floor<std::chrono::days>(local)).year();
  const auto utc = [&](const Change& change, const ZoneOffset& before) {
    return TimePoint(change.in(year).time_since_epoch() - before.from_utc);
  };
  const auto begin = utc(changes_[0], winter_), end = utc(changes_[1], *summer_);
  const bool is_summer = begin < end ? time >= begin && time < end : time >= begin || time < end;
  return is_summer ? *summer_ : winter_;
}

}  // namespace triaged::inline base
