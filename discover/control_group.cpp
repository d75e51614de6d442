#include "discover/control_group.hpp"

#include <algorithm>

#include "probes/host_files.hpp"

namespace triaged::discover {

namespace {

constexpr std::size_t length_of_id = 64;

/// "docker-ID.scope", "libpod-ID.scope", "cri-containerd-ID.scope", or the id alone.
std::string_view id_in(std::string_view part) {
  const auto is_hex = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
  if (part.ends_with(".scope")) part.remove_suffix(std::string_view(".scope").size());
  if (part.size() < length_of_id) return {};
  const auto id = part.substr(part.size() - length_of_id);
  const auto before = part.substr(0, part.size() - length_of_id);
  const bool is_id = std::all_of(id.begin(), id.end(), is_hex) && (before.empty() || before.ends_with('-'));
  return is_id ? id : std::string_view();
}

/// The units of a user stand below that user's own manager, which has a journal of its own.
void read_path(std::string_view path, ControlGroup& group) {
  bool is_of_user = false;
  while (!path.empty()) {
    const auto slash = std::min(path.find('/'), path.size());
    const auto part = path.substr(0, slash);
    path.remove_prefix(std::min(slash + 1, path.size()));
    if (const auto id = id_in(part); !id.empty()) group.container = id;
    is_of_user = is_of_user || part == "user.slice";
    if (part.ends_with(".service") && !is_of_user) group.unit = part;
  }
}

}  // namespace

// "0::/system.slice/nginx.service" with control groups of the second version, "1:name=systemd:/…" with the first; a
// runtime may have put the container's name into any of them.
ControlGroup control_group_in(std::string_view text) {
  ControlGroup group;
  while (!text.empty()) {
    const auto line = probes::take_line(text);
    const auto first = line.find(':');
    const auto second = line.find(':', first + 1);
    if (first == std::string_view::npos || second == std::string_view::npos) continue;
    read_path(line.substr(second + 1), group);
  }
  return group;
}

}  // namespace triaged::discover
