// address-configured, address-not-configured: does the address that failed still stand in the proxy's configuration
// files? When it does not, the proxy runs with an older configuration than the one on disk.
#include <algorithm>
#include <cctype>

#include <fmt/format.h>

#include "base/host_and_port.hpp"
#include "base/utf8.hpp"
#include "probes/probe_kinds.hpp"
#include "probes/proxy_configuration.hpp"
#include "probes/socket_address.hpp"

namespace triaged::probes {

namespace {

/// "127.0.0.1:8003" of "http://127.0.0.1:8003/api".
std::string_view address_in(std::string_view word) {
  const auto scheme = word.find("://");
  if (scheme != std::string_view::npos) word.remove_prefix(scheme + 3);
  if (word.starts_with("unix:")) return word.substr(0, word.find(':', 5));
  return word.substr(0, word.find('/'));
}

/// A name or a variable may mean any address.
bool may_mean(std::string_view word, const SocketAddress& address) {
  if (word.find('$') != std::string_view::npos) return word.find("://") != std::string_view::npos;
  if (!address.path.empty()) return false;
  const auto [host, port] = split_host_and_port(address_in(word));
  const auto is_letter = [](char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0; };
  const bool is_name = !parse_ip(host) && std::any_of(host.begin(), host.end(), is_letter);
  return is_name && port == std::to_string(address.port);
}

}  // namespace

Finding probe_configuration(const ProbeQuestion& question, const std::filesystem::path& root) {
  const auto address = parse_socket_address(question.subject);
  if (!address) return unknown_because("this is not an address");
  const auto configuration = read_proxy_configuration(question, root);
  if (configuration.files.empty()) return unknown_because(configuration.why);
  bool is_sure = configuration.is_whole;
  for (const auto& file : configuration.files) {
    for (const auto& word : file.words()) {
      if (address_in(word.text) == question.subject) {
        return {"address-configured",
                fmt::format("{} stands in {}:{}", question.subject, to_printable(file.path), word.line)};
      }
      is_sure = is_sure && !may_mean(word.text, *address);
    }
  }
  constexpr std::uint16_t http = 80, https = 443;  // need not be written
  if (!is_sure || address->port == http || address->port == https) {
    return unknown_because("the configuration has names or variables, or could not be read as a whole");
  }
  return {"address-not-configured",
          fmt::format("{} does not stand in {} nor in what it includes: {} runs with an older configuration",
                      question.subject, to_printable(configuration.files.front().path), question.program)};
}

}  // namespace triaged::probes
