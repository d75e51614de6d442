// What was found, for people and for programs.
#pragma once

#include <string>
#include <vector>

#include "discover/discover.hpp"
#include "values/incident_text.hpp"

namespace triaged::discover {

[[nodiscard]] std::string to_text(const Discovery& discovery, const TextStyle& style);

/// One object: `reader`, `servers`, `host`, `unseen` (docs/discover.md).
[[nodiscard]] std::string to_json(const Discovery& discovery);

/// What following it comes to, a printable sentence each.
struct Outlook {
  std::vector<std::string> follows;  // "nginx, pid 812, user root: /var/log/nginx/error.log"
  std::vector<std::string> lacks;    // what cannot be followed or seen as it is, and what to do
};
[[nodiscard]] Outlook outlook_of(const Discovery& discovery);

/// "nginx, pid 812, unit nginx.service"; "nginx, which does not run".
[[nodiscard]] std::string title_of(const FoundServer& server);

}  // namespace triaged::discover
