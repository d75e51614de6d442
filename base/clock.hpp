// The only place where the daemon asks what time it is.
#pragma once

#include <algorithm>
#include <chrono>

#include "base/time.hpp"

namespace triaged::inline base {

[[nodiscard]] inline TimePoint now() { return std::chrono::floor<Microseconds>(std::chrono::system_clock::now()); }

/// The wall clock for whoever waits: when it is set back, time goes on as it passes; set forward, it is followed. One
/// thread.
class ForwardClock {
 public:
  [[nodiscard]] TimePoint now() { return at(triaged::now(), std::chrono::steady_clock::now()); }

  /// The same for given clocks.
  [[nodiscard]] TimePoint at(TimePoint wall, std::chrono::steady_clock::time_point steady) {
    const auto passed = std::chrono::floor<Microseconds>(steady - steady_);
    now_ = now_ == TimePoint() ? wall : std::max(wall, now_ + passed);
    steady_ = steady;
    return now_;
  }

 private:
  TimePoint now_{};
  std::chrono::steady_clock::time_point steady_{};
};

}  // namespace triaged::inline base
