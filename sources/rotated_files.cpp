#include "sources/rotated_files.hpp"

#include <algorithm>

#include <dirent.h>
#include <fcntl.h>

#include "sources/rotated_name.hpp"

namespace triaged {

namespace {

// Text alone, in a file of another inode at the path itself, is trusted from this many bytes on: two logs may well
// begin with the same short line, and reading it again is better than leaving it out.
constexpr std::uint32_t enough_text = 64;

struct CloseFolder {
  void operator()(DIR* folder) const noexcept { ::closedir(folder); }
};

struct Entry {
  std::string path;
  std::uint64_t inode = 0;
};

struct Candidate {
  std::string path;
  FileStatus status;
  FileDescriptor file;
  Compression compression = Compression::none;
};

std::string folder_of(const std::string& path) { return path.substr(0, path.rfind('/')); }
std::string_view name_of_path(std::string_view path) { return path.substr(path.rfind('/') + 1); }

std::vector<Entry> entries_of(const std::string& folder) {
  std::vector<Entry> entries;
  const std::unique_ptr<DIR, CloseFolder> open(::opendir(folder.empty() ? "/" : folder.c_str()));
  if (!open) return entries;
  while (const dirent* entry = ::readdir(open.get())) {
    if (entry->d_type == DT_REG || entry->d_type == DT_UNKNOWN) {
      entries.push_back({folder + "/" + entry->d_name, entry->d_ino});
    }
  }
  return entries;
}

std::optional<Candidate> open_candidate(const std::string& path, const IsFollowed& is_followed) {
  Candidate candidate{.path = path,
                      .status = {},
                      .file = FileDescriptor(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK))};
  if (!candidate.file.is_open()) return std::nullopt;
  std::error_code failure;
  candidate.status = status_of(candidate.file.number(), failure);
  if (failure || !candidate.status.is_regular || is_followed(path, candidate.status)) return std::nullopt;
  candidate.compression = compression_of(bytes_at(candidate.file.number(), 0, 4));
  return candidate;
}

std::vector<Candidate> rotated_candidates(const std::string& base, const IsFollowed& is_followed) {
  std::vector<Candidate> candidates;
  for (const Entry& entry : entries_of(folder_of(base))) {
    if (!is_rotated_name(name_of_path(entry.path), name_of_path(base))) continue;
    if (auto candidate = open_candidate(entry.path, is_followed)) candidates.push_back(std::move(*candidate));
  }
  return candidates;
}

// The first bytes of the text of a compressed file; fewer when it is shorter or damaged.
std::string unpacked_head(const std::string& path, std::size_t length) {
  std::string head(length, '\0');
  std::size_t filled = 0;
  auto text = open_byte_stream(FileDescriptor(::open(path.c_str(), O_RDONLY | O_CLOEXEC)), path);
  while (text && filled < length) {
    const auto count = (*text)->read(std::span(head).subspan(filled));
    if (!count || *count == 0) break;
    filled += *count;
  }
  head.resize(filled);
  return head;
}

// Of a compressed file only the head is compared here; the bytes before the place are, when reading comes to them.
bool has_text(const Candidate& candidate, const FilePlace& place) {
  if (candidate.compression == Compression::none) return has_text_of(place, candidate.file.number(), candidate.status);
  const std::string head = unpacked_head(candidate.path, place.file.head_length);
  return head.size() == place.file.head_length && hash(head) == place.file.head_hash;
}

std::optional<FoundFile> follow(Candidate candidate, FilePlace place, const FileTailerOptions& options) {
  place.path = candidate.path;
  place.file.device = candidate.status.device;
  place.file.inode = candidate.status.inode;
  place.file.born = candidate.status.born;
  FoundFile found{.path = candidate.path, .status = candidate.status, .file = nullptr};
  if (candidate.compression == Compression::none) {
    found.file = follow_plain(std::move(candidate.file), std::move(place), options);
    return found;
  }
  auto text = open_byte_stream(std::move(candidate.file), candidate.path);
  if (!text) return std::nullopt;
  found.file = follow_compressed(std::move(*text), std::move(place), options);
  return found;
}

std::optional<Candidate> by_inode(const FilePlace& place, const std::string& base, const IsFollowed& is_followed) {
  std::vector<std::string> paths{place.path, base};
  for (const std::string& folder : {folder_of(place.path), folder_of(base)}) {
    for (Entry& entry : entries_of(folder)) {
      if (entry.inode == place.file.inode) paths.push_back(std::move(entry.path));
    }
  }
  for (const std::string& at : paths) {
    auto candidate = open_candidate(at, is_followed);
    if (candidate && is_same_inode(place.file, candidate->status) && has_text(*candidate, place)) return candidate;
  }
  return std::nullopt;
}

// At the path itself: restored from a backup, rewritten by an editor, on a copied volume.
std::optional<Candidate> same_text_at(const FilePlace& place, const std::string& base, const IsFollowed& is_followed) {
  if (place.before_length < enough_text) return std::nullopt;
  auto candidate = open_candidate(base, is_followed);
  const bool is_it = candidate && candidate->compression == Compression::none && has_text(*candidate, place);
  return is_it ? std::move(candidate) : std::nullopt;
}

std::optional<Candidate> rotated_copy(const FilePlace& place, const std::string& base, const IsFollowed& is_followed) {
  if (place.offset == 0) return std::nullopt;
  std::optional<Candidate> best;
  for (Candidate& candidate : rotated_candidates(base, is_followed)) {
    if (!has_text(candidate, place)) continue;
    const bool is_better =
        !best || (candidate.compression == Compression::none &&
                  (best->compression != Compression::none || candidate.status.size > best->status.size));
    if (is_better) best = std::move(candidate);
  }
  return best;
}

// Born and written after the last look. A compressed file keeps the time of the last write to its plain one, so that
// one made of an old log is told by it. A name that numbers its generations beats all times.
bool is_younger(const Candidate& candidate, std::string_view base, const LastSeen& last) {
  if (!last.path.empty()) {
    const auto older = is_older_by_name(name_of_path(candidate.path), name_of_path(last.path), base);
    const auto younger = is_older_by_name(name_of_path(last.path), name_of_path(candidate.path), base);
    if (older && younger && *older != *younger) return *younger;
  }
  if (last.folder_changed == 0) return false;
  const bool born_after = candidate.status.born == 0 || candidate.status.born >= last.folder_changed;
  return born_after && candidate.status.modified >= last.folder_changed;
}

bool rotated_before(const Candidate& a, const Candidate& b, std::string_view base) {
  const auto by_name = is_older_by_name(name_of_path(a.path), name_of_path(b.path), base);
  return by_name ? *by_name : a.status.modified < b.status.modified;
}

}  // namespace

