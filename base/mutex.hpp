// A mutex of which clang proves that what it guards is touched under its lock only (base/thread_annotations.hpp). What
// several threads share is a member with TRIAGED_GUARDED_BY:
//
//   mutable Mutex mutex_;
//   std::vector<Metric> metrics_ TRIAGED_GUARDED_BY(mutex_);
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>

#include "base/thread_annotations.hpp"

namespace triaged::inline base {

class TRIAGED_CAPABILITY("mutex") Mutex {
 public:
  Mutex() = default;
  Mutex(const Mutex&) = delete;
  Mutex& operator=(const Mutex&) = delete;

 private:
  friend class Lock;
  std::mutex mutex_;
};

/// Holds a mutex while it lives, but for what stands between unlock() and lock().
class TRIAGED_SCOPED_CAPABILITY Lock {
 public:
  explicit Lock(Mutex& mutex) TRIAGED_ACQUIRE(mutex) : lock_(mutex.mutex_) {}
  ~Lock() TRIAGED_RELEASE() {}
  Lock(const Lock&) = delete;
  Lock& operator=(const Lock&) = delete;

  void unlock() TRIAGED_RELEASE() { lock_.unlock(); }
  void lock() TRIAGED_ACQUIRE() { lock_.lock(); }

  /// Waits until `holds`, a lambda with TRIAGED_REQUIRES of the mutex, gives true. The mutex is free meanwhile.
  template <class Predicate>
  void wait(std::condition_variable& changed, Predicate holds) TRIAGED_NOT_CHECKED {
    changed.wait(lock_, holds);
  }
  /// The same until `deadline` at most: what `holds` gives then.
  template <class Clock, class Duration, class Predicate>
  bool wait_until(std::condition_variable& changed, std::chrono::time_point<Clock, Duration> deadline,
                  Predicate holds) TRIAGED_NOT_CHECKED {
    return changed.wait_until(lock_, deadline, holds);
  }
  template <class Rep, class Period, class Predicate>
  bool wait_for(std::condition_variable& changed, std::chrono::duration<Rep, Period> longest,
                Predicate holds) TRIAGED_NOT_CHECKED {
    return changed.wait_for(lock_, longest, holds);
  }

 private:
  std::unique_lock<std::mutex> lock_;
};

}  // namespace triaged::inline base
