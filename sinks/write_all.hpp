// Writing to descriptors, for the sinks that write.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace triaged::sinks {

/// Writes all of `bytes` or says why not, after some of them may have been written. The error is the system's words
/// alone. A closed pipe is an error and no signal only where SIGPIPE is blocked or ignored, as it is on every runner's
/// thread.
[[nodiscard]] Result<void> write_all(int descriptor, std::string_view bytes);

/// Writes `bytes` and takes from their beginning what was written. Never waits longer than `limit`, also where the
/// descriptor itself would: into a pipe that nobody reads.
[[nodiscard]] Result<void> write_within(std::chrono::milliseconds limit, int descriptor, std::string& bytes);

}  // namespace triaged::sinks
