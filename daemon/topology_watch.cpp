#include "daemon/topology_watch.hpp"

#include <utility>

#include <spdlog/spdlog.h>

namespace triaged::daemon {

std::optional<topology::Topology> TopologyWatch::check(Every::Clock::time_point now) {
  if (!due_.is_due(now) || files_.is_empty()) return std::nullopt;
  std::vector<std::string> troubles;
  auto topology = topology::read_topology(files_, troubles);
  if (troubles != troubles_) {
    for (const auto& trouble : troubles) spdlog::warn("topology: {} (will try again)", trouble);
    troubles_ = std::move(troubles);
  }
  return topology;
}

}  // namespace triaged::daemon
