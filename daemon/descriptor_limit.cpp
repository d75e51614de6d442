#include "daemon/descriptor_limit.hpp"

#include <algorithm>

#include <sys/resource.h>

namespace triaged::daemon {

namespace {

// More is never needed, and some systems allow a billion.
constexpr rlim_t most_descriptors = 1 << 20;

}  // namespace

std::size_t raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return 0;
  const auto before = limit.rlim_cur;
  limit.rlim_cur = std::max(before, std::min(limit.rlim_max, most_descriptors));
  // A failure leaves the limit as it was.
  return static_cast<std::size_t>(::setrlimit(RLIMIT_NOFILE, &limit) == 0 ? limit.rlim_cur : before);
}

}  // namespace triaged::daemon
