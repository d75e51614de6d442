// Listening sockets of one network namespace, read from the `net` folder of a process that lives there: containers on a
// host have tables of their own, and only the one of whoever wrote the log says anything about the log.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "probes/socket_address.hpp"

namespace triaged::probes {

struct Listener {
  enum class State { there, absent, unknown };
  State state = State::unknown;
  std::string address;       // there: as it is bound, "0.0.0.0:8003"
  std::uint64_t socket = 0;  // there: its number in /proc/PID/fd
  std::string why;           // unknown
};

/// Who takes connections to `address`. Of an address that is none of this namespace nothing is known.
[[nodiscard]] Listener find_listener(const SocketAddress& address, const std::filesystem::path& net);

}  // namespace triaged::probes
