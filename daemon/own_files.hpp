// Where this process writes what it has to say: its files, and its names in the logs of others.
#pragma once

#include <string>
#include <vector>

#include "config/configuration.hpp"

namespace triaged::daemon {

/// Absolute paths: of the sinks, and of standard output and standard error where these are files.
[[nodiscard]] std::vector<std::string> own_files(const config::Configuration& configuration);
/// By which syslog knows its sinks.
[[nodiscard]] std::vector<std::string> own_programs(const config::Configuration& configuration);

}  // namespace triaged::daemon
