// Talks to systemd when it started us (sd_notify(3)), and is silent otherwise.
#pragma once

#include <chrono>
#include <optional>
#include <string>

namespace triaged {

void tell_ready();
void tell_reloading();
void tell_stopping();
void tell_status(const std::string& status);
void tell_alive();

/// Half of the interval in which systemd wants a sign of life; nullopt when it does not watch.
[[nodiscard]] std::optional<std::chrono::microseconds> watchdog_interval();

}  // namespace triaged
