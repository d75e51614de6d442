#include "sources/containers/missing_right.hpp"

#include <array>
#include <cerrno>

#include <fmt/format.h>
#include <grp.h>
#include <sys/stat.h>

#include "sources/file/glob.hpp"
#include "sources/path_parts.hpp"

namespace triaged::sources {

namespace {

constexpr std::string_view capability = "give it CAP_DAC_READ_SEARCH (AmbientCapabilities= in the unit)";

std::string name_of_group(gid_t group) {
  std::array<char, 4096> room{};
  struct group entry {};
  struct group* found = nullptr;
  if (::getgrgid_r(group, &entry, room.data(), room.size(), &found) != 0 || found == nullptr) {
    return fmt::format("{}", group);
  }
  return entry.gr_name;
}

/// What to do about it: the group that may, when there is one besides root's own.
std::string remedy(const std::string& path, mode_t needed) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) {
    return fmt::format("the user that runs triaged may not enter a folder on the way: {}", capability);
  }
  if ((status.st_mode & needed) != needed || status.st_gid == 0) {
    return fmt::format("only root may read it: {}", capability);
  }
  return fmt::format("add the user that runs triaged to the group '{}' (SupplementaryGroups= in the unit)",
                     name_of_group(status.st_gid));
}

bool is_refused(const std::string& path) { return !open_to_read(path).is_open() && errno == EACCES; }

}  // namespace

std::vector<std::string> missing_rights(const std::vector<std::string>& globs) {
  constexpr mode_t to_list = S_IRGRP | S_IXGRP, to_read = S_IRGRP;
  std::vector<std::string> all;
  const auto matches = match_globs(globs);
  for (const auto& folder : matches.folders) {
    if (is_refused(folder)) {
      all.push_back(fmt::format("cannot list {}: permission denied; {}", folder, remedy(folder, to_list)));
    }
  }
  if (!all.empty()) return all;
  for (const auto& path : matches.paths) {
    if (!is_refused(path)) continue;
    all.push_back(fmt::format("cannot read {}: permission denied; {}", path, remedy(path, to_read)));
    break;
  }
  return all;
}

}  // namespace triaged::sources
