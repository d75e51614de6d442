// How many lines there were in the last ten minutes, counted by the minute. Small to keep and to save.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>

#include "base/time.hpp"

namespace triaged {

class RecentLines {
 public:
  using Minute = std::chrono::sys_time<std::chrono::minutes>;
  static constexpr auto remembered_for = std::chrono::minutes(10);

  /// What is older than ten minutes before the latest is not counted.
  void add(TimePoint at, std::uint64_t lines) {
    const auto minute = std::chrono::floor<std::chrono::minutes>(at);
    if (!by_minute_.empty() && minute <= by_minute_.rbegin()->first - remembered_for) return;
    by_minute_[minute] += lines;
    const auto oldest = by_minute_.rbegin()->first - remembered_for;
    by_minute_.erase(by_minute_.begin(), by_minute_.upper_bound(oldest));
  }

  /// In the ten minutes that end with the minute of `now`.
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

}  // namespace triaged
