// The only place where the daemon asks what time it is.
#pragma once

#include "base/time.hpp"

namespace triaged {

[[nodiscard]] inline TimePoint now() { return std::chrono::floor<Microseconds>(std::chrono::system_clock::now()); }

}  // namespace triaged
