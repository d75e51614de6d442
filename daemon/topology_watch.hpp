// Looks now and then at the proxies' configuration files: a proxy is reloaded without a word to us.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "daemon/every.hpp"
#include "topology/read_topology.hpp"

namespace triaged::daemon {

class TopologyWatch {
 public:
  explicit TopologyWatch(topology::TopologyFiles files) : files_(std::move(files)) {}

  /// What they say, once a minute; nullopt: it is not time yet, or there are no files. A trouble with them is said
  /// once.
  [[nodiscard]] std::optional<topology::Topology> check(Every::Clock::time_point now);
  /// That were said last.
  [[nodiscard]] const std::vector<std::string>& troubles() const { return troubles_; }

 private:
  const topology::TopologyFiles files_;
  Every due_ = Every(std::chrono::minutes(1));
  std::vector<std::string> troubles_;
};

}  // namespace triaged::daemon
