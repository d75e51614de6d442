// An address as a log names it: "127.0.0.1:8003", "[::1]:8003", "localhost:8003", "unix:/run/shop.sock".
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace triaged::probes {

/// IPv6 in network order; IPv4 is kept as IPv6 does it, ::ffff:127.0.0.1.
using IpAddress = std::array<std::uint8_t, 16>;

inline constexpr IpAddress any_ipv4 = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0, 0, 0};
inline constexpr IpAddress any_ipv6 = {};

[[nodiscard]] bool is_ipv4(const IpAddress& address);
[[nodiscard]] bool is_loopback(const IpAddress& address);

struct SocketAddress {
  IpAddress ip{};
  std::uint16_t port = 0;
  std::string path;           // of a Unix socket; then the rest says nothing
  bool is_localhost = false;  // by name: 127.0.0.1 or ::1
};

/// nullopt for any other name: to know what it means would take a question to the network.
[[nodiscard]] std::optional<SocketAddress> parse_socket_address(std::string_view text);

[[nodiscard]] std::optional<IpAddress> parse_ip(std::string_view text);

/// "0100007F:1F43" or 32 digits and a port, as /proc/net/tcp and tcp6 write them.
[[nodiscard]] std::optional<SocketAddress> parse_kernel_address(std::string_view text);

/// "127.0.0.1:8003", "[::1]:8003"
[[nodiscard]] std::string address_text(const SocketAddress& address);

}  // namespace triaged::probes
