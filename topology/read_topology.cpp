#include "topology/read_topology.hpp"

#include <utility>

#include "topology/configuration_text.hpp"
#include "topology/read_haproxy.hpp"
#include "topology/read_nginx.hpp"

namespace triaged::topology {

TopologyFiles usual_topology_files() {
  TopologyFiles files;
  std::error_code failure;
  if (std::filesystem::exists("/etc/nginx/nginx.conf", failure)) files.nginx.emplace_back("/etc/nginx/nginx.conf");
  for (const char* name : {"/etc/haproxy/haproxy.cfg", "/usr/local/etc/haproxy/haproxy.cfg"}) {
    if (std::filesystem::exists(name, failure)) files.haproxy.emplace_back(name);
  }
  return files;
}

Topology read_topology(const TopologyFiles& files, std::vector<std::string>& troubles) {
  Topology topology;
  for (const auto& file : files.nginx) read_nginx(file, topology, troubles);
  for (const auto& file : files.haproxy) {
    std::string trouble;
    if (const auto text = configuration_text(file, trouble))
      read_haproxy(*text, file, topology, troubles);
    else
      troubles.push_back(std::move(trouble));
  }
  return topology;
}

}  // namespace triaged::topology
