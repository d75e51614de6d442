// A socket that is bound to an address at which syslog is received. Never waits.
#pragma once

#include <cstdint>
#include <string>

#include "base/descriptor.hpp"
#include "base/result.hpp"
#include "sources/syslog/listen_address.hpp"

namespace triaged::sources {

/// The file of a unix socket; deleted with this, unless another one stands at its path by then.
class SocketFile {
 public:
  SocketFile() = default;
  /// REQUIRES: a socket was just bound to `path`.
  explicit SocketFile(std::string path);
  SocketFile(SocketFile&& other) noexcept;
  SocketFile& operator=(SocketFile&& other) noexcept;
  ~SocketFile();

  /// As chmod does.
  [[nodiscard]] Result<void> set_mode(unsigned mode) const;

 private:
  std::string path_;
  std::uint64_t device_ = 0, inode_ = 0;
};

struct BoundSocket {
  Descriptor socket;  // one of connections listens
  SocketFile file;
};

/// A unix socket gets the mode `socket_mode` before anybody can reach it. A file that nobody listens at any more is
/// replaced; one that somebody does, or that is no socket, is an error and stays. The error names the address, the
/// reason, and what to do.
[[nodiscard]] Result<BoundSocket> bind_socket(const ListenAddress& address, unsigned socket_mode);

}  // namespace triaged::sources
