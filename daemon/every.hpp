// For what is done now and then: says when it is due.
#pragma once

#include <chrono>

namespace triaged::daemon {

class Every {
 public:
  using Clock = std::chrono::steady_clock;

  explicit Every(Clock::duration pause) : pause_(pause) {}

  /// True at the first call, and when `pause` has passed since the last time that it was.
  [[nodiscard]] bool is_due(Clock::time_point now) {
    if (now < next_) return false;
    next_ = now + pause_;
    return true;
  }

 private:
  const Clock::duration pause_;
  Clock::time_point next_ = Clock::time_point::min();
};

}  // namespace triaged::daemon
