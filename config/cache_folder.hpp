// Where compiled patterns and the like are kept: what may be deleted at any time and only costs time.
#pragma once

#include <filesystem>

namespace triaged::config {

/// $CACHE_DIRECTORY (systemd's), else `state`/cache when a state folder is given, else $XDG_CACHE_HOME/triaged or
/// ~/.cache/triaged; empty when there is not even a home.
[[nodiscard]] std::filesystem::path cache_folder(const std::filesystem::path& state = {});

}  // namespace triaged::config
