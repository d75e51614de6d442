// A host and a port in one text, as logs and configurations write it: "127.0.0.1:8003", "[::1]:8003", "localhost:8003".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace triaged::inline base {

struct HostAndPort {
  std::string_view host;                 // as written, also its brackets
  std::optional<std::string_view> port;  // behind the last colon; nothing behind a colon is an empty one
};

/// Only takes the text apart: neither part need be what its name says. "[::1]" has no port.
[[nodiscard]] HostAndPort split_host_and_port(std::string_view text);

/// A whole number from 1 to 65535 and nothing else.
[[nodiscard]] std::optional<std::uint16_t> port_in(std::string_view digits);

/// "127.0.0.1:8003"; "[::1]:8003" of the host "::1".
[[nodiscard]] std::string joined_host_and_port(std::string_view host, std::uint16_t port);

}  // namespace triaged::inline base
