// The files that this process writes what it has to say to.
#pragma once

#include <string>
#include <vector>

#include "config/configuration.hpp"

namespace triaged::daemon {

/// Absolute paths: of the sinks, and of standard output and standard error where these are files.
[[nodiscard]] std::vector<std::string> own_files(const config::Configuration& configuration);

}  // namespace triaged::daemon
