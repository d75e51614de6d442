// Signals as data: blocked in every thread from the start, and taken by a thread of their own, so that the daemon heeds
// them at every moment: while it loads rules, waits for its ledger, opens files or reloads, and not only while a
// pipeline runs. It needs no file descriptor, because there may be none left.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <stop_token>
#include <thread>

#include "base/mutex.hpp"

namespace triaged::daemon {

enum class Signal { stop, reload };

/// Blocks SIGTERM, SIGINT and SIGHUP for this thread and those it will start, and ignores SIGPIPE and
/// SIGXFSZ: a write that fails says so itself. Call it before the
/// first thread starts.
void block_signals();

/// Any thread.
class SignalWatch {
 public:
  using Clock = std::chrono::steady_clock;

  /// REQUIRES: block_signals() was called. `too_late` is called on the watch's thread when the watch is still there
  /// `longest_stop` after the first signal to stop.
  SignalWatch(Clock::duration longest_stop, std::function<void()> too_late);
  ~SignalWatch();
  SignalWatch(const SignalWatch&) = delete;
  SignalWatch& operator=(const SignalWatch&) = delete;

  /// For whatever takes long and can be given up when the daemon is asked to stop.
  [[nodiscard]] std::stop_token stopping() const { return stop_.get_token(); }
  /// nullopt: it was not asked to.
  [[nodiscard]] std::optional<Clock::time_point> asked_to_stop_at() const;

  /// `listener` is called for each signal, on the watch's thread, until stop_listening() returns; it must not wait. A
  /// signal that came while nobody listened is given to it at once.
  void listen(std::function<void(Signal)> listener);
  void stop_listening();

  /// As if the process had received it.
  void receive(Signal signal);

 private:
  void run(Clock::duration longest_stop, const std::function<void()>& too_late);

  std::stop_source stop_;
  mutable Mutex mutex_;
  std::function<void(Signal)> listener_ TRIAGED_GUARDED_BY(mutex_);
  std::optional<Signal> missed_ TRIAGED_GUARDED_BY(mutex_);  // by whoever listened
  std::optional<Clock::time_point> asked_to_stop_at_ TRIAGED_GUARDED_BY(mutex_);
  bool is_ending_ TRIAGED_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace triaged::daemon
