#include "daemon/signals.hpp"

#include <cerrno>
#include <csignal>
#include <utility>

#include <pthread.h>

namespace triaged::daemon {

namespace {

sigset_t watched() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGHUP);
  return signals;
}

timespec timespec_of(std::chrono::nanoseconds duration) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(duration);
  return {static_cast<time_t>(seconds.count()), static_cast<long>((duration - seconds).count())};
}

}  // namespace

void block_signals() {
  const auto signals = watched();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);
}

SignalWatch::SignalWatch(Clock::duration longest_stop, std::function<void()> too_late)
    : thread_([this, longest_stop, too_late = std::move(too_late)] { run(longest_stop, too_late); }) {}

SignalWatch::~SignalWatch() {
  {
    const Lock lock(mutex_);
    is_ending_ = true;
  }
  ::pthread_kill(thread_.native_handle(), SIGHUP);  // wakes it
  thread_.join();
}

void SignalWatch::run(Clock::duration longest_stop, const std::function<void()>& too_late) {
  const auto signals = watched();
  // So often it is looked whether a stop was asked for by receive().
  constexpr auto longest_wait = std::chrono::seconds(1);
  while (true) {
    const auto asked_at = asked_to_stop_at();
    Clock::duration wait = longest_wait;
    if (asked_at) {
      wait = std::min<Clock::duration>(wait, *asked_at + longest_stop - Clock::now());
      if (wait <= Clock::duration::zero()) return too_late();
    }
    const auto limit = timespec_of(wait);
    const int number = ::sigtimedwait(&signals, nullptr, &limit);
    {
      const Lock lock(mutex_);
      if (is_ending_) return;
    }
    if (number > 0) receive(number == SIGHUP ? Signal::reload : Signal::stop);
  }
}

void SignalWatch::receive(Signal signal) {
  const Lock lock(mutex_);
  if (signal == Signal::stop) {
    if (!asked_to_stop_at_) asked_to_stop_at_ = Clock::now();
    stop_.request_stop();
  }
  if (listener_) {
    listener_(signal);
  } else if (missed_ != Signal::stop) {
    missed_ = signal;
  }
}

std::optional<SignalWatch::Clock::time_point> SignalWatch::asked_to_stop_at() const {
  const Lock lock(mutex_);
  return asked_to_stop_at_;
}

void SignalWatch::listen(std::function<void(Signal)> listener) {
  const Lock lock(mutex_);
  listener_ = std::move(listener);
  if (const auto missed = std::exchange(missed_, std::nullopt)) listener_(*missed);
}

void SignalWatch::stop_listening() {
  const Lock lock(mutex_);
  listener_ = nullptr;
}

}  // namespace triaged::daemon
