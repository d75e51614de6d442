// Times as logs write them, completed by what they leave out: a zone, a year. Caches what is slow (the host's zone) and
// what repeats (the same second on many lines).
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

#include "base/time.hpp"

namespace triaged {

class LogTimes {
 public:
  /// `offset`: of times without a zone; nullopt: this host's zone. `reference` completes dates without a year.
  LogTimes() = default;
  LogTimes(std::optional<std::chrono::seconds> offset, TimePoint reference) : offset_(offset), reference_(reference) {}

  // Each reads at the start of `text`, gives the length read in `consumed`, and nullopt when it is something else.
  [[nodiscard]] std::optional<TimePoint> nginx_error(std::string_view text,
                                                     std::size_t& consumed);  // 2026/11/21 00:36:06
  [[nodiscard]] std::optional<TimePoint> access(std::string_view text,
                                                std::size_t& consumed);  // 21/Nov/2026:01:15:44 +0000
  [[nodiscard]] std::optional<TimePoint> haproxy(std::string_view text,
                                                 std::size_t& consumed);  // 21/Nov/2026:01:08:13.920
  [[nodiscard]] std::optional<TimePoint> traditional(std::string_view text,
                                                     std::size_t& consumed);  // Nov 21 01:08:11 (nearest year)
  [[nodiscard]] std::optional<TimePoint> ctime(std::string_view text,
                                               std::size_t& consumed);  // Sat Nov 21 01:15:17 2026
  [[nodiscard]] std::optional<TimePoint> iso(std::string_view text,
                                             std::size_t& consumed);  // 2026-11-21[T ]01:10:08[.,]123[ ][offset]
  [[nodiscard]] std::optional<TimePoint> php(std::string_view text, std::size_t& consumed);  // 21-Nov-2026 01:08:03

 private:
  [[nodiscard]] TimePoint complete(const CivilTime& civil);

  std::optional<std::chrono::seconds> offset_;
  TimePoint reference_{};
  long cached_hour_ = -1;  // civil hour that cached_offset_ is for
  std::chrono::seconds cached_offset_{0};
};

/// The zone that stands behind the time at the start of `text` (an RFC 3339 or an access log's); nullopt: none.
[[nodiscard]] std::optional<std::chrono::seconds> zone_behind_time(std::string_view text);

}  // namespace triaged
