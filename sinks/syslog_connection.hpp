// The way to a syslog receiver: a local socket, UDP or TCP. Connects when there is something to send, keeps the
// connection, and makes a new one when the old has gone.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "base/descriptor.hpp"
#include "base/result.hpp"

namespace triaged::sinks {

struct SyslogTarget {
  enum class Transport { local, udp, tcp };
  Transport transport = Transport::local;
  std::string host;  // Transport::local: the path of the socket
  std::string port;
};

/// "unix:///dev/log", "udp://host:514", "tcp://[::1]:601"; the port may be left out. An error says what is wrong.
[[nodiscard]] Result<SyslogTarget> read_syslog_target(std::string_view address);

class SyslogConnection {
 public:
  explicit SyslogConnection(SyslogTarget target) : target_(std::move(target)) {}

  /// Sends one message, framed as the transport needs it. Waits at most 5 s for each address of the host to answer, and
  /// 5 s each time that the receiver takes nothing; when a connection turns out to be dead, all of
  /// that once more. How long resolving a name takes is the system's business.
  [[nodiscard]] Result<void> send(std::string_view message);

 private:
  [[nodiscard]] Result<void> connect();
  [[nodiscard]] Result<void> connect_local();
  [[nodiscard]] Result<void> connect_to_host();
  [[nodiscard]] Result<void> send_framed(std::string_view message);
  [[nodiscard]] bool is_closed_by_peer() const;

  const SyslogTarget target_;
  Descriptor socket_;
  bool is_stream_ = false;
};

}  // namespace triaged::sinks
