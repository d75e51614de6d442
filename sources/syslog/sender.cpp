#include "sources/syslog/sender.hpp"

#include <array>
#include <cstring>

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>

namespace triaged::sources {

namespace {

SenderClass class_of_ipv4(std::uint32_t address) {
  if (address >> 24 == 127) return SenderClass::loopback;
  const bool is_private = address >> 24 == 10 || address >> 20 == 0xac1 || address >> 16 == 0xc0a8 ||
                          address >> 22 == 0x191 || address >> 16 == 0xa9fe;  // RFC 1918, 6598, 3927
  return is_private ? SenderClass::private_network : SenderClass::elsewhere;
}

SenderClass class_of_ipv6(const in6_addr& address) {
  if (IN6_IS_ADDR_LOOPBACK(&address)) return SenderClass::loopback;
  const bool is_private = (address.s6_addr[0] & 0xfe) == 0xfc || IN6_IS_ADDR_LINKLOCAL(&address);
  return is_private ? SenderClass::private_network : SenderClass::elsewhere;
}

Sender named(std::string name, SenderClass sender_class) {
  Sender sender{.name = std::move(name), .stream = {}, .host = {}, .sender_class = sender_class};
  sender.stream = sender.name;
  if (sender_class != SenderClass::loopback) sender.host = sender.name;
  return sender;
}

Sender at_ipv4(const in_addr& address) {
  std::array<char, INET_ADDRSTRLEN> text{};
  ::inet_ntop(AF_INET, &address, text.data(), text.size());
  return named(text.data(), class_of_ipv4(ntohl(address.s_addr)));
}

}  // namespace

std::string_view name_of(SenderClass sender_class) {
  switch (sender_class) {
    case SenderClass::local:
      return "local";
    case SenderClass::loopback:
      return "loopback";
    case SenderClass::private_network:
      return "private";
    case SenderClass::elsewhere:
      break;
  }
  return "elsewhere";
}

Sender sender_at(const sockaddr_storage& address) {
  if (address.ss_family == AF_INET) {
    sockaddr_in ipv4{};
    std::memcpy(&ipv4, &address, sizeof(ipv4));
    return at_ipv4(ipv4.sin_addr);
  }
  if (address.ss_family != AF_INET6) return sender_with_pid(0);
  sockaddr_in6 ipv6{};
  std::memcpy(&ipv6, &address, sizeof(ipv6));
  if (IN6_IS_ADDR_V4MAPPED(&ipv6.sin6_addr)) {
    in_addr inner{};
    std::memcpy(&inner, &ipv6.sin6_addr.s6_addr[12], sizeof(inner));
    return at_ipv4(inner);
  }
  std::array<char, INET6_ADDRSTRLEN> text{};
  ::inet_ntop(AF_INET6, &ipv6.sin6_addr, text.data(), text.size());
  return named(text.data(), class_of_ipv6(ipv6.sin6_addr));
}

Sender sender_with_pid(pid_t pid) {
  return {.name = pid > 0 ? fmt::format("pid {}", pid) : "local",
          .stream = "local",
          .host = {},
          .sender_class = SenderClass::local};
}

}  // namespace triaged::sources
