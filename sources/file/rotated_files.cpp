#include "sources/file/rotated_files.hpp"

#include <algorithm>
#include <ctime>
#include <map>

#include "sources/file/rotated_name.hpp"
#include "sources/path_parts.hpp"

namespace triaged::sources {

namespace {

constexpr std::int64_t second = 1'000'000'000;

// Between the first byte of a copy and the truncation, or the moment that a compressed file has the time of and its
// end.
constexpr std::int64_t longest_gap = 60 * second;

// Compressing a file takes no longer.
constexpr std::int64_t longest_compression = 60 * 60 * second;

// The last of so many unseen files are read, should somebody have renamed more than that into a family.
constexpr std::size_t most_unseen = 1000;

std::optional<Candidate> candidate_at(const std::string& path, const RotatedSearch& search) {
  auto candidate = open_candidate(path);
  if (!candidate || search.is_followed(path, candidate->status)) return std::nullopt;
  return candidate;
}

std::optional<Candidate> by_inode_at(const std::string& path, const FilePlace& place, const RotatedSearch& search) {
  std::error_code failure;
  if (!is_same_inode(place.file, status_of(path, failure)) || failure) return std::nullopt;
  auto candidate = candidate_at(path, search);
  const bool is_it = candidate && is_same_inode(place.file, candidate->status) && has_text(*candidate, place);
  return is_it ? std::move(candidate) : std::nullopt;
}

// Mostly it is where it was; only else are folders searched.
std::optional<Candidate> by_inode(const FilePlace& place, const RotatedSearch& search) {
  for (const std::string& path : {place.path, search.places.base}) {
    if (auto candidate = by_inode_at(path, place, search)) return candidate;
  }
  for (const std::string& path : search.places.paths_of_inode(place.file.inode, place.path, search.listings)) {
    if (auto candidate = by_inode_at(path, place, search)) return candidate;
  }
  return std::nullopt;
}

// At the path itself: restored from a backup, rewritten by an editor, on a copied volume. Text alone is trusted when it
// is longer than a header that all generations could have in common, and the file that had it is not there with another
// one: reading a short beginning again is better than leaving out the files that came before this one.
std::optional<Candidate> same_text_at(const FilePlace& place, const RotatedSearch& search) {
  if (place.reach() <= longest_head || !path_of_inode(place, search).empty()) return std::nullopt;
  auto candidate = candidate_at(search.places.base, search);
  const bool is_it = candidate && candidate->compression == Compression::none && has_text(*candidate, place);
  return is_it ? std::move(candidate) : std::nullopt;
}

// One that a link led to may have been compressed where it stood.
std::vector<std::string> paths_of_copies(const FilePlace& place, const RotatedSearch& search) {
  auto paths = search.places.paths_of_later(search.listings);
  for (const auto ending : compressed_endings) {
    const auto path = std::string(place.path).append(ending);
    if (std::find(paths.begin(), paths.end(), path) == paths.end()) paths.push_back(path);
  }
  return paths;
}

bool has_only_seconds(std::int64_t time) { return time % second == 0; }

// Some tools keep a file's time to the second only.
bool was_written_since(std::int64_t time, const FileStatus& status) {
  return status.modified >= time || (has_only_seconds(status.modified) && status.modified >= time / second * second);
}

// A file that is being compressed stands there twice for a while, and the compressed one is not whole: it is left.
bool is_unfinished(const std::string& path, const RotatedSearch& search) {
  const auto plain = plain_name_of(name_of_path(path));
  if (!plain) return false;
  std::error_code failure;
  const std::string beside = folder_of_path(path) + "/" + std::string(*plain);
  if (beside != search.places.base && status_of(beside, failure).is_regular && !failure) return true;
  return status_of(path, failure).size == 0;
}

// When a rotated file began, or the nearest to that which can be known.
std::int64_t time_in_order(const FileStatus& status, bool has_only_last_write) {
  return has_only_last_write || status.born == 0 ? status.modified : status.born;
}

/// Which of the files of a family is the older one. The `refilled` ones hold another text than they were born with, so
/// their birth does not say when that began.
class Order {
 public:
  Order(std::string_view base, const std::vector<std::string>& paths, std::vector<FileIdentity> refilled)
      : base_(base), refilled_(std::move(refilled)) {
    std::vector<TimedName> files;
    for (const std::string& path : paths) {
      std::error_code failure;
      const FileStatus status = status_of(path, failure);
      const std::string_view name = name_of_path(path);
      if (failure) continue;
      const bool has_only_last_write = plain_name_of(name).has_value() || is_refilled(status);
      files.push_back({std::string(name), time_in_order(status, has_only_last_write), has_only_last_write});
    }
    numbering_ = numbering_of(files, base_);
  }

