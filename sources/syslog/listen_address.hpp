// An address at which syslog is received, as the configuration writes it: "udp://127.0.0.1:5514", "tcp://[::1]:5514",
// "tls://0.0.0.0:6514", "unix:///run/triaged/log.stream", "unixgram:///run/triaged/log".
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace triaged::sources {

enum class SyslogTransport { udp, tcp, tls, unix_stream, unix_datagram };

struct ListenAddress {
  SyslogTransport transport = SyslogTransport::udp;
  std::string host;        // numeric, without brackets; empty for a unix socket
  std::uint16_t port = 0;  // 0 for a unix socket
  std::string path;        // of a unix socket, absolute

  [[nodiscard]] bool is_unix() const { return !path.empty(); }
  [[nodiscard]] bool is_datagram() const {
    return transport == SyslogTransport::udp || transport == SyslogTransport::unix_datagram;
  }
  /// Only programs of this host reach it.
  [[nodiscard]] bool is_local() const;
  /// As the configuration writes it; one address has one text.
  [[nodiscard]] std::string text() const;

  bool operator==(const ListenAddress&) const = default;
};

/// The error says what is wrong with `text` and how to write it, without quoting it.
[[nodiscard]] Result<ListenAddress> read_listen_address(std::string_view text);

}  // namespace triaged::sources
