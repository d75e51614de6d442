// libsystemd's own sd_notify() waits while the service manager does not read its socket, and so would the io thread.
// Here nothing waits. What the manager must know (ready, reloading, stopping) is kept and sent again with the next
// message; a status or a sign of life that finds no room is forgotten, because the next one replaces it.
#include "daemon/service_manager.hpp"

#include <cerrno>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <string_view>

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <systemd/sd-daemon.h>
#include <time.h>
#include <unistd.h>

namespace triaged::daemon {

namespace {

// READY and RELOADING of that many reloads. A manager that has not read for so long learns the newest of them.
constexpr std::size_t most_kept = 32;

enum class SendOutcome { sent, try_again, never };

class ServiceManager {
 public:
  /// Sent now or, when the manager does not read now, with a later message.
  void tell_for_sure(std::string message) {
    const Lock lock(mutex_);
    kept_.push_back(std::move(message));
    if (kept_.size() > most_kept) kept_.pop_front();
    (void)send_kept();
  }

  /// False: the manager does not read now.
  bool tell(std::string_view message) {
    const Lock lock(mutex_);
    return send_kept() && send(message) != SendOutcome::try_again;
  }

 private:
  /// False: some are left, and nothing may overtake them.
  bool send_kept() TRIAGED_REQUIRES(mutex_) {
    while (!kept_.empty()) {
      if (send(kept_.front()) == SendOutcome::try_again) return false;
      kept_.pop_front();
    }
    return true;
  }

  /// The environment is read each time, as sd_notify() does; the socket is kept, so that running out of descriptors
  /// does not make us look dead.
  SendOutcome send(std::string_view message) TRIAGED_REQUIRES(mutex_) {
    const char* name = std::getenv("NOTIFY_SOCKET");
    sockaddr_un address{};
    const auto length = name == nullptr ? 0 : std::strlen(name);
    const bool is_abstract = length > 1 && name[0] == '@';
    if (length == 0 || length >= sizeof(address.sun_path) || !(is_abstract || name[0] == '/'))
      return SendOutcome::never;
    if (socket_ < 0) socket_ = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (socket_ < 0) return SendOutcome::try_again;
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, name, length);
    if (is_abstract) address.sun_path[0] = '\0';
    // An abstract name ends with the address, a path with its NUL.
    const auto size = offsetof(sockaddr_un, sun_path) + length + (is_abstract ? 0 : 1);
    const auto sent = ::sendto(socket_, message.data(), message.size(), MSG_DONTWAIT | MSG_NOSIGNAL,
                               reinterpret_cast<const sockaddr*>(&address), static_cast<socklen_t>(size));
    if (sent >= 0) return SendOutcome::sent;
    return errno == EAGAIN || errno == ENOBUFS || errno == EINTR ? SendOutcome::try_again : SendOutcome::never;
  }

  Mutex mutex_;
  int socket_ TRIAGED_GUARDED_BY(mutex_) = -1;  // open until the process ends
  std::deque<std::string> kept_ TRIAGED_GUARDED_BY(mutex_);
};

/// Signs of life come from several threads, to the end of the process.
ServiceManager& manager() {
  static ServiceManager the_manager;
  return the_manager;
}

}  // namespace

void tell_ready() { manager().tell_for_sure("READY=1"); }

void tell_reloading() {
  // Type=notify-reload (systemd 253) wants the time of the reload with it; older ones ignore it.
  timespec moment{};
  ::clock_gettime(CLOCK_MONOTONIC, &moment);
  manager().tell_for_sure(
      fmt::format("RELOADING=1\nMONOTONIC_USEC={}", moment.tv_sec * 1'000'000 + moment.tv_nsec / 1000));
}

void tell_stopping() { manager().tell_for_sure("STOPPING=1"); }

bool tell_status(const std::string& status) { return manager().tell("STATUS=" + status); }

void tell_alive() { (void)manager().tell("WATCHDOG=1"); }

std::optional<std::chrono::microseconds> watchdog_interval() {
  std::uint64_t microseconds = 0;
  if (sd_watchdog_enabled(0, &microseconds) <= 0) return std::nullopt;
  return std::chrono::microseconds(microseconds / 2);
}

SignsOfLife::SignsOfLife(std::chrono::steady_clock::duration longest) {
  const auto interval = watchdog_interval();
  if (!interval) return;
  thread_ = std::thread([this, interval = *interval, end = std::chrono::steady_clock::now() + longest] {
    Lock lock(mutex_);
    while (!is_over_ && std::chrono::steady_clock::now() < end) {
      tell_alive();
      lock.wait_for(changed_, interval, [&]() TRIAGED_REQUIRES(mutex_) { return is_over_; });
    }
  });
}

SignsOfLife::~SignsOfLife() {
  {
    const Lock lock(mutex_);
    is_over_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

}  // namespace triaged::daemon
