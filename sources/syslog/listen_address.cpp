#include "sources/syslog/listen_address.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <iterator>

#include <fmt/format.h>
#include <sys/un.h>

#include "base/host_and_port.hpp"
#include "base/ip_address.hpp"

namespace triaged::sources {

namespace {

struct Scheme {
  std::string_view name;
  SyslogTransport transport;
};

constexpr std::array schemes{Scheme{"udp://", SyslogTransport::udp}, Scheme{"tcp://", SyslogTransport::tcp},
                             Scheme{"tls://", SyslogTransport::tls}, Scheme{"unix://", SyslogTransport::unix_stream},
                             Scheme{"unixgram://", SyslogTransport::unix_datagram}};

constexpr std::size_t longest_path = sizeof(sockaddr_un::sun_path) - 1;

Result<ListenAddress> read_path(ListenAddress address, std::string_view path) {
  if (!path.starts_with('/')) return error("the path of the socket must be absolute: unixgram:///run/triaged/log");
  address.path = std::filesystem::path(path).lexically_normal();
  if (address.path.size() > longest_path) {
    return error(fmt::format("the path of a socket has at most {} bytes", longest_path));
  }
  return address;
}

}  // namespace

bool ListenAddress::is_local() const { return is_unix() || host.starts_with("127.") || host == "::1"; }

std::string ListenAddress::text() const {
  const auto* scheme = std::ranges::find(schemes, transport, &Scheme::transport);
  return std::string(scheme->name) + (is_unix() ? path : joined_host_and_port(host, port));
}

Result<ListenAddress> read_listen_address(std::string_view text) {
  const auto* scheme = std::ranges::find_if(schemes, [&](const Scheme& each) { return text.starts_with(each.name); });
  if (scheme == std::end(schemes)) {
    return error("an address begins with udp://, tcp://, tls://, unix:// or unixgram://, such as udp://127.0.0.1:5514");
  }
  ListenAddress address{.transport = scheme->transport, .host = {}, .path = {}};
  const auto rest = text.substr(scheme->name.size());
  if (address.transport == SyslogTransport::unix_stream || address.transport == SyslogTransport::unix_datagram) {
    return read_path(std::move(address), rest);
  }
  const auto [host, port] = split_host_and_port(rest);
  const auto number = port ? port_in(*port) : std::nullopt;
  if (!number) return error(fmt::format("the port is missing or is none: write {}127.0.0.1:5514", scheme->name));
  address.host = without_brackets(host);
  const bool is_bracketed = address.host.size() < host.size();
  if (!(is_bracketed ? is_ipv6(address.host) : is_ipv4(address.host))) {
    return error("the host must be a number, such as 127.0.0.1, 0.0.0.0 or [::1]");
  }
  address.port = *number;
  return address;
}

}  // namespace triaged::sources
