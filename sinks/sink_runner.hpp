// Runs one sink on a thread of its own: takes its notifications from the outbox in order, delivers, retries with
// backoff and jitter or when the other side said, and settles the outbox row. One sink's trouble never reaches another.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"
#include "sinks/sink.hpp"

namespace triaged::sinks {

/// The outbox as a runner sees it. Called on the runner's thread.
class Outbox {
 public:
  virtual ~Outbox() = default;
  [[nodiscard]] virtual Result<std::vector<Notification>> pending(std::string_view sink, std::size_t limit) = 0;
  [[nodiscard]] virtual Result<void> mark_delivered(std::int64_t row) = 0;
  [[nodiscard]] virtual Result<void> mark_rejected(std::int64_t row, std::string_view why) = 0;
};

struct RetryPolicy {
  std::chrono::milliseconds first{1000};
  std::chrono::milliseconds longest{300'000};
  /// Then the notification becomes a dead letter, so that one that always fails does not hold back the others for ever.
  /// With the waits above 500 tries take the better part of a day.
  unsigned most_tries = 500;
  /// Spreads the waits of many sinks: a uniform number in [0, 1) a call, on the runner's thread. Tests give a constant.
  /// Empty: the runner draws its own.
  std::function<double()> jitter;
};

/// The wait before try number `attempt` (1: the first retry): full jitter over an exponentially growing bound, never
/// less than what the other side asked for.
[[nodiscard]] std::chrono::milliseconds wait_before(unsigned attempt, const RetryPolicy& policy,
                                                    std::optional<std::chrono::milliseconds> asked);

struct SinkCounts {
  std::uint64_t delivered = 0, retried = 0, rejected = 0;
  std::string last_failure;  // empty when the last try worked
};

class SinkRunner {
 public:
  /// Starts the thread. Without a sink it waits for use(). `outbox` must outlive the runner.
  SinkRunner(std::string name, std::unique_ptr<Sink> sink, Outbox& outbox, RetryPolicy policy);
  /// Stops: lets a delivery that is under way end, leaves the rest in the outbox.
  ~SinkRunner();
  SinkRunner(const SinkRunner&) = delete;
  SinkRunner& operator=(const SinkRunner&) = delete;

  /// New rows may be in the outbox. Any thread.
  void wake();
  /// Delivers with `sink` from now on; what the old one is just delivering it ends. What waits for a retry is tried at
  /// once: the operator may have mended what was wrong. Any thread.
  void use(std::unique_ptr<Sink> sink);
  /// Delivers `notification` before anything else and past the outbox, for what must be said when the outbox cannot be
  /// written. It is tried again like others, but it is in memory only, and one of the same incident replaces it. Any
  /// thread.
  void tell_directly(Notification notification);
  /// Starts no further delivery. The destructor waits for the one under way. Any thread.
  void stop();
  /// Returns when what was pending is delivered, when something must wait for a retry, or at the deadline.
  void drain(std::chrono::steady_clock::time_point deadline);
  /// REQUIRES: stop() was called. False: at `deadline` the delivery under way has still not ended, and the destructor
  /// would wait for it.
  [[nodiscard]] bool has_ended_by(std::chrono::steady_clock::time_point deadline) const;
  [[nodiscard]] SinkCounts counts() const;
  [[nodiscard]] const std::string& name() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace triaged::sinks
