// What an nginx.conf says about who listens and who is passed on to whom (nginx documentation: core module's include,
// http and stream server and listen, upstream, proxy_pass and its kin).
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "topology/topology.hpp"

namespace triaged::topology {

/// Adds what `file` and what it includes say to `topology`. What it does not understand it passes over: nginx itself
/// checks its files. One that cannot be read is said in `troubles`.
void read_nginx(const std::filesystem::path& file, Topology& topology, std::vector<std::string>& troubles);

}  // namespace triaged::topology
