// Who sent a message, by what the kernel says of the socket: nothing in the message itself is believed for it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <sys/socket.h>

namespace triaged::sources {

/// Where senders are, for counting: there are few of these, and any number of senders.
enum class SenderClass { local, loopback, private_network, elsewhere };
inline constexpr std::size_t sender_classes = 4;
[[nodiscard]] std::string_view name_of(SenderClass sender_class);

struct Sender {
  std::string name;  // "10.0.0.7", "pid 1204"; of a socket that tells nothing "local"
  /// Of its messages, Envelope::stream. Processes come and go, so all that write to a unix socket have one: "local".
  std::string stream;
  std::string host;  // what stands for the host of a message that names none; empty: this one
  SenderClass sender_class = SenderClass::local;
};

[[nodiscard]] Sender sender_at(const sockaddr_storage& address);
/// Whoever wrote to a unix socket; 0: a process that cannot be seen from here.
[[nodiscard]] Sender sender_with_pid(pid_t pid);

}  // namespace triaged::sources
