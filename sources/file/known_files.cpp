#include "sources/file/known_files.hpp"

#include <algorithm>
#include <cstring>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "sources/path_parts.hpp"

namespace triaged::sources {

namespace {

// take_messages() may not have been called for a long time.
constexpr std::size_t most_messages = 1000;

}  // namespace

std::string Generation::path_now() const {
  if (file) return file->path_now();
  std::error_code failure;
  const FileStatus status = status_of(place.path, failure);
  return !failure && is_same_inode(place.file, status) ? place.path : std::string();
}

void KnownFiles::say(std::string message) {
  if (messages.size() < most_messages) messages.push_back(std::move(message));
}

void KnownFiles::say_sources(const std::string& path, std::size_t source, const std::string& read_as,
                             std::size_t reader) {
  if (!said_sources.emplace(source, reader).second) return;
  const auto& theirs = options.sources[reader].globs;
  const auto& ours = options.sources[source].globs;
  const std::string same = path == read_as ? fmt::format("two sources match {}", path)
                                           : fmt::format("two sources reach one file: {} is {}", path, read_as);
  say(
      fmt::format("{}: the source of '{}' reads it, the source of '{}' skips it and others like it; name each file in "
                  "one source only",
                  same, fmt::join(theirs, "', '"), fmt::join(ours, "', '")));
}

void KnownFiles::say_unlisted(const RotatedPlaces& places) {
  for (const std::string& folder : places.folders(listings)) {
    const int failure = listings.of(folder).failure;
    if (failure == 0) {
      said_unlisted.erase(folder);
    } else if (said_unlisted.insert(folder).second) {
      say(fmt::format("cannot list {}: {}; rotated files there are read once it can be listed", folder,
                      std::strerror(failure)));
    }
  }
}

void KnownFiles::note_opened(Generation& generation) {
  generation.turn = open_files.insert(open_files.end(), &generation);
}

void KnownFiles::note_closed(Generation& generation) { open_files.erase(generation.turn); }

void KnownFiles::note_read(Generation& generation) { open_files.splice(open_files.end(), open_files, generation.turn); }

Generation* KnownFiles::owner_of(const std::string& path, const FileStatus& status) {
  const auto [begin, end] = by_inode.equal_range(status.inode);
  for (auto at = begin; at != end; ++at) {
    Generation& generation = *at->second;
    if (!is_same_inode(generation.place.file, status)) continue;
    if (generation.file || generation.was_never_opened) return &generation;
    if (size_and_time_of(status) != generation.checked) {
      const Descriptor file = open_to_read(path);
      // A file that may not be read for a while keeps its place.
      if (!file.is_open() && !generation.place.done) return &generation;
      if (!file.is_open() || !has_text_of(generation.place, file.get(), status)) continue;
      generation.checked = size_and_time_of(status);
    }
    return &generation;
  }
  return nullptr;
}

bool KnownFiles::is_open(const FileStatus& status) const {
  const auto [begin, end] = by_inode.equal_range(status.inode);
  return std::any_of(begin, end, [&](const auto& entry) {
    return entry.second->file && is_same_inode(entry.second->place.file, status);
  });
}

}  // namespace triaged::sources
