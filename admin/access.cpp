#include "admin/access.hpp"

#include <algorithm>
#include <cctype>

#include <fmt/format.h>

#include "base/host_and_port.hpp"
#include "base/ip_address.hpp"

namespace triaged::admin {

namespace {

AdminAnswer refused(unsigned status, std::string why) { return {.status = status, .body = std::move(why) + '\n'}; }

/// "localhost:9321" without its port, in small letters.
std::string host_of(std::string_view text) {
  std::string host(split_host_and_port(text).host);
  std::transform(host.begin(), host.end(), host.begin(), [](unsigned char c) { return std::tolower(c); });
  return host;
}

/// A number cannot be bound anew to another machine; of names only this machine's own is its.
bool names_this_machine(std::string_view host) { return host == "localhost" || is_ip(without_brackets(host)); }

bool comes_from_elsewhere(const AdminRequest& request) {
  const auto site = request.header("sec-fetch-site");
  if (!site.empty() && site != "same-origin" && site != "none") return true;
  auto origin = request.header("origin");
  if (origin.empty()) return false;
  const auto scheme = origin.find("://");
  return scheme == std::string_view::npos || origin.substr(scheme + 3) != request.header("host");
}

/// Takes as long for a wrong token as for a right one.
bool is_token(std::string_view given, std::string_view token) {
  unsigned difference = given.size() == token.size() ? 0 : 1;
  for (std::size_t i = 0; i < token.size(); ++i) {
    difference |= static_cast<unsigned char>(token[i]) ^ static_cast<unsigned char>(i < given.size() ? given[i] : 0);
  }
  return difference == 0;
}

bool has_token(const AdminRequest& request, std::string_view token) {
  constexpr std::string_view bearer = "Bearer ";
  const auto header = request.header("authorization");
  return !token.empty() && header.starts_with(bearer) && is_token(header.substr(bearer.size()), token);
}

}  // namespace

bool AdminAddress::is_loopback() const { return host.starts_with("127.") || host == "::1"; }

std::string AdminAddress::text() const { return joined_host_and_port(host, port); }

std::optional<AdminAnswer> refusal(const AdminRequest& request, const AdminAccess& access) {
  const bool is_local = access.address.is_loopback();
  if (is_local && !names_this_machine(host_of(request.header("host")))) {
    return refused(421, "this address is of the machine itself: ask for localhost or 127.0.0.1");
  }
  if (request.method == "GET" || request.method == "HEAD") return std::nullopt;
  if (comes_from_elsewhere(request)) return refused(403, "a page of another site may not do this");
  if (!is_local && !has_token(request, access.token)) {
    return refused(401, "this needs the header 'Authorization: Bearer TOKEN' with the token of the configuration");
  }
  return std::nullopt;
}

}  // namespace triaged::admin
