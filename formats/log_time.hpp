// Times as logs write them, completed by what they leave out: a zone, a year. Caches what is slow (the host's zone) and
// what repeats (the same second on many lines).
#pragma once

#include <array>
#include <chrono>
#include <optional>
#include <string_view>
#include <utility>

#include "base/time.hpp"

namespace triaged::formats {

class LogTimes {
 public:
  /// `offset`: of times without a zone; nullopt: this host's zone. `reference` completes dates without a year: they are
  /// the last ones that are not more than a day behind it.
  LogTimes() = default;
  LogTimes(std::optional<std::chrono::seconds> offset, TimePoint reference) : offset_(offset), reference_(reference) {}

  void set_reference(TimePoint reference) { reference_ = reference; }

  /// Whether a time without a zone was completed since the last call.
  [[nodiscard]] bool take_completed() { return std::exchange(has_completed_, false); }

  // Each reads at the start of `text`, gives the length read in `consumed`, and nullopt when it is something else.
  using Read = std::optional<TimePoint>;
  [[nodiscard]] Read nginx_error(std::string_view text, std::size_t& consumed);  // 2026/11/21 00:36:06
  [[nodiscard]] Read access(std::string_view text, std::size_t& consumed);       // 21/Nov/2026:01:15:44 +0000
  [[nodiscard]] Read haproxy(std::string_view text, std::size_t& consumed);      // 21/Nov/2026:01:08:13.920
  [[nodiscard]] Read traditional(std::string_view text, std::size_t& consumed);  // Nov 21 01:08:11 (last year)
  [[nodiscard]] Read ctime(std::string_view text, std::size_t& consumed);        // Sat Nov 21 01:15:17 2026
  [[nodiscard]] Read klog(std::string_view text, std::size_t& consumed);         // 1129 03:12:07.123456 (last year)
  [[nodiscard]] Read dmesg(std::string_view text, std::size_t& consumed);        // Nov30 14:45 (last year)
  [[nodiscard]] Read clock(std::string_view text, std::size_t& consumed);        // 01:08:11 (last day)
  [[nodiscard]] Read iso(std::string_view text, std::size_t& consumed);  // 2026-11-21[T ]01:10:08[.,]123[ ][offset]
  [[nodiscard]] Read php(std::string_view text, std::size_t& consumed);  // 21-Nov-2026 01:08:03

 private:
  /// Of this host's zone. They differ for an hour that comes twice; the first one is that of the earlier moment.
  struct LocalOffsets {
    std::chrono::seconds first{0}, second{0};
  };

  [[nodiscard]] static LocalOffsets local_offsets_at(TimePoint civil);
  [[nodiscard]] TimePoint likelier_of(TimePoint first, TimePoint second) const;
  [[nodiscard]] TimePoint complete(const CivilTime& civil);
  [[nodiscard]] Read in_last_year(CivilTime civil);

  std::optional<std::chrono::seconds> offset_;
  TimePoint reference_{};
  bool has_completed_ = false;
  std::array<char, 26> last_access_{};  // as access() last read it, with its zone; zeros: nothing
  TimePoint last_access_time_{};
  long cached_hour_ = -1;  // civil hour that cached_offsets_ are for
  LocalOffsets cached_offsets_;
  TimePoint last_completed_{};
};

/// The zone that stands behind the time at the start of `text` (an RFC 3339 or an access log's); nullopt: none.
[[nodiscard]] std::optional<std::chrono::seconds> zone_behind_time(std::string_view text);

}  // namespace triaged::formats
