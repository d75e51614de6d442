// What to do about a log that cannot be followed as it is. Private to this room.
#pragma once

#include <string>

#include "discover/found_server.hpp"
#include "discover/reader.hpp"

namespace triaged::discover {

/// "is thrown away: give Gunicorn --error-logfile FILE"; empty: triaged can follow it.
[[nodiscard]] std::string advice_for(const FoundLog& log, const FoundServer& server, const Reader& reader);

/// "/var/log/nginx/access.log", "the journal", "a pipe that pid 812 (cat) reads".
[[nodiscard]] std::string place_of(const FoundLog& log);

/// "nginx.access, format main"; empty: nothing is known.
[[nodiscard]] std::string form_of(const FoundLog& log);

}  // namespace triaged::discover
