#include "daemon/service_manager.hpp"

#include <fmt/format.h>
#include <systemd/sd-daemon.h>
#include <time.h>

namespace triaged {

void tell_ready() { sd_notify(0, "READY=1"); }

void tell_reloading() {
  // Type=notify-reload (systemd 253) wants the time of the reload with it; older ones ignore it.
  timespec moment{};
  ::clock_gettime(CLOCK_MONOTONIC, &moment);
  sd_notify(0,
            fmt::format("RELOADING=1\nMONOTONIC_USEC={}", moment.tv_sec * 1'000'000 + moment.tv_nsec / 1000).c_str());
}

void tell_stopping() { sd_notify(0, "STOPPING=1"); }

void tell_status(const std::string& status) { sd_notify(0, ("STATUS=" + status).c_str()); }

void tell_alive() { sd_notify(0, "WATCHDOG=1"); }

std::optional<std::chrono::microseconds> watchdog_interval() {
  std::uint64_t microseconds = 0;
  if (sd_watchdog_enabled(0, &microseconds) <= 0) return std::nullopt;
  return std::chrono::microseconds(microseconds / 2);
}

SignsOfLife::SignsOfLife(std::chrono::steady_clock::duration longest) {
  const auto interval = watchdog_interval();
  if (!interval) return;
  thread_ = std::thread([this, interval = *interval, end = std::chrono::steady_clock::now() + longest] {
    std::unique_lock lock(mutex_);
    while (!is_over_ && std::chrono::steady_clock::now() < end) {
      tell_alive();
      changed_.wait_for(lock, interval, [&] { return is_over_; });
    }
  });
}

SignsOfLife::~SignsOfLife() {
  {
    const std::lock_guard lock(mutex_);
    is_over_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

}  // namespace triaged
