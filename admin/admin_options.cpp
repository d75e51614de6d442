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

struct AdminFields {
  AdminAccess access;
  bool has_address = true;
};

void read_listen(YamlMapReader& fields, const OptionFacts& option, AdminFields& given) {
  const auto listen = fields.text(option.name);
  if (!listen) return;
  const auto address = address_in(*listen);
  given.has_address = address.has_value();
  if (address) {
    given.access.address = *address;
  } else {
    fields.report(ProblemLevel::error, option.name,
                  "'listen' of 'admin' must be an address and a port such as 127.0.0.1:9321");
  }
}

std::string mistake_in_token(const YamlValue& token) {
  return token.text.empty() || token.text.size() >= shortest_token ? ""
                                                                   : "'token' of 'admin' must have at least 16 letters";
}

const OptionTable<AdminFields>& table() {
  static const OptionTable<AdminFields> table = {
      {"listen",
       {{.value = AdminAddress().text()}, read_listen},
       "The address and port at which pages, JSON and metrics are served."},
      {"token", OptionsOf<AdminFields>::text(member_of(&AdminFields::access, &AdminAccess::token), mistake_in_token),
       "What a client must send to change something (feedback), as `Authorization: Bearer TOKEN`, when the address is "
       "not a loopback one; 16 letters or more.",
       "none"},
  };
  return table;
}

}  // namespace

std::vector<OptionFacts> admin_options() { return table().facts(); }

std::optional<AdminAccess> read_admin(YamlMapReader fields) {
  AdminFields given;
  table().read(fields, given);
  if (given.has_address && !given.access.address.is_loopback() && given.access.token.empty()) {
    fields.report(
        ProblemLevel::error,
        "'admin' listens where others can ask: give it a 'token', which feedback then needs, or a loopback address");
  }
  fields.finish(ProblemLevel::error);
  return given.has_address ? std::optional(given.access) : std::nullopt;
}

}  // namespace triaged::admin
