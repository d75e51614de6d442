// Sinks that are not configured any more and have notifications left: says each hour what becomes of those.
#pragma once

#include <string>
#include <vector>

#include "daemon/every.hpp"
#include "store/ledger.hpp"

namespace triaged::daemon {

class AbsentSinks {
 public:
  /// `present` are the names of those that are configured.
  explicit AbsentSinks(std::vector<std::string> present) : present_(std::move(present)) {}

  /// `at` is `now` by the wall clock.
  void check(store::Ledger& ledger, Every::Clock::time_point now, TimePoint at);

 private:
  const std::vector<std::string> present_;
  Every due_ = Every(std::chrono::hours(1));
};

}  // namespace triaged::daemon
