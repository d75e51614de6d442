// Talks to systemd when it started us (the protocol of sd_notify(3)), and is silent otherwise. Any thread; nothing here
// waits, whether or not the service manager reads its socket.
#pragma once

#include <chrono>
#include <condition_variable>
#include <optional>
#include <string>
#include <thread>

#include "base/mutex.hpp"

namespace triaged::daemon {

// Kept, in order, while the manager does not read; sent before the next message that finds room.
void tell_ready();
void tell_reloading();
void tell_stopping();

/// False: the manager did not take it; tell it again later.
bool tell_status(const std::string& status);
void tell_alive();

/// Half of the interval in which systemd wants a sign of life; nullopt when it does not watch.
[[nodiscard]] std::optional<std::chrono::microseconds> watchdog_interval();

/// Gives signs of life from a thread of its own while nobody else does, for `longest` at most: what hangs for ever must
/// not look alive.
class SignsOfLife {
 public:
  explicit SignsOfLife(std::chrono::steady_clock::duration longest);
  ~SignsOfLife();
  SignsOfLife(const SignsOfLife&) = delete;
  SignsOfLife& operator=(const SignsOfLife&) = delete;

 private:
  Mutex mutex_;
  std::condition_variable changed_;
  bool is_over_ TRIAGED_GUARDED_BY(mutex_) = false;
  std::thread thread_;  // none when there is no watchdog
};

}  // namespace triaged::daemon
