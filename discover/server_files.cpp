#include "discover/server_files.hpp"

#include <optional>
#include <system_error>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "discover/right.hpp"
#include "probes/host_files.hpp"

namespace triaged::discover {

namespace {

constexpr unsigned to_read_bits = 4, to_write_bits = 2;
constexpr int most_links = 40;

/// The parts of `path` are still to be walked, the next one last.
void push_parts(std::vector<std::filesystem::path>& waiting, const std::filesystem::path& path) {
  const auto relative = path.relative_path();
  const std::vector<std::filesystem::path> parts(relative.begin(), relative.end());
  waiting.insert(waiting.end(), parts.rbegin(), parts.rend());
}

/// Where the links of `path` lead to, as a process sees it whose root is `root`: an absolute one begins there. nullopt:
/// there are too many.
std::optional<std::filesystem::path> resolved(const std::filesystem::path& path, const std::filesystem::path& root) {
  std::filesystem::path walked = "/";
  std::vector<std::filesystem::path> waiting;
  push_parts(waiting, path);
  for (int links = 0; !waiting.empty();) {
    const auto part = std::move(waiting.back());
    waiting.pop_back();
    if (part.empty() || part == ".") continue;
    if (part == "..") {
      walked = walked.parent_path();
      continue;
    }
    std::error_code is_no_link;
    const auto target = std::filesystem::read_symlink(root / (walked / part).relative_path(), is_no_link);
    if (is_no_link) {
      walked /= part;
    } else if (++links > most_links) {
      return std::nullopt;
    } else {
      if (target.is_absolute()) walked = "/";
      push_parts(waiting, target);
    }
  }
  return walked;
}

}  // namespace

ServerFiles::ServerFiles(const Process& process, std::filesystem::path files, std::filesystem::path root)
    : owner_({.name = name_of_user(process.user, root), .user = process.user, .groups = process.groups}),
      files_(std::move(files)),
      root_(std::move(root)) {}

std::string ServerFiles::why_not(const std::string& path, unsigned bits) const {
  const auto obstacle = first_obstacle(path, bits, owner_, files_);
  if (obstacle.empty()) return {};
  return fmt::format("{}, as whom the server runs, may not {} it: {}", owner_.name,
                     bits == to_read_bits ? "read" : "write", obstacle);
}

Result<std::string> ServerFiles::to_read(const std::filesystem::path& named) const {
  if (!named.is_absolute()) return error("its path is relative, and the folder that it begins at is not known");
  const auto path = resolved(named, files_);
  if (!path) return error("its links lead nowhere");
  if (auto why = why_not(path->string(), to_read_bits); !why.empty()) return error(std::move(why));
  return Result<std::string>(boost::system::in_place_value, (files_ / path->relative_path()).string());
}

std::string ServerFiles::why_not_written(const std::string& named) const {
  const auto path = resolved(named, files_);
  return path ? why_not(path->string(), to_write_bits) : "its links lead nowhere";
}

}  // namespace triaged::discover
