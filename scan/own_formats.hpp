// Logs in a form of their own that the configuration of a proxy defines. A log that was copied has another path than
// the one that stands there, so its first lines decide.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "formats/line_reader.hpp"
#include "topology/topology.hpp"

namespace triaged::scan {

/// What the log is read with: the formats that the topology has for its path or, when hardly one of its lines is of
/// these, all those of the topology if most lines are. `beginning`: some of its lines.
[[nodiscard]] std::vector<formats::OwnLogFormat> log_formats_for(const std::string& path, std::string_view beginning,
                                                                 const topology::Topology& topology);

/// An nginx.conf near the log, or the usual one of this host, in whose formats most of these lines are written; empty:
/// there is none.
[[nodiscard]] std::string nginx_configuration_for(const std::string& path, std::string_view beginning);

}  // namespace triaged::scan
