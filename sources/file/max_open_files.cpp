#include "sources/file/max_open_files.hpp"

#include <algorithm>

#include <sys/resource.h>

namespace triaged::sources {

std::size_t max_open_files_within(std::size_t limit) {
  const std::size_t reserve = std::min(std::clamp<std::size_t>(limit / 8, 64, 512), limit / 2);
  return std::max<std::size_t>(limit - reserve, 1);
}

std::size_t usual_max_open_files() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) limit.rlim_cur = 1024 * 1024;
  return max_open_files_within(limit.rlim_cur);
}

}  // namespace triaged::sources
