// What a haproxy.cfg says about servers and who is passed on to them (HAProxy configuration manual 2.6, chapters 2.2, 4
// and 5): sections, bind, server, default_backend, use_backend.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "topology/topology.hpp"

namespace triaged::topology {

/// Adds what `text`, the contents of `file`, says to `topology`. What it does not understand it passes over: HAProxy
/// itself checks its file. A log-format whose lines cannot be read is said in `troubles`.
void read_haproxy(std::string_view text, const std::filesystem::path& file, Topology& topology,
                  std::vector<std::string>& troubles);

/// A server's or bind's address without the family that HAProxy lets stand before it (2.6, chapter 11.2): "ipv4@",
/// "tcp@". A socket is "unix:/run/app.sock". What else there is (names, variables) stays as it is.
[[nodiscard]] std::string without_family(std::string_view word);

/// The servers of `text`, as HAProxy's log names them (backend/server), and where they are in the words of the file:
/// "127.0.0.1:8000", "localhost:8000", "unix@/run/app.sock".
[[nodiscard]] std::map<std::string, std::string, std::less<>> haproxy_servers(std::string_view text);

}  // namespace triaged::topology