  [[nodiscard]] std::optional<bool> by_names(const std::string& path, const std::string& other) const {
    return is_older_by_name(name_of_path(path), name_of_path(other), base_, numbering_);
  }
  [[nodiscard]] bool is_older(const Candidate& a, const Candidate& b) const {
    if (const auto told = by_names(a.path, b.path)) return *told;
    return time_of(a) < time_of(b);
  }

 private:
  [[nodiscard]] bool is_refilled(const FileStatus& status) const {
    return std::any_of(refilled_.begin(), refilled_.end(),
                       [&](const FileIdentity& file) { return is_same_inode(file, status); });
  }
  [[nodiscard]] std::int64_t time_of(const Candidate& candidate) const {
    return time_in_order(candidate.status, candidate.compression != Compression::none || is_refilled(candidate.status));
  }

  const std::string_view base_;
  const std::vector<FileIdentity> refilled_;
  Numbering numbering_ = Numbering::newest_is_lowest;
};

// What was read may have been written to later than its copy: a line that came between the copy and the truncation, or,
// of a compressed file, which keeps the time that logrotate saw when it began, all that came while logrotate ran. Then
// more text than a header must tell, or the copy's own age.
bool may_be_copy(const FilePlace& place, const std::string& path, const FileStatus& status) {
  if (place.reach() > longest_head) return true;
  if (status.born == 0) return false;
  if (plain_name_of(name_of_path(path))) return status.born >= place.modified;
  return status.born + longest_gap >= place.modified && was_written_since(place.file.born, status);
}

// Several have it when all generations begin with the same header and no more was read. Those that are older than the
// one that is searched for were last written to before it was read; of the others it is the oldest. And what was copied
// and then truncated is younger than its copy, also when it was rotated away since; so is what was rotated and then
// gone.
std::optional<Candidate> rotated_copy(const FilePlace& place, const RotatedSearch& search) {
  if (place.file.head_length == 0) return std::nullopt;
  const std::string& base = search.places.base;
  std::string last = path_of_inode(place, search);
  if (last.empty()) last = place.path;
  const auto paths = paths_of_copies(place, search);
  const Order order(name_of_path(base), paths, {place.file});
  const auto is_younger_than_it = [&](const Candidate& candidate) {
    return place.reach() <= longest_head && folder_of_path(last) == folder_of_path(candidate.path) && last != base &&
           order.by_names(last, candidate.path).value_or(false);
  };
  std::optional<Candidate> best, best_by_text;
  const auto is_better = [&](const Candidate& candidate, const std::optional<Candidate>& than) {
    if (!than) return true;
    if (const auto told = order.by_names(candidate.path, than->path)) return *told;
    return candidate.compression == Compression::none &&
           (than->compression != Compression::none || candidate.status.size > than->status.size);
  };
  for (const std::string& path : paths) {
    std::error_code failure;
    const FileStatus status = status_of(path, failure);
    const bool is_since = was_written_since(place.modified, status);
    if (failure || !(is_since || may_be_copy(place, path, status))) continue;
    auto candidate = candidate_at(path, search);
    if (!candidate || is_younger_than_it(*candidate) || !has_text_up_to(*candidate, place)) continue;
    std::optional<Candidate>& best_of = is_since ? best : best_by_text;
    if (is_better(*candidate, best_of)) best_of = std::move(candidate);
  }
  return best ? std::move(best) : std::move(best_by_text);
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

// (An empty one has the text of none: it may yet be written to by a program that was not told of the rotation.)
bool is_known(Candidate& candidate, const std::string& base, const LastSeen& last) {
  if (candidate.status.size == 0 && candidate.file.is_open()) return false;
  std::error_code failure;
  const FileStatus at_base = status_of(base, failure);
  return std::any_of(last.files.begin(), last.files.end(), [&](const SeenFile& seen) {
    return is_copy(candidate, seen) && !is_own_beginning(candidate, seen, last, at_base);
  });
}

// Of a file that could never be read only its times and its size are known. A compressed file keeps the time of the
// last write: of those that came since the file was born, the oldest is the one. It was born as the file still stood
// there: what is older than the last look by more than compressing takes was accounted for then, and perhaps forgotten.
bool may_be_form_of_unread(const FilePlace& place, const FileStatus& status, std::int64_t known) {
  const std::int64_t written = std::max(place.file.born, place.modified - longest_gap);
  const std::int64_t born = std::max(place.file.born, known - longest_compression);
  return (status.born == 0 || status.born >= born) && was_written_since(written, status);
}

// What came into a file that was empty is younger than the last look, and found by that. But while logrotate runs lines
// may come into it after logrotate saw its time, which the compressed file keeps: the very same.
bool may_be_form_of_empty(std::int64_t modified, const FileStatus& status, std::int64_t known) {
  const bool has_its_time = status.modified == modified ||
                            (has_only_seconds(status.modified) && status.modified == modified / second * second);
  return has_its_time && status.born != 0 && status.born >= known;
}

std::optional<Candidate> compressed_form(const FilePlace& place, const LastSeen& last, const RotatedSearch& search) {
  if (!path_of_inode(place, search).empty()) return std::nullopt;
  const bool was_empty = place.unread == 0;
  const std::int64_t known = last.unsure.is_open() ? last.unsure.since : last.known_until;
  std::optional<Candidate> oldest;
  for (const std::string& path : paths_of_copies(place, search)) {
    std::error_code failure;
    const FileStatus status = status_of(path, failure);
    if (failure || !plain_name_of(name_of_path(path)) || is_unfinished(path, search)) continue;
    if (was_empty ? !may_be_form_of_empty(place.modified, status, known) : !may_be_form_of_unread(place, status, known))
      continue;
    auto candidate = candidate_at(path, search);
    if (!candidate || candidate->compression == Compression::none) continue;
    const std::uint64_t last_byte = was_empty ? 0 : place.unread - 1;
    if (text_at(*candidate, last_byte, 1).empty() || is_known(*candidate, search.places.base, last)) continue;
    if (!oldest || candidate->status.modified < oldest->status.modified) oldest = std::move(candidate);
  }
  return oldest;
}

// Somebody has copied the file at the path, or is about to, and will truncate it: until then its lines are read there.
bool is_copy_of_file_at_path(const Candidate& candidate, const LastSeen& last) {
  const std::int64_t born = candidate.status.born, file_born = last.status_at_path.born;
  const std::uint64_t size = candidate.status.size;
  const bool is_plain = candidate.compression == Compression::none, has_births = born != 0 && file_born != 0;
  if (is_plain && has_births && born < file_born) return false;
  // A copy begins as an empty file. One that ends within a line, and is as old, is more likely one of its own.
  if (size == 0) return has_births && born > file_born;
  if (last.at_path < 0) return false;
  if (is_plain && has_births && born == file_born && text_at(candidate, size - 1, 1) != "\n") return false;
  return is_start_of(candidate, last.at_path);
}

std::int64_t time_of_host() {
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  return now.tv_sec * second + now.tv_nsec;
}

/// Whether a file came after the last look. Times decide; names where times cannot.
class Younger {
 public:
  Younger(const LastSeen& last, const Order& order) : last_(last), order_(order) {
    // A clock that was set back says nothing about what came since.
    has_times_ = last.known_until != 0 && last.known_until <= time_of_host();
  }

  [[nodiscard]] bool operator()(const std::string& path, const FileStatus& status) const {
    // A file that was read, with another text: truncated, filled anew, and rotated away.
    if (!last_.files.empty() && is_same_inode(last_.files.back().place.file, status)) return true;
    const bool is_displaced = std::any_of(last_.displaced.begin(), last_.displaced.end(),
                                          [&](const FileIdentity& file) { return is_same_inode(file, status); });
    if (is_displaced) return true;
    if (!has_times_) return by_names(path).value_or(false);
    const bool is_compressed = plain_name_of(name_of_path(path)).has_value();
    const bool was_blank = last_.blank_since != 0 && is_compressed;
    if (was_blank && may_be_form_of_empty(last_.blank_since, status, last_.known_until)) return true;
    const std::int64_t time = time_in_order(status, is_compressed);
    return is_since(last_.known_until, time, path, status) ||
           (time <= last_.unsure.until && is_since(last_.unsure.since, time, path, status));
  }

 private:
  [[nodiscard]] bool is_since(std::int64_t until, std::int64_t time, const std::string& path,
                              const FileStatus& status) const {
    const bool is_older = (status.born != 0 && status.born < until) || !was_written_since(until, status);
    if (is_older) return false;
    return time > until || by_names(path).value_or(true);
  }
  [[nodiscard]] std::optional<bool> by_names(const std::string& path) const {
    if (last_.path.empty() || folder_of_path(path) != folder_of_path(last_.path)) return std::nullopt;
    const auto older = order_.by_names(path, last_.path), younger = order_.by_names(last_.path, path);
    return older && younger && *older != *younger ? younger : std::nullopt;
  }

  const LastSeen& last_;
  const Order& order_;
  bool has_times_ = false;
};

// A link went from "0.log" to "3.log" between two looks.
std::vector<Candidate> between(const LastSeen& last, const RotatedSearch& search) {
  const std::string& base = search.places.base;
  std::map<std::uint64_t, Candidate> by_number;
  if (last.known_until == 0 || last.next.empty() || last.next == base) return {};
  if (folder_of_path(base) != folder_of_path(last.next)) return {};
  for (const FolderEntry& entry : search.listings.of(folder_of_path(base)).entries) {
    const auto number = number_between(entry.name, name_of_path(base), name_of_path(last.next));
    if (!number || entry.is_folder) continue;
    auto candidate = candidate_at(folder_of_path(base) + "/" + entry.name, search);
    if (!candidate || is_known(*candidate, base, last) || !was_written_since(last.known_until, candidate->status)) {
      continue;
    }
    by_number.emplace(*number, std::move(*candidate));
  }
  std::vector<Candidate> candidates;
  for (auto& [number, candidate] : by_number) candidates.push_back(std::move(candidate));
  return candidates;
}

// The paths are those of a listing. One that is gone by now was renamed or compressed: it is elsewhere, unlisted.
UnseenFiles unseen_in(const LastSeen& last, const RotatedSearch& search) {
  const std::string& base = search.places.base;
  auto paths = search.places.paths_of_rotated(search.listings);
  const Order order(name_of_path(base), paths, last.displaced);
  const Younger is_younger(last, order);
  // Nobody's file at the base itself: a symbolic link went on to the next one before this was seen.
  if (!last.next.empty() && last.next != base) paths.push_back(base);
  UnseenFiles unseen{.files = {}, .is_complete = search.places.are_complete(search.listings)};
  std::vector<Candidate> candidates;
  for (const std::string& path : paths) {
    std::error_code failure;
    const FileStatus status = status_of(path, failure);
    if (failure) unseen.is_complete = unseen.is_complete && path == base;
    if (failure || !status.is_regular || !is_younger(path, status) || is_unfinished(path, search)) continue;
    if (last.at_path >= 0 && is_same_inode(identity_of(last.status_at_path), status)) continue;
    auto candidate = candidate_at(path, search);
    if (!candidate || is_known(*candidate, base, last) || is_copy_of_file_at_path(*candidate, last)) continue;
    candidate->file.close();
    candidates.push_back(std::move(*candidate));
  }
  std::stable_sort(candidates.begin(), candidates.end(),
                   [&](const Candidate& a, const Candidate& b) { return order.is_older(a, b); });
  for (Candidate& candidate : between(last, search)) candidates.push_back(std::move(candidate));
  if (candidates.size() > most_unseen) {
    candidates.erase(candidates.begin(), candidates.end() - static_cast<std::ptrdiff_t>(most_unseen));
  }
  for (const Candidate& candidate : candidates) {
    if (const auto again = candidate_at(candidate.path, search);
        again && again->status.inode == candidate.status.inode && again->status.born == candidate.status.born) {
      unseen.files.push_back(found_in(*again, beginning_of(again->status)));
    } else {
      unseen.is_complete = false;
    }
  }
  return unseen;
}

}  // namespace

FoundFile found_in(const Candidate& candidate, FilePlace place) {
  place.path = candidate.path;
  place.file.device = candidate.status.device;
  place.file.inode = candidate.status.inode;
  place.file.born = candidate.status.born;
  FoundFile found{.place = std::move(place), .status = candidate.status};
  found.has_more = has_more_than(found.place.reach(), candidate);
  if (!candidate.file.is_open()) {
    found.place.unread = candidate.status.size;
    return found;
  }
  FileIdentity& file = found.place.file;
  // A copy without the last lines: marks that were taken of those are none of its.
  if (text_at(candidate, file.head_start, file.head_length).size() < file.head_length) {
    file.head_length = 0;
    file.head_hash = hash_of_nothing;
  }
  if (file.head_length > 0) return found;
  if (candidate.compression == Compression::none) {
    grow_head(file, candidate.file.get(), candidate.status.size);
  } else {
    file.head_start = 0;
    grow_head(file, text_at(candidate, 0, longest_head));
  }
  return found;
}

std::optional<FoundFile> find_file(const FilePlace& place, const RotatedSearch& search) {
  const auto candidate = by_inode(place, search);
  return candidate ? std::optional(found_in(*candidate, place)) : std::nullopt;
}

std::optional<FoundFile> find_text(const FilePlace& place, const RotatedSearch& search) {
  if (auto copy = find_copy(place, search); copy || place.done) return copy;
  const auto candidate = same_text_at(place, search);
  return candidate ? std::optional(found_in(*candidate, place)) : std::nullopt;
}

std::optional<FoundFile> find_compressed(const FilePlace& place, const LastSeen& last, const RotatedSearch& search) {
  const auto candidate = compressed_form(place, last, search);
  return candidate ? std::optional(found_in(*candidate, place)) : std::nullopt;
}

std::optional<FoundFile> find_copy(const FilePlace& place, const RotatedSearch& search) {
  const auto candidate = rotated_copy(place, search);
  return candidate ? std::optional(found_in(*candidate, place)) : std::nullopt;
}

bool may_be_in_unreadable_file(const FilePlace& place, const RotatedSearch& search) {
  const auto paths = paths_of_copies(place, search);
  return std::any_of(paths.begin(), paths.end(), [&](const std::string& path) {
    const auto candidate = open_candidate(path);
    if (!candidate || candidate->file.is_open()) return false;
    return was_written_since(place.modified, candidate->status) || may_be_copy(place, path, candidate->status);
  });
}

std::string path_of_inode(const FilePlace& place, const RotatedSearch& search) {
  std::error_code failure;
  for (const std::string& path : {place.path, search.places.base}) {
    if (is_same_inode(place.file, status_of(path, failure)) && !failure) return path;
  }
  for (const std::string& path : search.places.paths_of_inode(place.file.inode, place.path, search.listings)) {
    if (is_same_inode(place.file, status_of(path, failure)) && !failure) return path;
  }
  return {};
}

UnseenFiles find_unseen(const LastSeen& last, const RotatedSearch& search) {
  UnseenFiles unseen = unseen_in(last, search);
  constexpr int tries = 3;
  for (int i = 1; i < tries && !unseen.is_complete; ++i) {
    search.places.refresh(search.listings);
    unseen = unseen_in(last, search);
  }
  return unseen;
}

}  // namespace triaged::sources
