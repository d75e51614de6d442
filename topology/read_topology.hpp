// The configuration files of this host's proxies, read into one topology.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "topology/topology.hpp"

namespace triaged::topology {

struct TopologyFiles {
  std::vector<std::filesystem::path> nginx, haproxy;

  [[nodiscard]] bool is_empty() const { return nginx.empty() && haproxy.empty(); }
};

/// Where Debian, Red Hat and the official images keep them; those that are not there are left out of it.
[[nodiscard]] TopologyFiles usual_topology_files();

/// A file that cannot be read is left out and said in `troubles`. Reads files; may block as these do.
[[nodiscard]] Topology read_topology(const TopologyFiles& files, std::vector<std::string>& troubles);

}  // namespace triaged::topology
