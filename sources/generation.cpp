#include "sources/generation.hpp"

#include <algorithm>

#include "sources/path_parts.hpp"

namespace triaged {

namespace {

// Nobody may have asked for the messages for a long time.
constexpr std::size_t most_messages = 1000;

}  // namespace

std::string Generation::path_now() const {
  if (file) return file->path_now();
  std::error_code failure;
  const FileStatus status = status_of(place.path, failure);
  return !failure && is_same_inode(place.file, status) ? place.path : std::string();
}

void SharedByPaths::say(std::string message) {
  if (messages.size() < most_messages) messages.push_back(std::move(message));
}

Generation* SharedByPaths::owner_of(const std::string& path, const FileStatus& status) {
  const auto [begin, end] = by_inode->equal_range(status.inode);
  for (auto at = begin; at != end; ++at) {
    Generation& generation = *at->second;
    if (!is_same_inode(generation.place.file, status)) continue;
    if (generation.file) return &generation;
    if (status.size != generation.checked.size || status.modified != generation.checked.modified) {
      const FileDescriptor file = open_to_read(path);
      if (!file.is_open() || !has_text_of(generation.place, file.number(), status)) continue;
      generation.checked = status;
    }
    return &generation;
  }
  return nullptr;
}

bool SharedByPaths::is_open(const FileStatus& status) const {
  const auto [begin, end] = by_inode->equal_range(status.inode);
  return std::any_of(begin, end, [&](const auto& entry) {
    return entry.second->file && is_same_inode(entry.second->place.file, status);
  });
}

}  // namespace triaged
