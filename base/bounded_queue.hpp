// A queue between two stages of the road, with a capacity that its owner chooses. When it is full, push() waits (files
// and pipes: their origin keeps the data) and try_push() refuses (what cannot wait is dropped and counted by the
// caller). close() lets the consumer take what is left and then end.
//
// Thread-safe: any number of producers and consumers. Must outlive all of them.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <optional>
#include <utility>

#include "base/mutex.hpp"

namespace triaged::inline base {

template <typename T>
class BoundedQueue {
 public:
  explicit BoundedQueue(std::size_t capacity) : capacity_(capacity) {}
  BoundedQueue(const BoundedQueue&) = delete;
  BoundedQueue& operator=(const BoundedQueue&) = delete;

  /// Waits while the queue is full. False, with `value` dropped, once the queue is closed.
  [[nodiscard]] bool push(T value) {
    Lock lock(mutex_);
    lock.wait(not_full_, [&]() TRIAGED_REQUIRES(mutex_) { return closed_ || items_.size() < capacity_; });
    if (closed_) return false;
    items_.push_back(std::move(value));
    lock.unlock();
    not_empty_.notify_one();
    return true;
  }

  /// Never waits. False, with `value` untouched, when the queue is full or closed.
  [[nodiscard]] bool try_push(T& value) {
    {
      const Lock lock(mutex_);
      if (closed_ || items_.size() >= capacity_) return false;
      items_.push_back(std::move(value));
    }
    not_empty_.notify_one();
    return true;
  }

  /// Waits for a value; nullopt when the queue is closed and empty.
  [[nodiscard]] std::optional<T> pop() {
    Lock lock(mutex_);
    lock.wait(not_empty_, [&]() TRIAGED_REQUIRES(mutex_) { return closed_ || !items_.empty(); });
    return take();
  }

  /// As pop(), but gives up with nullopt at `deadline`; is_finished() tells the two apart.
  template <typename Clock, typename Duration>
  [[nodiscard]] std::optional<T> pop_until(std::chrono::time_point<Clock, Duration> deadline) {
    Lock lock(mutex_);
    lock.wait_until(not_empty_, deadline, [&]() TRIAGED_REQUIRES(mutex_) { return closed_ || !items_.empty(); });
    return take();
  }

  void close() {
    {
      const Lock lock(mutex_);
      closed_ = true;
    }
    not_full_.notify_all();
    not_empty_.notify_all();
  }

  /// True when no value will ever come again.
  [[nodiscard]] bool is_finished() const {
    const Lock lock(mutex_);
    return closed_ && items_.empty();
  }

  [[nodiscard]] std::size_t depth() const {
    const Lock lock(mutex_);
    return items_.size();
  }
  [[nodiscard]] std::size_t capacity() const { return capacity_; }

 private:
  std::optional<T> take() TRIAGED_REQUIRES(mutex_) {
    if (items_.empty()) return std::nullopt;
    std::optional<T> value(std::move(items_.front()));
    items_.pop_front();
    not_full_.notify_one();
    return value;
  }

  const std::size_t capacity_;
  mutable Mutex mutex_;
  std::condition_variable not_full_, not_empty_;
  std::deque<T> items_ TRIAGED_GUARDED_BY(mutex_);
  bool closed_ TRIAGED_GUARDED_BY(mutex_) = false;
};

}  // namespace triaged::inline base
