#include "sinks/write_all.hpp"

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstring>

#include <poll.h>
#include <unistd.h>

namespace triaged::sinks {

Result<void> write_all(int descriptor, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto written = ::write(descriptor, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return error(std::strerror(errno));
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

Result<void> write_within(std::chrono::milliseconds limit, int descriptor, std::string& bytes) {
  using Clock = std::chrono::steady_clock;
  const auto deadline = Clock::now() + limit;
  std::size_t done = 0;
  Result<void> outcome;
  while (outcome && done < bytes.size()) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now());
    pollfd waiting{descriptor, POLLOUT, 0};
    const int ready = ::poll(&waiting, 1, static_cast<int>(std::max<std::int64_t>(left.count(), 0)));
    if (ready < 0 && errno == EINTR) continue;
    if (ready == 0) {
      outcome = error("nobody reads it");
      break;
    }
    // A pipe that is ready takes so many bytes without waiting, and promises no more.
    const auto written = ::write(descriptor, bytes.data() + done, std::min<std::size_t>(bytes.size() - done, PIPE_BUF));
    if (written < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (written < 0) outcome = error(std::strerror(errno));
    if (written > 0) done += static_cast<std::size_t>(written);
  }
  bytes.erase(0, done);
  return outcome;
}

}  // namespace triaged::sinks
