#include "admin/admin_options.hpp"

#include "base/host_and_port.hpp"
#include "base/ip_address.hpp"

namespace triaged::admin {

namespace {

/// "127.0.0.1:9321", "[::1]:9321", "localhost:9321".
std::optional<AdminAddress> address_in(std::string_view text) {
  const auto [host, digits] = split_host_and_port(text);
  const auto port = port_in(digits.value_or(""));
  if (!port) return std::nullopt;
  AdminAddress address{.host = std::string(host), .port = *port};
  if (address.host == "localhost") address.host = "127.0.0.1";
  const std::string bare(without_brackets(address.host));
  const bool is_bracketed = bare.size() != address.host.size();
  if (is_bracketed ? !is_ipv6(bare) : !is_ipv4(bare)) return std::nullopt;
  address.host = bare;
  return address;
}

constexpr std::size_t shortest_token = 16;

}  // namespace

std::optional<AdminAccess> read_admin(const YamlValue& map, const std::string& file, Problems& problems) {
  YamlMapReader admin(map, "'admin'", file, problems);
  AdminAccess access;
  const auto listen = admin.text("listen");
  const auto address = address_in(listen.value_or(access.address.text()));
  if (address) {
    access.address = *address;
  } else {
    admin.report(Gravity::error, *map.find("listen"),
                 "'listen' of 'admin' must be an address and a port such as 127.0.0.1:9321");
  }
  access.token = admin.text("token").value_or("");
  if (!access.token.empty() && access.token.size() < shortest_token) {
    admin.report(Gravity::error, *map.find("token"), "'token' of 'admin' must have at least 16 letters");
  }
  if (address && !access.address.is_loopback() && access.token.empty()) {
    admin.report(
        Gravity::error, map,
        "'admin' listens where others can ask: give it a 'token', which feedback then needs, or a loopback address");
  }
  admin.finish(Gravity::error);
  return address ? std::optional(access) : std::nullopt;
}

}  // namespace triaged::admin
