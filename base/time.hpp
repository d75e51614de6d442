// Time as data. Sources, formats, matcher, diagnosis and notify are given the time; only daemon, sinks, probes and
// commands ask a clock.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace triaged::inline base {

using Microseconds = std::chrono::microseconds;
using TimePoint = std::chrono::sys_time<Microseconds>;

/// "2026-11-21T00:36:06.000000Z": RFC 3339, UTC, always six digits of fraction.
[[nodiscard]] std::string to_rfc3339(TimePoint time);

/// "2026-11-21T00:36:06Z": the same without the fraction.
[[nodiscard]] std::string to_rfc3339_second(TimePoint time);

/// Parts for people, in UTC: "2026-11-21", "00:36:06" and "2026-11-21 00:36:06".
[[nodiscard]] std::string date_of(TimePoint time);
[[nodiscard]] std::string clock_of(TimePoint time);
[[nodiscard]] std::string date_and_clock_of(TimePoint time);

/// Reads RFC 3339 with 'Z' or a numeric offset (also "+0000" without a colon), 'T' or a space between date and time,
/// and up to nine digits of fraction (cut to microseconds). Reads from the start of `text`; the length read is put in
/// `consumed` when that is given, and otherwise all of `text` must be read. No offset: nullopt.
[[nodiscard]] std::optional<TimePoint> parse_rfc3339(std::string_view text, std::size_t* consumed = nullptr);

/// The digits of a fraction of a second at `at`, any number of them, cut to microseconds; moves `at` behind them.
[[nodiscard]] int microseconds_at(std::string_view text, std::size_t& at);

/// "Z", "+01:00", "-0500" at `at`, which is moved behind it; nullopt: something else.
[[nodiscard]] std::optional<std::chrono::seconds> offset_at(std::string_view text, std::size_t& at);

/// A civil date and time as it stands in a log line, before its zone is known.
struct CivilTime {
  int year = 0;
  unsigned month = 1;  // 1-12
  unsigned day = 1;    // 1-31
  int hour = 0, minute = 0, second = 0;
  int microsecond = 0;
};

/// "2026-11-21T01:10:08" at the start of `text`, whatever stands in the place of the 'T'; 19 bytes, no fraction, not
/// checked by is_valid(). nullopt: something else.
[[nodiscard]] std::optional<CivilTime> read_iso_civil(std::string_view text);

/// False for a month of 13, 31 February, an hour of 24, …; a second of 60 is accepted.
[[nodiscard]] bool is_valid(const CivilTime& civil);
[[nodiscard]] TimePoint from_civil(const CivilTime& civil, std::chrono::seconds offset_from_utc);

/// "90s", "15m", "2h", "500ms", "1d" and sums such as "1h30m". Whole numbers only, a unit is required ("0" is
/// accepted).
[[nodiscard]] std::optional<Microseconds> parse_duration(std::string_view text);

/// The shortest exact form that parse_duration reads: "1h30m", "500ms", "0s".
[[nodiscard]] std::string to_text(Microseconds duration);

}  // namespace triaged::inline base
