#include "discover/right.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/stat.h>

#include "discover/access_list.hpp"
#include "topology/server_configuration.hpp"

namespace triaged::discover {

namespace {

constexpr unsigned to_read = 4, to_enter = 1;

/// A part of the way that the reader may not take.
struct Obstacle {
  std::string path;
  unsigned needed = 0;
  struct stat status = {};
  unsigned of_group = 0;  // what the group that owns it may
};

bool is_in_group(const Reader& reader, std::uint32_t group) {
  return std::find(reader.groups.begin(), reader.groups.end(), group) != reader.groups.end();
}

bool may_use(const Reader& reader, const Obstacle& part, const std::optional<AccessList>& list) {
  const auto& status = part.status;
  const auto grants = [&](unsigned bits) { return (bits & part.needed) == part.needed; };
  if (reader.user == 0u) return true;
  if (reader.user == status.st_uid) return grants(status.st_mode >> 6U);
  const bool is_owning_group = is_in_group(reader, status.st_gid);
  if (list) {
    const auto named = std::find_if(list->users.begin(), list->users.end(),
                                    [&](const auto& entry) { return reader.user == entry.id; });
    if (named != list->users.end()) return grants(named->bits & list->mask);
    std::vector<unsigned> of_groups;
    if (is_owning_group) of_groups.push_back(part.of_group);
    for (const auto& entry : list->groups) {
      if (is_in_group(reader, entry.id)) of_groups.push_back(entry.bits & list->mask);
    }
    if (!of_groups.empty()) return std::any_of(of_groups.begin(), of_groups.end(), grants);
  } else if (is_owning_group) {
    return grants(part.of_group);
  }
  return grants(status.st_mode);
}

/// The folders on the way to `path`, outermost first, and what is needed of each; the last is the file.
std::vector<Obstacle> way_to(const std::string& path, unsigned needed) {
  std::vector<Obstacle> way;
  const bool is_pattern = path.find_first_of("*?[") != std::string::npos;
  for (std::size_t at = path.find('/', 1); at != std::string::npos; at = path.find('/', at + 1)) {
    const auto folder = path.substr(0, at);
    if (folder.find_first_of("*?[") != std::string::npos) return way;
    way.push_back({folder, to_enter});
  }
  if (is_pattern && !way.empty()) {
    way.back().needed |= needed;  // to list it, or to make files in it
  } else {
    way.push_back({path, needed});
  }
  return way;
}

std::vector<Obstacle> obstacles_on(const std::string& path, unsigned needed, const Reader& reader,
                                   const std::filesystem::path& root) {
  std::vector<Obstacle> found;
  for (auto& part : way_to(path, needed)) {
    const auto here = root / std::filesystem::path(part.path).relative_path();
    if (::stat(here.c_str(), &part.status) != 0) break;
    const auto list = access_list_of(here);
    part.of_group = list ? list->owning_group & list->mask : part.status.st_mode >> 3U;
    if (!may_use(reader, part, list)) found.push_back(std::move(part));
  }
  return found;
}

/// The group that may do all of it, besides root's own.
std::optional<std::uint32_t> group_that_may(const std::vector<Obstacle>& obstacles) {
  const auto group = obstacles.front().status.st_gid;
  const auto helps = [&](const Obstacle& obstacle) {
    return obstacle.status.st_gid == group && (obstacle.of_group & obstacle.needed) == obstacle.needed;
  };
  if (group == 0 || !std::all_of(obstacles.begin(), obstacles.end(), helps)) return std::nullopt;
  return group;
}

/// As a word of a shell command.
std::string quoted(const std::string& path) {
  constexpr std::string_view plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-+@%:,";
  if (path.find_first_not_of(plain) == std::string::npos) return path;
  std::string word = "'";
  for (const char c : path) word += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return word + "'";
}

/// The access list of a log goes with it when it is rotated; its folder gives the new one its own.
std::string access_list_for(const Obstacle& obstacle, const std::string& name) {
  const auto path = quoted(obstacle.path);
  if (obstacle.needed == to_enter) return fmt::format("setfacl -m u:{}:x {}", name, path);
  if (obstacle.needed != to_read) return fmt::format("setfacl -m u:{}:rx {}", name, path);
  const auto folder = quoted(std::filesystem::path(obstacle.path).parent_path().string());
  return fmt::format("setfacl -m u:{0}:r {1} && setfacl -m d:u:{0}:r {2}", name, path, folder);
}

/// Whoever may start a process called nginx can name any file as its log: what opens the system itself is not advised.
bool opens_more_than_logs(const std::vector<Obstacle>& obstacles, const std::filesystem::path& root) {
  constexpr std::array<std::string_view, 6> powerful = {"shadow", "disk", "docker", "sudo", "wheel", "kmem"};
  const auto lies_in_system = [](const Obstacle& obstacle) {
    constexpr std::array<std::string_view, 5> folders = {"/etc/", "/proc/", "/sys/", "/boot/", "/root/"};
    return std::any_of(folders.begin(), folders.end(),
                       [&](std::string_view folder) { return (obstacle.path + "/").starts_with(folder); });
  };
  const auto group = group_that_may(obstacles);
  const bool is_powerful =
      group && std::find(powerful.begin(), powerful.end(), name_of_group(*group, root)) != powerful.end();
  return is_powerful || std::any_of(obstacles.begin(), obstacles.end(), lies_in_system);
}

std::string remedy_for(const std::vector<Obstacle>& obstacles, const Reader& reader,
                       const std::filesystem::path& root) {
  if (opens_more_than_logs(obstacles, root)) return {};
  if (const auto group = group_that_may(obstacles)) {
    const auto name = name_of_group(*group, root);
    if (reader.user) return fmt::format("usermod -aG {} {}", name, reader.name);
    return fmt::format("systemctl edit triaged: [Service] SupplementaryGroups={}", name);
  }
  if (!reader.user) {
    return "systemctl edit triaged: [Service] AmbientCapabilities=CAP_DAC_READ_SEARCH "
           "CapabilityBoundingSet=CAP_DAC_READ_SEARCH";
  }
  std::vector<std::string> commands;
  for (const auto& obstacle : obstacles) {
    commands.push_back(access_list_for(obstacle, reader.name));
  }
  return fmt::format("{}", fmt::join(commands, " && "));
}

std::string words_for(const Obstacle& obstacle, const std::filesystem::path& root) {
  return fmt::format("{} is {}:{} with mode {:04o}", obstacle.path, name_of_user(obstacle.status.st_uid, root),
                     name_of_group(obstacle.status.st_gid, root), obstacle.status.st_mode & 07777U);
}

bool is_hidden_from_service(const std::string& path) {
  return path.starts_with("/tmp/") || path.starts_with("/var/tmp/");
}

}  // namespace

Right right_to_read(const std::string& path, const Reader& reader, const std::filesystem::path& root) {
  if (reader.is_service && is_hidden_from_service(path)) {
    return {false, "triaged.service has a /tmp of its own",
            "let the server log below /var/log, or systemctl edit triaged: [Service] PrivateTmp=no"};
  }
  const auto obstacles = obstacles_on(path, to_read, reader, root);
  if (obstacles.empty()) return {};
  return {false, words_for(obstacles.front(), root), remedy_for(obstacles, reader, root)};
}

std::string first_obstacle(const std::string& path, unsigned bits, const Reader& who,
                           const std::filesystem::path& root) {
  const auto obstacles = obstacles_on(path, bits, who, root);
  return obstacles.empty() ? "" : words_for(obstacles.front(), root);
}

}  // namespace triaged::discover
