// What the configuration files of proxies have in common, for the readers of this room. Private to this room.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "topology/server_configuration.hpp"

namespace triaged::topology {

/// A configuration file is text that people write: what is larger is none.
inline constexpr std::size_t longest_configuration = 4 * 1024 * 1024;

/// nullopt, and `trouble` says why: the file cannot be read, is no plain file, or is too long.
[[nodiscard]] std::optional<std::string> configuration_text(const std::filesystem::path& file, std::string& trouble);
/// The same of the file that `host` names so.
[[nodiscard]] std::optional<std::string> configuration_text(const std::filesystem::path& file, const HostFiles& host,
                                                            std::string& trouble);

/// "localhost:80" and "127.0.0.1:80", ":80" and "*:80" in one spelling; a missing port is `port` (empty: nullopt). A
/// name that must be resolved, a variable or a range of ports is nullopt.
[[nodiscard]] std::optional<std::string> literal_address(std::string_view text, std::string_view port);

}  // namespace triaged::topology
