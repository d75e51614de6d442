#include "sources/rotated_files.hpp"

#include <algorithm>
#include <array>
#include <map>

#include <dirent.h>
#include <unistd.h>

#include "sources/path_parts.hpp"
#include "sources/rotated_name.hpp"

namespace triaged {

namespace {

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
  Candidate candidate{.path = path, .status = {}, .file = open_to_read(path)};
  if (!candidate.file.is_open()) return std::nullopt;
  std::error_code failure;
  candidate.status = status_of(candidate.file.number(), failure);
  if (failure || !candidate.status.is_regular || is_followed(path, candidate.status)) return std::nullopt;
  candidate.compression = compression_of(bytes_at(candidate.file.number(), 0, 4));
  return candidate;
}

using IsWanted = bool (*)(std::string_view name, std::string_view base);

std::vector<Candidate> candidates_for(const std::string& base, IsWanted is_wanted, const IsFollowed& is_followed) {
  std::vector<Candidate> candidates;
  for (const Entry& entry : entries_of(folder_of_path(base))) {
    if (!is_wanted(name_of_path(entry.path), name_of_path(base))) continue;
    if (auto candidate = open_candidate(entry.path, is_followed)) candidates.push_back(std::move(*candidate));
  }
  return candidates;
}

// Bytes of the text of a compressed file; fewer when it is shorter or damaged.
std::string unpacked_bytes(const std::string& path, std::uint64_t offset, std::size_t length) {
  std::string bytes(length, '\0');
  std::array<char, 64 * 1024> passed;
  std::size_t filled = 0;
  auto text = open_byte_stream(open_to_read(path), path);
  while (text && filled < length) {
    const bool is_before = offset > 0;
    const auto into = is_before ? std::span(passed).first(std::min<std::uint64_t>(passed.size(), offset))
                                : std::span(bytes).subspan(filled);
    const auto count = (*text)->read(into);
    if (!count || *count == 0) break;
    if (is_before) {
      offset -= *count;
    } else {
      filled += *count;
    }
  }
  bytes.resize(filled);
  return bytes;
}

std::string text_at(const Candidate& candidate, std::uint64_t offset, std::size_t length) {
  return candidate.compression == Compression::none ? bytes_at(candidate.file.number(), offset, length)
                                                    : unpacked_bytes(candidate.path, offset, length);
}

// What should be the head of `file`.
std::string head_in(const Candidate& candidate, const FileIdentity& file) {
  return text_at(candidate, file.head_start, file.head_length);
}

// Of a compressed file only the head is compared here; the bytes before the place are, when reading comes to them.
bool has_text(const Candidate& candidate, const FilePlace& place) {
  if (candidate.compression == Compression::none) return has_text_of(place, candidate.file.number(), candidate.status);
  const std::string head = head_in(candidate, place.file);
  return head.size() == place.file.head_length && fnv1a(head) == place.file.head_hash;
}

// gzip ends with the size of its text (of its last member, modulo 4 GiB).
bool has_more_than(std::uint64_t offset, const Candidate& candidate) {
  const std::uint64_t size = candidate.status.size;
  if (candidate.compression == Compression::none) return size > offset;
  if (candidate.compression != Compression::gzip || size < 4) return true;
  std::uint32_t text_size = 0;
  for (const char byte : bytes_at(candidate.file.number(), size - 4, 4)) {
    text_size = text_size >> 8 | static_cast<std::uint32_t>(static_cast<unsigned char>(byte)) << 24;
  }
  return text_size != static_cast<std::uint32_t>(offset);
}

std::optional<FoundFile> follow(Candidate candidate, FilePlace place, const FileTailerOptions& options) {
  place.path = candidate.path;
  place.file.device = candidate.status.device;
  place.file.inode = candidate.status.inode;
  place.file.born = candidate.status.born;
  FoundFile found{.path = candidate.path, .status = candidate.status, .file = nullptr};
  found.has_more = has_more_than(place.reach(), candidate);
  if (candidate.compression == Compression::none) {
    found.file = follow_plain(std::move(candidate.file), std::move(place), options);
    return found;
  }
  if (place.file.head_length == 0) {
    grow_head(place.file, text_at(candidate, 0, longest_head));
  }
  auto text = open_byte_stream(std::move(candidate.file), candidate.path);
  if (!text) return std::nullopt;
  found.file = follow_compressed(std::move(*text), std::move(place), options);
  return found;
}

std::optional<Candidate> by_inode_at(const std::string& path, const FilePlace& place, const IsFollowed& is_followed) {
  auto candidate = open_candidate(path, is_followed);
  const bool is_it = candidate && is_same_inode(place.file, candidate->status) && has_text(*candidate, place);
  return is_it ? std::move(candidate) : std::nullopt;
}

// Mostly it is where it was; only else are folders searched.
std::optional<Candidate> by_inode(const FilePlace& place, const std::string& base, const IsFollowed& is_followed) {
  for (const std::string& path : {place.path, base}) {
    if (auto candidate = by_inode_at(path, place, is_followed)) return candidate;
  }
  for (const std::string& folder : {folder_of_path(place.path), folder_of_path(base)}) {
    for (const Entry& entry : entries_of(folder)) {
      if (entry.inode != place.file.inode) continue;
      if (auto candidate = by_inode_at(entry.path, place, is_followed)) return candidate;
    }
  }
  return std::nullopt;
}

// Where the file of `place` stands, with whatever text; empty: it is gone.
std::string inode_beside(const FilePlace& place, const std::string& base) {
  const auto entries = entries_of(folder_of_path(base));
  const auto found = std::find_if(entries.begin(), entries.end(), [&](const Entry& entry) {
    std::error_code failure;
    return entry.inode == place.file.inode && is_same_inode(place.file, status_of(entry.path, failure)) && !failure;
  });
  return found == entries.end() ? std::string() : found->path;
}

// At the path itself: restored from a backup, rewritten by an editor, on a copied volume. Text alone is trusted when it
// is longer than a header that all generations could have in common, and the file that had it is not there with another
// one: reading a short beginning again is better than leaving out the files that came before this one.
std::optional<Candidate> same_text_at(const FilePlace& place, const std::string& base, const IsFollowed& is_followed) {
  if (place.reach() <= longest_head || !inode_beside(place, base).empty()) return std::nullopt;
  auto candidate = open_candidate(base, is_followed);
  const bool is_it = candidate && candidate->compression == Compression::none && has_text(*candidate, place);
  return is_it ? std::move(candidate) : std::nullopt;
}

// Some tools keep a file's time to the second only.
bool was_written_since(std::int64_t time, const FileStatus& status) {
  constexpr std::int64_t second = 1'000'000'000;
  return status.modified >= time || (status.modified % second == 0 && status.modified >= time / second * second);
}

// Several have it when all generations begin with the same header and no more was read. Those that are older than the
// one that is searched for were last written to before it was read; of the others it is the oldest. And what was copied
// and then truncated is younger than its copy, also when it was rotated away since; so is what was rotated and then
// gone.
std::optional<Candidate> rotated_copy(const FilePlace& place, const std::string& base, const IsFollowed& is_followed) {
  if (place.file.head_length == 0) return std::nullopt;
  std::string last = inode_beside(place, base);
  if (last.empty()) last = place.path;
  const auto is_younger_than_it = [&](const Candidate& candidate) {
    return folder_of_path(last) == folder_of_path(candidate.path) && last != base &&
           is_older_by_name(name_of_path(last), name_of_path(candidate.path), name_of_path(base)).value_or(false);
  };
  std::optional<Candidate> best;
  const auto is_better = [&](const Candidate& candidate) {
    if (!best) return true;
    const auto name = name_of_path(candidate.path), best_name = name_of_path(best->path);
    if (is_older_by_name(name, best_name, name_of_path(base)).value_or(false)) return true;
    if (is_older_by_name(best_name, name, name_of_path(base)).value_or(false)) return false;
    return candidate.compression == Compression::none &&
           (best->compression != Compression::none || candidate.status.size > best->status.size);
  };
  for (Candidate& candidate : candidates_for(base, is_later_name, is_followed)) {
    if (!was_written_since(place.modified, candidate.status) || is_younger_than_it(candidate)) continue;
    if (!has_text(candidate, place)) continue;
    if (is_better(candidate)) best = std::move(candidate);
  }
  return best;
}

// The file itself, when it still has the text that was read from it.
FileDescriptor opened_if_intact(const SeenFile& seen) {
  FileDescriptor file = seen.descriptor >= 0 ? FileDescriptor(::dup(seen.descriptor)) : open_to_read(seen.place.path);
  if (!file.is_open()) return {};
  std::error_code failure;
  const FileStatus status = status_of(file.number(), failure);
  const bool is_intact =
      !failure && is_same_inode(seen.place.file, status) && has_text_of(seen.place, file.number(), status);
  return is_intact ? std::move(file) : FileDescriptor();
}

// As far as the beginning and, of a plain file, its end show. The copy is looked at first: the file may be growing.
bool is_start_of(const Candidate& candidate, int file) {
  constexpr std::size_t enough = 64 * 1024;  // longer than any header that all generations could have in common
  std::error_code failure;
  const std::uint64_t size = status_of(candidate.file.number(), failure).size;
  const std::string copied = text_at(candidate, 0, enough);
  if (failure || bytes_at(file, 0, copied.size()) != copied) return false;
  if (candidate.compression != Compression::none || size <= copied.size()) return true;
  const std::uint64_t end = size - LineSplitter::longest_before;
  return bytes_at(file, end, LineSplitter::longest_before) ==
         bytes_at(candidate.file.number(), end, LineSplitter::longest_before);
}

// Lines that were written between the copy and the truncation may have been read: then the copy has less than was read.
bool is_shorter_copy(const Candidate& candidate, const FilePlace& place) {
  const std::string head = head_in(candidate, place.file);
  if (head.size() == place.file.head_length && fnv1a(head) != place.file.head_hash) return false;
  return place.reach() > 0 && head_begins_with(place.file, head) && text_at(candidate, place.reach() - 1, 1).empty();
}

// All of this may change while it is looked at. A copy is written and then the file truncated (or removed), never the
// other way round: so when the file does not stand there any more, its copy, looked at after that, is complete.
bool is_copy(Candidate& candidate, const SeenFile& seen) {
  const FileDescriptor file = opened_if_intact(seen);
  if (file.is_open()) {
    const std::string head = head_in(candidate, seen.place.file);
    const bool has_head = bytes_at(file.number(), seen.place.file.head_start, head.size()) == head;
    if (has_head && is_start_of(candidate, file.number())) return true;
    if (opened_if_intact(seen).is_open()) return false;
  }
  std::error_code failure;
  candidate.status = status_of(candidate.file.number(), failure);
  if (failure || seen.place.file.head_length == 0) return false;
  if (!has_text(candidate, seen.place)) return is_shorter_copy(candidate, seen.place);
  // Of a file that is gone and was read to its end there may be a copy; one with more text than that is another file
  // with the same header, unless too much is the same for a header.
  const std::uint64_t reach = seen.place.reach();
  return seen.descriptor >= 0 || reach > longest_head || text_at(candidate, reach, 1).empty();
}

// What begins as an older file does may be a copy of it that is not finished, or that was made before its last lines
// came. But who makes such copies truncates the file then, and it goes on at the path. Of a file that was renamed they
// are not expected: a text as short as a header with the start of a line behind it is a file of its own. (When it ends
// with a line, all of its lines are known.)
bool is_own_beginning(const Candidate& candidate, const SeenFile& seen, const LastSeen& last,
                      const FileStatus& at_base) {
  const std::uint64_t size = candidate.status.size;
  if (candidate.compression != Compression::none || size == 0 || size > longest_head) return false;
  if (size >= seen.place.reach() || is_same_inode(seen.place.file, at_base)) return false;
  const auto texts = std::count_if(last.files.begin(), last.files.end(), [&](const SeenFile& other) {
    return other.place.file.inode == seen.place.file.inode && other.place.file.born == seen.place.file.born;
  });
  const bool was_truncated = texts > 1;
  return !was_truncated && text_at(candidate, size - 1, 1) != "\n";
}

bool is_known(Candidate& candidate, const std::string& base, const LastSeen& last) {
  std::error_code failure;
  const FileStatus at_base = status_of(base, failure);
  return std::any_of(last.files.begin(), last.files.end(), [&](const SeenFile& seen) {
    return is_copy(candidate, seen) && !is_own_beginning(candidate, seen, last, at_base);
  });
}

// Born and written after the last look. A compressed file keeps the time of the last write to its plain one, so that
// one made of an old log is told by it. A name that numbers its generations beats all times.
bool is_younger(const Candidate& candidate, std::string_view base, const LastSeen& last) {
  // The last file itself, with another text: truncated, filled anew, and rotated away.
  if (!last.files.empty() && is_same_inode(last.files.back().place.file, candidate.status)) return true;
  if (!last.path.empty()) {
    const auto older = is_older_by_name(name_of_path(candidate.path), name_of_path(last.path), base);
    const auto younger = is_older_by_name(name_of_path(last.path), name_of_path(candidate.path), base);
    if (older && younger && *older != *younger) return *younger;
  }
  if (last.folder_changed == 0) return false;
  const bool born_after = candidate.status.born == 0 || candidate.status.born >= last.folder_changed;
  return born_after && was_written_since(last.folder_changed, candidate.status);
}

// A link went from "0.log" to "3.log" between two looks.
std::vector<Candidate> between(const std::string& base, const LastSeen& last, const IsFollowed& is_followed) {
  std::map<std::uint64_t, Candidate> by_number;
  if (last.folder_changed == 0 || folder_of_path(base) != folder_of_path(last.next)) return {};
  for (const Entry& entry : entries_of(folder_of_path(base))) {
    const auto number = number_between(name_of_path(entry.path), name_of_path(base), name_of_path(last.next));
    auto candidate = number ? open_candidate(entry.path, is_followed) : std::nullopt;
    if (!candidate || is_known(*candidate, base, last) || !was_written_since(last.folder_changed, candidate->status))
      continue;
    by_number.emplace(*number, std::move(*candidate));
  }
  std::vector<Candidate> candidates;
  for (auto& [number, candidate] : by_number) candidates.push_back(std::move(candidate));
  return candidates;
}

bool rotated_before(const Candidate& a, const Candidate& b, std::string_view base) {
  const auto by_name = is_older_by_name(name_of_path(a.path), name_of_path(b.path), base);
  return by_name ? *by_name : a.status.modified < b.status.modified;
}

}  // namespace

