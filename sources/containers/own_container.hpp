// Which container this process runs in, so that the log of its own output is known: from its control group and its
// mounts, as runtimes make them. A process that sees neither (another runtime, no container) knows of none.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sources/containers/container_path.hpp"

namespace triaged::sources {

struct OwnContainer {
  std::vector<std::string> ids;
  /// Of the container whose network this one shares, or its own: docker mounts that one's /etc/hosts.
  std::string network_id;
  std::string pod_uid, container;  // in a pod

  /// Whether that one is this process's. Of one that may only share its network, when its command is triaged.
  [[nodiscard]] bool is(const ContainerNames& names) const;
};

/// `control_groups` and `mounts`: the text of /proc/self/cgroup and /proc/self/mountinfo.
[[nodiscard]] OwnContainer own_container_in(std::string_view control_groups, std::string_view mounts);
/// Of this process.
[[nodiscard]] OwnContainer own_container();

}  // namespace triaged::sources
