// What runs without a configuration file: whatever `discover` finds on this host. Private to this room.
#pragma once

#include "base/problem.hpp"
#include "config/configuration.hpp"

namespace triaged::config {

/// Of this host, for this process. `problems` say what is followed (notes) and what cannot be (warnings).
[[nodiscard]] Configuration discovered_configuration(Problems& problems);

}  // namespace triaged::config
