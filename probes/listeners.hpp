// Who listens where the writer of a log would connect to.
#pragma once

#include <filesystem>
#include <optional>

#include "probes/network_table.hpp"
#include "values/probe.hpp"

namespace triaged::probes {

/// The address that the question is about: its subject, or that of HAProxy's server "backend/server", which stands in
/// HAProxy's configuration. nullopt: there is none, or it is a name.
[[nodiscard]] std::optional<SocketAddress> address_asked_for(const ProbeQuestion& question,
                                                             const std::filesystem::path& root);

/// In the network namespace of the program that wrote the line in question. When that is not to be seen here, or it
/// runs in several that differ, nothing is known.
[[nodiscard]] Listener listener_of(const ProbeQuestion& question, const SocketAddress& address,
                                   const std::filesystem::path& root);

}  // namespace triaged::probes