std::optional<FoundFile> find_file(const FilePlace& place, const std::string& base, const IsFollowed& is_followed,
                                   const FileTailerOptions& options) {
  auto candidate = by_inode(place, base, is_followed);
  if (!candidate) candidate = same_text_at(place, base, is_followed);
  if (candidate) return follow(std::move(*candidate), place, options);
  return find_copy(place, base, is_followed, options);
}

std::optional<FoundFile> find_copy(const FilePlace& place, const std::string& base, const IsFollowed& is_followed,
                                   const FileTailerOptions& options) {
  auto candidate = rotated_copy(place, base, is_followed);
  return candidate ? follow(std::move(*candidate), place, options) : std::nullopt;
}

std::vector<FoundFile> find_unseen(const std::string& base, const LastSeen& last, const IsFollowed& is_followed,
                                   const FileTailerOptions& options) {
  auto candidates = rotated_candidates(base, is_followed);
  // Nobody's file at the base itself: a symbolic link went on to the next one before this was seen.
  if (auto at_base = open_candidate(base, is_followed)) candidates.push_back(std::move(*at_base));
  std::vector<Candidate> unseen;
  for (Candidate& candidate : candidates) {
    const bool is_known = std::any_of(last.places.begin(), last.places.end(), [&](const FilePlace& place) {
      return place.offset > 0 && has_text(candidate, place);
    });
    if (!is_known && is_younger(candidate, name_of_path(base), last)) unseen.push_back(std::move(candidate));
  }
  std::stable_sort(unseen.begin(), unseen.end(),
                   [&](const Candidate& a, const Candidate& b) { return rotated_before(a, b, name_of_path(base)); });
  std::vector<FoundFile> found;
  for (Candidate& candidate : unseen) {
    FilePlace beginning;
    beginning.file = identity_of(candidate.status);
    if (auto file = follow(std::move(candidate), std::move(beginning), options)) found.push_back(std::move(*file));
  }
  return found;
}

}  // namespace triaged
