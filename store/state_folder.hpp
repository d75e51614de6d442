// Where the state is, and how messages name it. A part of its path may come from the environment, and what comes from
// there is never quoted: it may be a secret.
#pragma once

#include <filesystem>
#include <string>
#include <utility>

namespace triaged::store {

struct StateFolder {
  StateFolder() = default;
  /// `name`: the path as the configuration has it, when a part of it came from the environment; else empty.
  StateFolder(std::filesystem::path folder, std::string name = {})  // NOLINT: a folder that may be named is one
      : path(std::move(folder)), written(std::move(name)) {}
  friend bool operator==(const StateFolder&, const StateFolder&) = default;

  /// `message` with the folder's name for its path.
  [[nodiscard]] std::string shown(std::string message) const;

  std::filesystem::path path;
  std::string written;
};

}  // namespace triaged::store
