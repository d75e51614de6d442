// What is done about a ledger that cannot be written: it is tried again each second, an outage that lasts is told to
// the sinks past the outbox, and so is its end. No clock of its own.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>

#include "base/time.hpp"
#include "values/incident.hpp"

namespace triaged::daemon {

class LedgerOutage {
 public:
  using Clock = std::chrono::steady_clock;

  /// `host` is this host's name, for what is told.
  explicit LedgerOutage(std::string host) : host_(std::move(host)) {}

  [[nodiscard]] bool may_try(Clock::time_point now) const { return now >= next_try_; }
  [[nodiscard]] int failures_in_a_row() const { return failures_in_a_row_; }
  /// Why nothing is written now; empty: it is.
  [[nodiscard]] const std::string& trouble() const { return trouble_; }

  struct Waiting {
    std::size_t bytes = 0;  // in memory
    bool do_files_wait = false;
  };
  /// A commit failed at `at`, which is `now` by the clock that is never set. What is to be told directly, if anything.
  [[nodiscard]] std::optional<Incident> on_failed(const std::string& why, const Waiting& waiting, Clock::time_point now,
                                                  TimePoint at);
  /// The same of a commit that went well.
  [[nodiscard]] std::optional<Incident> on_stored(TimePoint at);

 private:
  const std::string host_;
  std::string trouble_;
  int failures_in_a_row_ = 0;
  Clock::time_point next_try_ = Clock::time_point::min();
  TimePoint failing_since_;
  bool is_told_ = false;
};

}  // namespace triaged::daemon
