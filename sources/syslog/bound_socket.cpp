#include "sources/syslog/bound_socket.hpp"

#include <cerrno>
#include <cstring>
#include <utility>

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

namespace triaged::sources {

namespace {

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t size = 0;

  [[nodiscard]] const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
};

template <class Address>
SocketAddress stored(const Address& address) {
  SocketAddress result;
  std::memcpy(&result.storage, &address, sizeof(address));
  result.size = sizeof(address);
  return result;
}

SocketAddress socket_address(const ListenAddress& address) {
  if (address.is_unix()) {
    sockaddr_un local{};
    local.sun_family = AF_UNIX;
    std::memcpy(local.sun_path, address.path.data(), address.path.size());
    return stored(local);
  }
  if (sockaddr_in6 ipv6{}; ::inet_pton(AF_INET6, address.host.c_str(), &ipv6.sin6_addr) == 1) {
    ipv6.sin6_family = AF_INET6;
    ipv6.sin6_port = htons(address.port);
    return stored(ipv6);
  }
  sockaddr_in ipv4{};
  ipv4.sin_family = AF_INET;
  ipv4.sin_port = htons(address.port);
  ::inet_pton(AF_INET, address.host.c_str(), &ipv4.sin_addr);
  return stored(ipv4);
}

Error failure(const ListenAddress& address, std::string_view why, std::string_view what_to_do) {
  return error(fmt::format("cannot receive syslog at {}: {}{}{}", address.text(), why, what_to_do.empty() ? "" : "; ",
                           what_to_do));
}

std::string advice_for(int why, const ListenAddress& address) {
  if (why == EADDRINUSE && !address.is_unix()) {
    return fmt::format("'ss -{}lpn sport = :{}' shows which program listens there", address.is_datagram() ? "u" : "t",
                       address.port);
  }
  if (why == EACCES && !address.is_unix()) return "a port below 1024 needs CAP_NET_BIND_SERVICE: take one above";
  if (why == EADDRNOTAVAIL) return "no interface of this host has this address: 'ip address' lists those that do";
  if (why == ENOENT) return "make the folder first";
  if (why == EACCES) return "the user of triaged must be allowed to write into the folder";
  return {};
}

/// Whether somebody listens at the socket.
bool is_alive(const SocketAddress& at, int type) {
  const Descriptor probe(::socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  return !probe.is_open() || ::connect(probe.get(), at.get(), at.size) == 0 ||
         (errno != ECONNREFUSED && errno != ENOENT);
}

/// Makes room at the path of a unix socket.
Result<void> clear_path(const ListenAddress& address, const SocketAddress& at, int type) {
  struct stat found {};
  if (::lstat(address.path.c_str(), &found) != 0) return {};
  if (!S_ISSOCK(found.st_mode)) {
    return failure(address, "something that is no socket stands at this path", "move it away, or take another path");
  }
  if (is_alive(at, type)) {
    return failure(address, "another program listens there", fmt::format("'ss -xlp src {}' shows which", address.path));
  }
  if (::unlink(address.path.c_str()) != 0 && errno != ENOENT) {
    return failure(address, std::strerror(errno), "nobody listens at the socket that stands there: delete it");
  }
  return {};
}

}  // namespace

SocketFile::SocketFile(std::string path) : path_(std::move(path)) {
  struct stat status {};
  if (::lstat(path_.c_str(), &status) != 0) path_.clear();
  device_ = status.st_dev;
  inode_ = status.st_ino;
}

SocketFile::SocketFile(SocketFile&& other) noexcept
    : path_(std::exchange(other.path_, {})), device_(other.device_), inode_(other.inode_) {}

SocketFile& SocketFile::operator=(SocketFile&& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(device_, other.device_);
  std::swap(inode_, other.inode_);
  return *this;
}

SocketFile::~SocketFile() {
  struct stat status {};
  if (path_.empty() || ::lstat(path_.c_str(), &status) != 0) return;
  if (status.st_dev == device_ && status.st_ino == inode_) ::unlink(path_.c_str());
}

Result<void> SocketFile::set_mode(unsigned mode) const {
  if (path_.empty() || ::chmod(path_.c_str(), mode) == 0) return {};
  return error(fmt::format("cannot set the mode of {}: {}", path_, std::strerror(errno)));
}

Result<BoundSocket> bind_socket(const ListenAddress& address, unsigned socket_mode) {
  const auto at = socket_address(address);
  const int type = address.is_datagram() ? SOCK_DGRAM : SOCK_STREAM;
  if (address.is_unix()) {
    if (auto cleared = clear_path(address, at, type); !cleared) return cleared.error();
  }
  BoundSocket bound{.socket = Descriptor(::socket(at.storage.ss_family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)),
                    .file = {}};
  if (!bound.socket.is_open()) return failure(address, std::strerror(errno), "");
  const int socket = bound.socket.get();
  const int yes = 1;
  if (!address.is_datagram()) ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
  // The file comes into being with the mode that its socket has by then, so nobody slips in before chmod().
  if (address.is_unix()) ::fchmod(socket, socket_mode);
  if (::bind(socket, at.get(), at.size) != 0) {
    const int why = errno;
    return failure(address, std::strerror(why), advice_for(why, address));
  }
  if (address.is_unix()) {
    bound.file = SocketFile(address.path);
    if (auto done = bound.file.set_mode(socket_mode); !done) return done.error();
  }
  if (!address.is_datagram() && ::listen(socket, SOMAXCONN) != 0) {
    const int why = errno;
    return failure(address, std::strerror(why), advice_for(why, address));
  }
  return bound;
}

}  // namespace triaged::sources