std::optional<FoundFile> find_file(const FilePlace& place, const std::string& base, const IsFollowed& is_followed,
                                   const FileTailerOptions& options) {
  auto candidate = by_inode(place, base, is_followed);
  return candidate ? follow(std::move(*candidate), place, options) : std::nullopt;
}

std::optional<FoundFile> find_text(const FilePlace& place, const std::string& base, const IsFollowed& is_followed,
                                   const FileTailerOptions& options) {
  if (auto copy = find_copy(place, base, is_followed, options); copy || place.done) return copy;
  auto candidate = same_text_at(place, base, is_followed);
  return candidate ? follow(std::move(*candidate), place, options) : std::nullopt;
}

bool is_copy_of(const SeenFile& seen, const std::string& path, int file, const FileStatus& status) {
  Candidate candidate{
      .path = path, .status = status, .file = FileDescriptor(::dup(file)), .compression = Compression::none};
  return is_copy(candidate, seen);
}

std::string where_now(const FilePlace& place, const std::string& base) {
  const auto nobody = [](const std::string&, const FileStatus&) { return false; };
  const auto candidate = by_inode(place, base, nobody);
  return candidate ? candidate->path : std::string();
}

std::optional<FoundFile> find_copy(const FilePlace& place, const std::string& base, const IsFollowed& is_followed,
                                   const FileTailerOptions& options) {
  auto candidate = rotated_copy(place, base, is_followed);
  return candidate ? follow(std::move(*candidate), place, options) : std::nullopt;
}

std::vector<FoundFile> find_unseen(const std::string& base, const LastSeen& last, const IsFollowed& is_followed,
                                   const FileTailerOptions& options) {
  auto candidates = candidates_for(base, is_rotated_name, is_followed);
  // Nobody's file at the base itself: a symbolic link went on to the next one before this was seen.
  if (auto at_base = open_candidate(base, is_followed)) candidates.push_back(std::move(*at_base));
  std::vector<Candidate> unseen;
  for (Candidate& candidate : candidates) {
    const bool is_younger_one = is_younger(candidate, name_of_path(base), last);
    if (is_younger_one && !is_known(candidate, base, last)) unseen.push_back(std::move(candidate));
  }
  std::stable_sort(unseen.begin(), unseen.end(),
                   [&](const Candidate& a, const Candidate& b) { return rotated_before(a, b, name_of_path(base)); });
  for (Candidate& candidate : between(base, last, is_followed)) unseen.push_back(std::move(candidate));
  std::vector<FoundFile> found;
  for (Candidate& candidate : unseen) {
    FilePlace beginning = beginning_of(candidate.status);
    if (auto file = follow(std::move(candidate), std::move(beginning), options)) found.push_back(std::move(*file));
  }
  return found;
}

}  // namespace triaged
