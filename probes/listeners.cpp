#include "probes/listeners.hpp"

#include <optional>

#include <fmt/format.h>

#include "probes/process_table.hpp"
#include "probes/proxy_configuration.hpp"
#include "topology/read_haproxy.hpp"

namespace triaged::probes {

namespace {

/// A proxy goes on running when its upstream does not. An application that logs itself may be gone altogether, and then
/// the host's own table is the one to ask, if this is the host.
bool outlives_its_failures(std::string_view program) { return program == "nginx" || program == "haproxy"; }

/// `server` is "backend/server". A name ("localhost") may be any of its addresses.
std::optional<SocketAddress> haproxy_server(std::string_view server, const ProxyConfiguration& configuration) {
  for (const auto& file : configuration.files) {
    const auto servers = topology::haproxy_servers(file.text);
    if (const auto found = servers.find(server); found != servers.end())
      return parse_socket_address(topology::without_family(found->second));
  }
  return std::nullopt;
}

}  // namespace

std::optional<SocketAddress> address_asked_for(const ProbeQuestion& question, const std::filesystem::path& root) {
  const auto slash = question.subject.find('/');
  const bool is_server = question.program == "haproxy" && slash != std::string::npos && slash > 0;
  if (!is_server) return parse_socket_address(question.subject);
  return haproxy_server(question.subject, read_proxy_configuration(question, root));
}

Listener listener_of(const ProbeQuestion& question, const SocketAddress& address, const std::filesystem::path& root) {
  const auto writers = writers_of(question, root);
  std::optional<Listener> found;
  for (const auto& writer : writers) {
    auto one = find_listener(address, root / fmt::format("proc/{}/net", writer.number));
    if (one.state == Listener::State::unknown) return one;
    if (found && found->state != one.state) return {.why = fmt::format("it depends on which {}", question.program)};
    found = std::move(one);
  }
  if (found) return std::move(*found);
  if (outlives_its_failures(question.program)) {
    return {.why = fmt::format("no process of {} is to be seen here", question.program)};
  }
  if (!shows_whole_host(root)) return {.why = may_be_elsewhere};
  return find_listener(address, root / "proc/self/net");
}

}  // namespace triaged::probes
