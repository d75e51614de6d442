#include "sinks/syslog_connection.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <memory>

#include <fcntl.h>
#include <fmt/format.h>
#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

#include "base/host_and_port.hpp"

namespace triaged::sinks {

namespace {

constexpr int connect_timeout_milliseconds = 5000;
constexpr timeval send_timeout = {5, 0};

Error system_error() { return error(std::strerror(errno)); }

Result<SyslogTarget> read_host_and_port(std::string_view text, SyslogTarget target) {
  std::string_view rest = text;
  if (text.starts_with('[')) {
    const auto end = text.find(']');
    if (end == std::string_view::npos) return error("a ']' is missing");
    target.host = text.substr(1, end - 1);
    rest = text.substr(end + 1);
  } else {
    target.host = text.substr(0, text.find(':'));
    rest = text.substr(target.host.size());
  }
  if (target.host.empty() || target.host.find_first_of(" /?#@") != std::string::npos) return error("there is no host");
  if (rest.empty()) return target;
  if (!rest.starts_with(':') || !port_in(rest.substr(1))) return error("the port must be 1 to 65535");
  target.port = rest.substr(1);
  return target;
}

/// Waits for a connect() under way; 0 or the error number of what became of it.
int outcome_of_connect(int socket) {
  pollfd waiting{socket, POLLOUT, 0};
  const int ready = ::poll(&waiting, 1, connect_timeout_milliseconds);
  if (ready == 0) return ETIMEDOUT;
  int failure = 0;
  socklen_t size = sizeof(failure);
  if (ready < 0 || ::getsockopt(socket, SOL_SOCKET, SO_ERROR, &failure, &size) != 0) return errno;
  return failure;
}

/// A connected socket that blocks in send() for a while at most, or none with errno set.
Descriptor connected_socket(int family, int type, const sockaddr* address, socklen_t length) {
  Descriptor socket(::socket(family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket.is_open()) return {};
  if (::connect(socket.get(), address, length) != 0) {
    const int failure = errno == EINPROGRESS ? outcome_of_connect(socket.get()) : errno;
    if (failure != 0) {
      socket.close();
      errno = failure;
      return {};
    }
  }
  ::setsockopt(socket.get(), SOL_SOCKET, SO_SNDTIMEO, &send_timeout, sizeof(send_timeout));
  ::fcntl(socket.get(), F_SETFL, ::fcntl(socket.get(), F_GETFL) & ~O_NONBLOCK);
  return socket;
}

Result<void> send_all(int socket, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto sent = ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0) return system_error();
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return {};
}

}  // namespace

Result<SyslogTarget> read_syslog_target(std::string_view address) {
  using Transport = SyslogTarget::Transport;
  if (address.starts_with("udp://")) return read_host_and_port(address.substr(6), {Transport::udp, "", "514"});
  if (address.starts_with("tcp://")) return read_host_and_port(address.substr(6), {Transport::tcp, "", "601"});
  if (!address.starts_with("unix://")) return error("it must start with unix://, udp:// or tcp://");
  const auto path = address.substr(7);
  if (!path.starts_with('/')) return error("the path of a socket must be absolute, as in unix:///dev/log");
  if (path.size() >= sizeof(sockaddr_un::sun_path)) return error("the path of the socket is too long");
  return SyslogTarget{Transport::local, std::string(path), ""};
}

Result<void> SyslogConnection::send(std::string_view message) {
  const bool was_connected = socket_.is_open() && !is_closed_by_peer();
  if (!was_connected) {
    const auto connected = connect();
    if (!connected) return connected.error();
  }
  auto sent = send_framed(message);
  if (sent || !was_connected) return sent;
  // The receiver was restarted since the last message: a new connection, once.
  const auto connected = connect();
  if (!connected) return connected.error();
  return send_framed(message);
}

Result<void> SyslogConnection::connect() {
  socket_.close();
  return target_.transport == SyslogTarget::Transport::local ? connect_local() : connect_to_host();
}

Result<void> SyslogConnection::connect_local() {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  target_.host.copy(address.sun_path, sizeof(address.sun_path) - 1);
  const auto* generic = reinterpret_cast<const sockaddr*>(&address);
  is_stream_ = false;
  socket_ = connected_socket(AF_UNIX, SOCK_DGRAM, generic, sizeof(address));
  if (!socket_.is_open() && errno == EPROTOTYPE) {
    is_stream_ = true;
    socket_ = connected_socket(AF_UNIX, SOCK_STREAM, generic, sizeof(address));
  }
  if (!socket_.is_open()) return system_error();
  return {};
}

Result<void> SyslogConnection::connect_to_host() {
  is_stream_ = target_.transport == SyslogTarget::Transport::tcp;
  addrinfo hints{};
  hints.ai_socktype = is_stream_ ? SOCK_STREAM : SOCK_DGRAM;
  hints.ai_flags = AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const int failure = ::getaddrinfo(target_.host.c_str(), target_.port.c_str(), &hints, &found);
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> addresses(found, &::freeaddrinfo);
  if (failure != 0) return error(::gai_strerror(failure));
  for (const auto* address = addresses.get(); address != nullptr; address = address->ai_next) {
    socket_ = connected_socket(address->ai_family, address->ai_socktype, address->ai_addr, address->ai_addrlen);
    if (socket_.is_open()) return {};
  }
  return system_error();
}

Result<void> SyslogConnection::send_framed(std::string_view message) {
  std::string framed;
  if (target_.transport == SyslogTarget::Transport::tcp) {
    framed = fmt::format("{} {}", message.size(), message);  // RFC 6587, 3.4.1: octet counting
  } else {
    framed = message;
    if (is_stream_) framed += '\n';  // a local stream socket: lines, as syslog-ng reads them
  }
  const auto sent = send_all(socket_.get(), framed);
  // Half a frame would spoil all that follow it on this connection.
  if (!sent) socket_.close();
  return sent;
}

/// A receiver that closed its end takes our next message without an error and throws it away. This notices.
bool SyslogConnection::is_closed_by_peer() const {
  if (!is_stream_) return false;
  std::array<char, 256> ignored{};
  while (true) {
    const auto received = ::recv(socket_.get(), ignored.data(), ignored.size(), MSG_DONTWAIT);
    if (received == 0) return true;
    if (received < 0) return errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR;
  }
}

}  // namespace triaged::sinks
