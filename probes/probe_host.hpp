// Answers questions about this host (values/probe.hpp). Every probe is read-only, local and a function of the question
// and of the files below a root folder; what it cannot be sure of is unknown, and says why.
//
// A probe blocks for as long as the host lets it (a dead network file system, a name server that does not answer), so
// whoever calls must be able to wait or to leave.
#pragma once

#include <filesystem>
#include <string>

#include "values/probe.hpp"

namespace triaged::probes {

/// What a probe found: the name of the probe that holds, empty when that is unknown, and a sentence for people.
struct Finding {
  std::string probe;
  std::string text;
};

[[nodiscard]] inline Finding unknown_because(std::string why) { return {"", std::move(why)}; }

/// Any thread. `root` is `/`, except in tests.
[[nodiscard]] Finding probe_host(const ProbeQuestion& question, const std::filesystem::path& root);

}  // namespace triaged::probes
