#include "probes/listeners.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "probes/process_table.hpp"
#include "probes/proxy_configuration.hpp"
#include <fmt/format.h>

namespace triaged {

namespace {

/// A proxy goes on running when its upstream does not. An application that logs itself may be gone altogether, and then
/// the host's own table is the one to ask, if this is the host.
bool outlives_its_failures(std::string_view program) { return program == "nginx" || program == "haproxy"; }

/// HAProxy's "ipv4@127.0.0.1:8000" and "unix@/run/shop.sock".
std::optional<SocketAddress> haproxy_address(std::string_view text) {
  constexpr std::string_view socket = "unix@";
  for (const std::string_view family : {"ipv4@", "ipv6@"}) {
    if (text.starts_with(family)) text.remove_prefix(family.size());
  }
  if (text.starts_with(socket)) return parse_socket_address(fmt::format("unix:{}", text.substr(socket.size())));
  return parse_socket_address(text);
}

/// "server NAME ADDRESS …" below "backend NAME" or "listen NAME".
std::optional<SocketAddress> haproxy_server(std::string_view backend, std::string_view server,
                                            const ProxyConfiguration& configuration) {
  for (const auto& file : configuration.files) {
    std::string_view directive, section;
    bool is_in_backend = false, is_server = false;
    std::size_t place = 0;  // of the word in its directive
    for (const auto& word : file.words()) {
      place = word.is_first ? 0 : place + 1;
      if (word.is_first) {
        directive = word.text;
        is_server = false;
        constexpr std::array<std::string_view, 5> sections = {"backend", "listen", "frontend", "defaults", "global"};
        if (std::find(sections.begin(), sections.end(), directive) != sections.end()) {
          section = directive;
          is_in_backend = false;
        }
      } else if (place == 1 && directive == section && (section == "backend" || section == "listen")) {
        is_in_backend = word.text == backend;
      } else if (place == 1 && directive == "server") {
        is_server = is_in_backend && word.text == server;
      } else if (place == 2 && is_server) {
        return haproxy_address(word.text);
      }
    }
  }
  return std::nullopt;
}

}  // namespace

std::optional<SocketAddress> address_asked_for(const ProbeQuestion& question, const std::filesystem::path& root) {
  const auto slash = question.subject.find('/');
  const bool is_server = question.program == "haproxy" && slash != std::string::npos && slash > 0;
  if (!is_server) return parse_socket_address(question.subject);
  const std::string_view subject = question.subject;
  return haproxy_server(subject.substr(0, slash), subject.substr(slash + 1), read_proxy_configuration(question, root));
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

}  // namespace triaged
