#include "sources/containers/own_container.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>

namespace triaged::sources {

namespace {

constexpr std::size_t id_length = 64;

bool is_hexadecimal(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); }

/// The last id in `text`: of containers in containers the innermost.
std::string_view last_id_in(std::string_view text) {
  std::string_view last;
  for (std::size_t at = 0; at < text.size();) {
    const auto end = std::find_if_not(text.begin() + static_cast<std::ptrdiff_t>(at), text.end(), is_hexadecimal);
    const auto size = static_cast<std::size_t>(end - text.begin()) - at;
    if (size == id_length) last = text.substr(at, size);
    at += size + 1;
  }
  return last;
}

std::string_view take(std::string_view& text, char end) {
  const auto size = std::min(text.find(end), text.size());
  const auto taken = text.substr(0, size);
  text.remove_prefix(std::min(size + 1, text.size()));
  return taken;
}

struct Mount {
  std::string_view root, place;  // in its file system; here
};

/// "73 48 0:40 /root /place rw,…"
Mount mount_in(std::string_view line) {
  for (int field = 0; field < 3; ++field) take(line, ' ');
  const auto root = take(line, ' ');
  return {root, take(line, ' ')};
}

/// Kubelet mounts …/pods/UID/containers/NAME/RANDOM for the container's last words.
void take_pod(std::string_view root, OwnContainer& own) {
  constexpr std::string_view pods = "/pods/", containers = "containers/";
  const auto at = root.rfind(pods);
  if (at == std::string_view::npos) return;
  root.remove_prefix(at + pods.size());
  const auto uid = take(root, '/');
  if (uid.empty() || !root.starts_with(containers)) return;
  root.remove_prefix(containers.size());
  const auto name = take(root, '/');
  if (name.empty() || root.empty() || root.find('/') != std::string_view::npos) return;
  own.pod_uid = uid;
  own.container = name;
}

void add_id(std::string_view id, OwnContainer& own) {
  if (!id.empty() && std::ranges::find(own.ids, id) == own.ids.end()) own.ids.emplace_back(id);
}

/// Files of /proc have no size.
std::string text_of(const char* path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

bool OwnContainer::is(const ContainerNames& names) const {
  if (!pod_uid.empty() && names.pod_uid == pod_uid && names.container == container) return true;
  if (names.id.empty()) return false;
  return std::ranges::find(ids, names.id) != ids.end() || (names.id == network_id && names.is_command_triaged);
}

OwnContainer own_container_in(std::string_view control_groups, std::string_view mounts) {
  OwnContainer own;
  while (!control_groups.empty()) add_id(last_id_in(take(control_groups, '\n')), own);
  while (!mounts.empty()) {
    const auto [root, place] = mount_in(take(mounts, '\n'));
    if (place == "/run/.containerenv") add_id(last_id_in(root), own);
    if (place == "/etc/hosts" || place == "/etc/hostname") own.network_id = last_id_in(root);
    take_pod(root, own);
  }
  return own;
}

OwnContainer own_container() { return own_container_in(text_of("/proc/self/cgroup"), text_of("/proc/self/mountinfo")); }

}  // namespace triaged::sources
