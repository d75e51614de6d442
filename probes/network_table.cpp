#include "probes/network_table.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include <fmt/format.h>

#include "probes/host_files.hpp"

namespace triaged::probes {

namespace {

// The kernel writes listening sockets before all others, so these bytes hold some 25,000 of them.
constexpr std::size_t most_bytes = 4 * 1024 * 1024;

Listener unknown_listener(std::string why) { return {.state = Listener::State::unknown, .why = std::move(why)}; }

/// The sockets of a table that listen, until `is_wanted` takes one. nullopt: the table was too long to say.
template <typename IsWanted>
std::optional<Listener> scan_table(const FileText& table, IsWanted is_wanted) {
  constexpr std::string_view listening = "0A";
  std::string_view text = table.text;
  (void)take_line(text);  // the names of the columns
  bool is_past_listeners = false;
  while (!text.empty()) {
    const auto words = words_of(take_line(text));
    if (words.size() < 10) continue;
    if (words[3] != listening) {
      is_past_listeners = true;
      continue;
    }
    const auto bound = parse_kernel_address(words[1]);
    if (!bound || !is_wanted(*bound)) continue;
    return Listener{.state = Listener::State::there,
                    .address = address_text(*bound),
                    .socket = whole_number(words[9]).value_or(0),
                    .why = ""};
  }
  if (table.is_cut && !is_past_listeners) return std::nullopt;
  return Listener{.state = Listener::State::absent};
}

/// A socket bound to all IPv6 addresses takes IPv4 too unless it was told not to, which the table does not say: it is
/// the kernel's default, and what Go, Java and Node.js do.
bool takes(const SocketAddress& bound, const IpAddress& wanted, std::uint16_t port) {
  return bound.port == port &&
         (bound.ip == wanted || bound.ip == any_ipv6 || (bound.ip == any_ipv4 && is_ipv4(wanted)));
}

bool is_local_ipv4(const IpAddress& ip, const std::filesystem::path& net) {
  const auto trie = read_host_file(net / "fib_trie", most_bytes);
  if (!trie) return false;
  const auto leaf = fmt::format("|-- {}.{}.{}.{}", ip[12], ip[13], ip[14], ip[15]);
  std::string_view text = trie->text;
  bool is_leaf = false;
  while (!text.empty()) {
    const auto line = take_line(text);
    if (line.find("|-- ") != std::string_view::npos) {
      is_leaf = line.ends_with(leaf);
    } else if (is_leaf && line.find("/32 host LOCAL") != std::string_view::npos) {
      return true;
    }
  }
  return false;
}

bool is_local_ipv6(const IpAddress& ip, const std::filesystem::path& net) {
  const auto table = read_host_file(net / "if_inet6", most_bytes);
  if (!table) return false;
  std::string digits;
  for (const auto byte : ip) digits += fmt::format("{:02x}", byte);
  std::string_view text = table->text;
  while (!text.empty()) {
    if (take_line(text).starts_with(digits)) return true;
  }
  return false;
}

bool is_local(const IpAddress& ip, const std::filesystem::path& net) {
  return is_loopback(ip) || (is_ipv4(ip) ? is_local_ipv4(ip, net) : is_local_ipv6(ip, net));
}

Listener find_ip_listener(const std::vector<IpAddress>& wanted, std::uint16_t port, const std::filesystem::path& net) {
  const auto four = read_host_file(net / "tcp", most_bytes);
  if (!four) return unknown_listener("the table of sockets cannot be read");
  const auto six = read_host_file(net / "tcp6", most_bytes);  // a kernel without IPv6 has none
  const auto is_wanted = [&](const SocketAddress& bound) {
    return std::any_of(wanted.begin(), wanted.end(), [&](const auto& ip) { return takes(bound, ip, port); });
  };
  const auto found = scan_table(*four, is_wanted);
  if (found && found->state == Listener::State::there) return *found;
  const auto found_six = scan_table(six.value_or(FileText{}), is_wanted);
  if (found_six && found_six->state == Listener::State::there) return *found_six;
  if (!found || !found_six) return unknown_listener("there are too many listening sockets");
  return *found;
}

// "…: 00000002 00000000 00010000 0001 01 4189 /run/shop.sock": a stream that was told to listen.
Listener find_unix_listener(const std::string& path, const std::filesystem::path& net) {
  const auto table = read_host_file(net / "unix", most_bytes);
  if (!table) return unknown_listener("the table of Unix sockets cannot be read");
  constexpr std::string_view listening = "00010000";
  std::string_view text = table->text;
  while (!text.empty()) {
    const auto line = take_line(text);
    const auto words = words_of(line);
    if (words.size() < 8 || words[3] != listening || !line.ends_with(" " + path)) continue;
    return {.state = Listener::State::there,
            .address = "unix:" + path,
            .socket = whole_number(words[6]).value_or(0),
            .why = ""};
  }
  if (table->is_cut) return unknown_listener("there are too many Unix sockets");
  return {.state = Listener::State::absent};
}

}  // namespace

Listener find_listener(const SocketAddress& address, const std::filesystem::path& net) {
  constexpr IpAddress local_ipv6 = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
  IpAddress local_ipv4 = any_ipv4;
  local_ipv4[12] = 127;
  local_ipv4[15] = 1;
  if (!address.path.empty()) return find_unix_listener(address.path, net);
  if (address.is_localhost) return find_ip_listener({local_ipv4, local_ipv6}, address.port, net);
  // A connection to "all addresses" goes to this host.
  const auto ip = address.ip == any_ipv4 ? local_ipv4 : address.ip == any_ipv6 ? local_ipv6 : address.ip;
  if (is_local(ip, net)) return find_ip_listener({ip}, address.port, net);
  return unknown_listener(fmt::format("{} is no address of this host", address_text(address)));
}

}  // namespace triaged::probes
