// How many lines there were in the last ten minutes, counted by the minute in which they came. Small to keep and to
// save.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>

#include "base/time.hpp"

namespace triaged::diagnosis {

class RecentLines {
 public:
  using Minute = std::chrono::sys_time<std::chrono::minutes>;
  static constexpr auto remembered_for = std::chrono::minutes(10);

  /// `now` never goes back; an earlier one counts as the latest.
  void add(TimePoint now, std::uint64_t lines) {
    if (lines == 0) return;
    auto minute = std::chrono::floor<std::chrono::minutes>(now);
    if (!by_minute_.empty()) minute = std::max(minute, by_minute_.rbegin()->first);
    by_minute_[minute] += lines;
    by_minute_.erase(by_minute_.begin(), by_minute_.upper_bound(minute - remembered_for));
  }

  /// In the ten minutes up to the end of the minute of `now`.
  [[nodiscard]] std::uint64_t count(TimePoint now) const {
    const auto oldest = std::chrono::floor<std::chrono::minutes>(now) - remembered_for;
    std::uint64_t lines = 0;
    for (auto minute = by_minute_.upper_bound(oldest); minute != by_minute_.end(); ++minute) lines += minute->second;
    return lines;
  }

  [[nodiscard]] const std::map<Minute, std::uint64_t>& by_minute() const { return by_minute_; }

 private:
  std::map<Minute, std::uint64_t> by_minute_;
};

}  // namespace triaged::diagnosis
