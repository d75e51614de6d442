#include "config/cache_folder.hpp"

#include <cstdlib>
#include <string_view>

namespace triaged::config {

namespace {

std::string_view environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string_view() : std::string_view(value);
}

}  // namespace

std::filesystem::path cache_folder(const std::filesystem::path& state) {
  const auto given = environment("CACHE_DIRECTORY");  // systemd separates several by a colon
  if (!given.empty()) return given.substr(0, given.find(':'));
  if (!state.empty()) return state / "cache";
  if (const auto folder = environment("XDG_CACHE_HOME"); folder.starts_with('/')) {
    return std::filesystem::path(folder) / "triaged";
  }
  const auto home = environment("HOME");
  return home.empty() ? std::filesystem::path() : std::filesystem::path(home) / ".cache" / "triaged";
}

}  // namespace triaged::config
