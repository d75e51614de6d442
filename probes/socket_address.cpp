#include "probes/socket_address.hpp"

#include <algorithm>
#include <charconv>
#include <cstring>

#include <arpa/inet.h>
#include <fmt/format.h>

#include "base/host_and_port.hpp"
#include "base/ip_address.hpp"
#include "probes/host_files.hpp"

namespace triaged::probes {

namespace {

constexpr std::string_view unix_mark = "unix:";
constexpr std::size_t longest_ip = 45;

IpAddress mapped(const in_addr& four) {
  IpAddress ip = any_ipv4;
  std::memcpy(ip.data() + 12, &four, 4);
  return ip;
}

/// A word of four bytes, written as a number of this machine.
bool parse_word(std::string_view digits, std::uint8_t* into) {
  std::uint32_t word = 0;
  const auto [end, failure] = std::from_chars(digits.data(), digits.data() + digits.size(), word, 16);
  if (failure != std::errc() || end != digits.data() + digits.size()) return false;
  std::memcpy(into, &word, sizeof word);
  return true;
}

}  // namespace

bool is_ipv4(const IpAddress& address) { return std::equal(address.begin(), address.begin() + 12, any_ipv4.begin()); }

bool is_loopback(const IpAddress& address) {
  constexpr IpAddress one = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
  return (is_ipv4(address) && address[12] == 127) || address == one;
}

std::optional<IpAddress> parse_ip(std::string_view text) {
  if (text.empty() || text.size() > longest_ip) return std::nullopt;
  const std::string ended(text);
  in_addr four{};
  if (::inet_pton(AF_INET, ended.c_str(), &four) == 1) return mapped(four);
  IpAddress ip{};
  if (::inet_pton(AF_INET6, ended.c_str(), ip.data()) == 1) return ip;
  return std::nullopt;
}

std::optional<SocketAddress> parse_socket_address(std::string_view text) {
  SocketAddress address;
  if (text.starts_with(unix_mark)) {
    address.path = text.substr(unix_mark.size());
    if (!is_plain_path(address.path)) return std::nullopt;
    return address;
  }
  const auto [host, digits] = split_host_and_port(text);
  const auto port = port_in(digits.value_or(""));
  if (!port) return std::nullopt;
  address.port = *port;
  if (host == "localhost") {
    address.is_localhost = true;
    return address;
  }
  const auto bare = without_brackets(host);
  const auto ip = parse_ip(bare);
  const bool is_bracketed = bare.size() != host.size();
  if (!ip || is_bracketed != (bare.find(':') != std::string_view::npos)) return std::nullopt;
  address.ip = *ip;
  return address;
}

std::optional<SocketAddress> parse_kernel_address(std::string_view text) {
  const auto colon = text.find(':');
  if (colon != 8 && colon != 32) return std::nullopt;
  SocketAddress address;
  const auto port = text.substr(colon + 1);
  const auto [end, failure] = std::from_chars(port.data(), port.data() + port.size(), address.port, 16);
  if (failure != std::errc() || end != port.data() + port.size()) return std::nullopt;
  if (colon == 8) {
    address.ip = any_ipv4;
    if (!parse_word(text.substr(0, 8), address.ip.data() + 12)) return std::nullopt;
    return address;
  }
  for (std::size_t word = 0; word < 4; ++word) {
    if (!parse_word(text.substr(word * 8, 8), address.ip.data() + word * 4)) return std::nullopt;
  }
  return address;
}

std::string address_text(const SocketAddress& address) {
  if (!address.path.empty()) return "unix:" + address.path;
  if (address.is_localhost) return fmt::format("localhost:{}", address.port);
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (is_ipv4(address.ip)) {
    ::inet_ntop(AF_INET, address.ip.data() + 12, text.data(), text.size());
  } else {
    ::inet_ntop(AF_INET6, address.ip.data(), text.data(), text.size());
  }
  return joined_host_and_port(text.data(), address.port);
}

}  // namespace triaged::probes
