#include "sources/file/own_files.hpp"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <utility>

#include "sources/file/rotated_name.hpp"
#include "sources/file_status.hpp"
#include "sources/path_parts.hpp"

namespace triaged::sources {

namespace {

std::optional<std::pair<std::uint64_t, std::uint64_t>> inode_at(const std::string& path) {
  std::error_code failure;
  const auto status = status_of(path, failure);
  if (failure || !status.is_regular) return std::nullopt;
  return std::pair(status.device, status.inode);
}

/// The last component stays what it is.
std::string without_links_in_folder(const std::string& path) {
  std::error_code failure;
  const auto folder = std::filesystem::canonical(folder_of_path(path) + "/", failure);
  return failure ? path : (folder / name_of_path(path)).string();
}

bool is_named_like(const std::string& path, const std::string& own) {
  const auto name = name_of_path(path), own_name = name_of_path(own);
  if (name != own_name && !is_rotated_name(name, own_name)) return false;
  return folder_of_path(without_links_in_folder(path)) == folder_of_path(own);
}

}  // namespace

OwnFiles::OwnFiles(std::vector<std::string> paths) : paths_(std::move(paths)) {
  for (auto& path : paths_) path = without_links_in_folder(path);
}

const std::string* OwnFiles::find(const std::string& path) const {
  if (paths_.empty()) return nullptr;
  const auto inode = inode_at(path);
  const auto own = std::ranges::find_if(
      paths_, [&](const std::string& each) { return is_named_like(path, each) || (inode && inode_at(each) == inode); });
  return own == paths_.end() ? nullptr : &*own;
}

}  // namespace triaged::sources
