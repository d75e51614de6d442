// Who may ask what at the admin address. A page on the web can make its visitor's browser send requests to 127.0.0.1:
// what changes something is refused when it comes from another site (by Origin and Sec-Fetch-Site, W3C Fetch Metadata),
// and everything is when the Host names neither this address nor this machine (a name that was bound to it anew: DNS
// rebinding).
#pragma once

#include <optional>
#include <string>

#include "admin/admin_message.hpp"

namespace triaged::admin {

struct AdminAddress {
  std::string host = "127.0.0.1";  // an address, not a name
  unsigned short port = 9321;

  [[nodiscard]] bool is_loopback() const;
  /// "127.0.0.1:9321", "[::1]:9321".
  [[nodiscard]] std::string text() const;
  friend bool operator==(const AdminAddress&, const AdminAddress&) = default;
};

struct AdminAccess {
  AdminAddress address;
  std::string token;  // needed for what changes something when the address is not of the loopback; empty: none is set

  friend bool operator==(const AdminAccess&, const AdminAccess&) = default;
};

/// Why it is refused; nullopt: it may go on.
[[nodiscard]] std::optional<AdminAnswer> refusal(const AdminRequest& request, const AdminAccess& access);

}  // namespace triaged::admin
