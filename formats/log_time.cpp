#include "formats/log_time.hpp"

#include <algorithm>
#include <array>

#include "base/time_zone.hpp"
#include "formats/scanner.hpp"

namespace triaged::formats {

namespace {

/// `digits` decimal digits at `at`; false when there is anything else.
template <typename Number>
bool number_at(std::string_view text, std::size_t at, std::size_t digits, Number& number) {
  if (text.size() < at + digits) return false;
  Number value = 0;
  for (std::size_t i = at; i < at + digits; ++i) {
    if (!is_digit(text[i])) return false;
    value = value * 10 + static_cast<Number>(text[i] - '0');
  }
  number = value;
  return true;
}

bool is_at(std::string_view text, std::size_t at, char wanted) { return at < text.size() && text[at] == wanted; }

/// "01:15:44" at `at`.
bool clock_at(std::string_view text, std::size_t at, CivilTime& civil) {
  return number_at(text, at, 2, civil.hour) && is_at(text, at + 2, ':') && number_at(text, at + 3, 2, civil.minute) &&
         is_at(text, at + 5, ':') && number_at(text, at + 6, 2, civil.second);
}

/// "Nov" at `at`, any case.
bool month_name_at(std::string_view text, std::size_t at, CivilTime& civil) {
  static constexpr std::string_view names = "janfebmaraprmayjunjulaugsepoctnovdec";
  if (text.size() < at + 3) return false;
  for (std::size_t month = 0; month < 12; ++month) {
    const auto name = names.substr(month * 3, 3);
    if ((text[at] | 0x20) == name[0] && (text[at + 1] | 0x20) == name[1] && (text[at + 2] | 0x20) == name[2]) {
      civil.month = static_cast<unsigned>(month + 1);
      return true;
    }
  }
  return false;
}

/// "21" or " 1" at `at`.
bool padded_day_at(std::string_view text, std::size_t at, CivilTime& civil) {
  return is_at(text, at, ' ') ? number_at(text, at + 1, 1, civil.day) : number_at(text, at, 2, civil.day);
}

/// ".920", ",605" at `at`, as many digits as there are; moves `at` behind them.
int fraction_at(std::string_view text, std::size_t& at) {
  if ((!is_at(text, at, '.') && !is_at(text, at, ',')) || at + 1 >= text.size() || !is_digit(text[at + 1])) return 0;
  return microseconds_at(text, ++at);
}

/// "21/Nov/2026:01:15:44": 20 bytes.
bool access_civil(std::string_view text, CivilTime& civil) {
  return number_at(text, 0, 2, civil.day) && is_at(text, 2, '/') && month_name_at(text, 3, civil) &&
         is_at(text, 6, '/') && number_at(text, 7, 4, civil.year) && is_at(text, 11, ':') &&
         clock_at(text, 12, civil) && is_valid(civil);
}

/// "2026-11-21T01:10:08.123"; `at` is put behind it.
bool iso_civil(std::string_view text, CivilTime& civil, std::size_t& at) {
  const auto read = read_iso_civil(text);
  if (!read || !(text[10] == 'T' || text[10] == ' ')) return false;
  civil = *read;
  at = 19;
  civil.microsecond = fraction_at(text, at);
  return is_valid(civil);
}

/// The offset at `at`, a space before it or not; moves `at` behind it.
std::optional<std::chrono::seconds> iso_offset(std::string_view text, std::size_t& at) {
  std::size_t behind = is_at(text, at, ' ') ? at + 1 : at;
  const auto offset = offset_at(text, behind);
  if (offset) at = behind;
  return offset;
}

}  // namespace

std::optional<std::chrono::seconds> zone_behind_time(std::string_view text) {
  CivilTime civil;
  std::size_t at = 0;
  if (iso_civil(text, civil, at)) return iso_offset(text, at);
  if (!access_civil(text, civil) || !is_at(text, 20, ' ')) return std::nullopt;
  at = 21;
  return offset_at(text, at);
}

/// `civil` is as if it were UTC. Around a change there are two offsets: both hold for an hour that comes twice, none
/// for one that never comes.
LogTimes::LocalOffsets LogTimes::local_offsets_at(TimePoint civil) {
  constexpr auto farther_than_any_zone = std::chrono::hours(26);
  const TimeZone zone;
  const auto before = zone.at(civil - farther_than_any_zone).from_utc;
  const auto after = zone.at(civil + farther_than_any_zone).from_utc;
  const bool may_be_before = zone.at(civil - before).from_utc == before;
  const bool may_be_after = zone.at(civil - after).from_utc == after;
  if (may_be_before && may_be_after) return {before, after};
  return may_be_after ? LocalOffsets{after, after} : LocalOffsets{before, before};
}

/// A log is written in order, but for what several processes write at once; the first line of one that is followed was
/// written now.
TimePoint LogTimes::likelier_of(TimePoint first, TimePoint second) const {
  constexpr Microseconds disorder = std::chrono::minutes(10), near = std::chrono::hours(3);
  if (std::chrono::abs(last_completed_ - first) < near) return last_completed_ - first > disorder ? second : first;
  return std::chrono::abs(reference_ - second) < disorder ? second : first;
}

TimePoint LogTimes::complete(const CivilTime& civil) {
  has_completed_ = true;
  if (offset_) return from_civil(civil, *offset_);
  const auto as_utc = from_civil(civil, std::chrono::seconds(0));
  const long hour = std::chrono::floor<std::chrono::hours>(as_utc.time_since_epoch()).count();
  if (hour != cached_hour_) {
    cached_offsets_ = local_offsets_at(as_utc);
    cached_hour_ = hour;
  }
  const auto first = as_utc - cached_offsets_.first, second = as_utc - cached_offsets_.second;
  last_completed_ = first == second ? first : likelier_of(first, second);
  return last_completed_;
}

LogTimes::Read LogTimes::nginx_error(std::string_view text, std::size_t& consumed) {
  CivilTime civil;
  if (!number_at(text, 0, 4, civil.year) || !is_at(text, 4, '/') || !number_at(text, 5, 2, civil.month) ||
      !is_at(text, 7, '/') || !number_at(text, 8, 2, civil.day) || !is_at(text, 10, ' ') ||
      !clock_at(text, 11, civil) || !is_valid(civil)) {
    return std::nullopt;
  }
  consumed = 19;
  return complete(civil);
}

LogTimes::Read LogTimes::access(std::string_view text, std::size_t& consumed) {
  const auto with_zone = text.substr(0, last_access_.size());
  if (with_zone == std::string_view(last_access_.data(), last_access_.size())) {
    consumed = last_access_.size();
    return last_access_time_;
  }
  CivilTime civil;
  if (!access_civil(text, civil)) return std::nullopt;
  std::size_t at = 21;
  const auto offset = is_at(text, 20, ' ') ? offset_at(text, at) : std::nullopt;
  consumed = offset ? at : 20;
  const auto time = offset ? from_civil(civil, *offset) : complete(civil);
  if (consumed == last_access_.size()) {
    std::copy(with_zone.begin(), with_zone.end(), last_access_.begin());
    last_access_time_ = time;
  }
  return time;
}

LogTimes::Read LogTimes::haproxy(std::string_view text, std::size_t& consumed) {
  CivilTime civil;
  if (!access_civil(text, civil)) return std::nullopt;
  std::size_t at = 20;
  civil.microsecond = fraction_at(text, at);
  consumed = at;
  return complete(civil);
}

/// Of a time without a year: in the last one in which it is not later than the reference and a day.
LogTimes::Read LogTimes::in_last_year(CivilTime civil) {
  const std::chrono::year_month_day today(std::chrono::floor<std::chrono::days>(reference_));
  // A line was not written after the end of its log, but for a clock that runs ahead and for a zone. Which year that is
  // does not depend on the zone; asking for it several times would defeat its cache.
  const TimePoint latest = reference_ + std::chrono::hours(24 + 14);
  std::optional<CivilTime> nearest;
  for (const int step : {1, 0, -1}) {
    civil.year = static_cast<int>(today.year()) + step;
    if (!is_valid(civil)) continue;  // 29 February
    nearest = civil;
    if (from_civil(civil, std::chrono::seconds(0)) <= latest) break;
  }
  if (!nearest) return std::nullopt;
  return complete(*nearest);
}

LogTimes::Read LogTimes::traditional(std::string_view text, std::size_t& consumed) {
  CivilTime civil;
  if (!month_name_at(text, 0, civil) || !is_at(text, 3, ' ') || !padded_day_at(text, 4, civil) ||
      !is_at(text, 6, ' ') || !clock_at(text, 7, civil)) {
    return std::nullopt;
  }
  consumed = 15;
  return in_last_year(civil);
}

LogTimes::Read LogTimes::klog(std::string_view text, std::size_t& consumed) {
  CivilTime civil;
  if (!number_at(text, 0, 2, civil.month) || !number_at(text, 2, 2, civil.day) || !is_at(text, 4, ' ') ||
      !clock_at(text, 5, civil)) {
    return std::nullopt;
  }
  std::size_t at = 13;
  civil.microsecond = fraction_at(text, at);
  consumed = at;
  return in_last_year(civil);
}

LogTimes::Read LogTimes::dmesg(std::string_view text, std::size_t& consumed) {
  CivilTime civil;
  if (!month_name_at(text, 0, civil) || !padded_day_at(text, 3, civil) || !is_at(text, 5, ' ') ||
      !number_at(text, 6, 2, civil.hour) || !is_at(text, 8, ':') || !number_at(text, 9, 2, civil.minute)) {
    return std::nullopt;
  }
  consumed = 11;
  return in_last_year(civil);
}

LogTimes::Read LogTimes::clock(std::string_view text, std::size_t& consumed) {
  CivilTime civil;
  if (!clock_at(text, 0, civil)) return std::nullopt;
  const std::chrono::year_month_day today(std::chrono::floor<std::chrono::days>(reference_));
  civil.year = static_cast<int>(today.year());
  civil.month = static_cast<unsigned>(today.month());
  civil.day = static_cast<unsigned>(today.day());
  if (!is_valid(civil)) return std::nullopt;
  consumed = 8;
  const auto time = complete(civil);
  return time > reference_ ? time - std::chrono::days(1) : time;
}

LogTimes::Read LogTimes::ctime(std::string_view text, std::size_t& consumed) {
  CivilTime civil;
  if (!is_at(text, 3, ' ') || !month_name_at(text, 4, civil) || !is_at(text, 7, ' ') ||
      !padded_day_at(text, 8, civil) || !is_at(text, 10, ' ') || !clock_at(text, 11, civil) || !is_at(text, 19, ' ') ||
      !number_at(text, 20, 4, civil.year) || !is_valid(civil)) {
    return std::nullopt;
  }
  consumed = 24;
  return complete(civil);
}

LogTimes::Read LogTimes::iso(std::string_view text, std::size_t& consumed) {
  CivilTime civil;
  std::size_t at = 0;
  if (!iso_civil(text, civil, at)) return std::nullopt;
  const auto offset = iso_offset(text, at);
  consumed = at;
  return offset ? from_civil(civil, *offset) : complete(civil);
}

LogTimes::Read LogTimes::php(std::string_view text, std::size_t& consumed) {
  CivilTime civil;
  if (!number_at(text, 0, 2, civil.day) || !is_at(text, 2, '-') || !month_name_at(text, 3, civil) ||
      !is_at(text, 6, '-') || !number_at(text, 7, 4, civil.year) || !is_at(text, 11, ' ') ||
      !clock_at(text, 12, civil)) {
    return std::nullopt;
  }
  std::size_t at = 20;
  civil.microsecond = fraction_at(text, at);
  if (!is_valid(civil)) return std::nullopt;
  const bool is_utc = text.substr(at).starts_with(" UTC");  // PHP's own error_log names its zone
  consumed = is_utc ? at + 4 : at;
  return is_utc ? from_civil(civil, std::chrono::seconds(0)) : complete(civil);
}

}  // namespace triaged::formats
