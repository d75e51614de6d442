// What this host calls itself.
#pragma once

#include <string>

namespace triaged::inline base {

/// Empty when it has no name.
[[nodiscard]] std::string host_name();

}  // namespace triaged::inline base
