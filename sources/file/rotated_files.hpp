// Finds the files that rotation made of a followed one: where a file is now that was read up to some place (renamed,
// copied, compressed, all while nobody looked), and which files came and went between two looks at a path.
//
// Which evidence says what:
//
//   "this is the file that I read up to byte N"   its inode and its birth, and the text before the place. A renamed
//       file keeps them, whatever it is called and in whatever folder it is found.
//   "this is a copy of it"   the text: the head and the bytes before the place. A copy, or a compressed file, that has
//       more than was read is where reading goes on when the file itself was truncated or is gone; else it is left.
//   "this came and went unseen"   its birth. At every look at a path the time is kept up to which all files of the
//       folder are accounted for (known_until: when the folder had last changed before that look, or the file at the
//       path had last been written). A file of the family that was born later, and is none of those that are known,
//       was never seen. A compressed file is younger than its text, but keeps the time of the last write: that must be
//       later, too. Copies of the file that now stands at the path (somebody is about to truncate it) are left: they
//       are born after it and have its text.
//   "this is old"   everything else: read and forgotten, or there before following began. So a handful of files need to
//       be remembered by name, not all that were ever read.
//   in which order   they were born (a compressed file: last written), and where names say more, by the names. Numbers
//       go either way; which way, the times of the whole family tell. Only when times are missing or equal (a file
//       system without births, all of it within one tick of its clock) do names decide alone.
//
// A search that could have missed a file, because the folder changed while it was read, says so; then known_until stays
// where it was, and the next look searches again.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "sources/file/candidate.hpp"
#include "sources/file/file_cursor.hpp"
#include "sources/file/folder_listing.hpp"
#include "sources/file/rotated_places.hpp"

namespace triaged::sources {

struct FoundFile {
  FilePlace place;  // from which it is to be read, with the path at which it stands
  FileStatus status;
  bool has_more = true;  // than what was read; true when that cannot be told without unpacking it
};

/// What is to be read from `candidate`, which is known to have the text that was read up to `place`.
[[nodiscard]] FoundFile found_in(const Candidate& candidate, FilePlace place);

/// Whether the file at a path (and what the system says of it) is followed already and must not be found.
using IsFollowed = std::function<bool(const std::string& path, const FileStatus&)>;

/// Where it is searched, and what is not to be found.
struct RotatedSearch {
  FolderListings& listings;
  const RotatedPlaces& places;
  IsFollowed is_followed;
};

/// The file that was read up to `place`, by its inode and text, wherever it is.
[[nodiscard]] std::optional<FoundFile> find_file(const FilePlace& place, const RotatedSearch& search);

/// When it is not to be found: one with its text, in a rotated (perhaps compressed) copy or, when it was not done, at
/// the base itself. Never found: one of whose text nothing is known.
[[nodiscard]] std::optional<FoundFile> find_text(const FilePlace& place, const RotatedSearch& search);

/// Only a copy of the text: for a file that was truncated where it stands.
[[nodiscard]] std::optional<FoundFile> find_copy(const FilePlace& place, const RotatedSearch& search);

/// Where the inode of `place` is now, with whatever text; empty when it is nowhere.
[[nodiscard]] std::string path_of_inode(const FilePlace& place, const RotatedSearch& search);

/// Whether a file that may not be read, followed or not, could have the text of `place`: then nobody knows yet whether
/// it is gone.
[[nodiscard]] bool may_be_in_unreadable_file(const FilePlace& place, const RotatedSearch& search);

/// What is known about the youngest file of a path that was seen there.
struct LastSeen {
  std::string path;              // where that file is now, under which name rotation may have put it; empty: gone
  std::string next;              // what a symbolic link points at instead; empty: not known
  std::int64_t known_until = 0;  // 0: not known, only names tell then
  Unsure unsure;                 // of what came in this time some may have been missed
  std::int64_t blank_since = 0;  // as in FileCursor
  std::vector<SeenFile> files;   // of this path: copies of them are not unseen
  /// Files that had the text of some of them, which was found in a copy: what they hold now was never seen.
  std::vector<FileIdentity> displaced;
  int at_path = -1;  // the file that stands at the path now, when it is another one
  FileStatus status_at_path;
};

struct UnseenFiles {
  std::vector<FoundFile> files;  // oldest first; to be read from their beginning
  bool is_complete = true;       // false: there may be more, search again
};

/// The compressed form of a file of whose text nothing is known (`place` has no marks: it was empty, or could not be
/// read) and which is gone: nobody's, of none of the texts that were seen, and not accounted for long since.
[[nodiscard]] std::optional<FoundFile> find_compressed(const FilePlace& place, const LastSeen& last,
                                                       const RotatedSearch& search);

/// Files that are younger than the last one seen at a path and were never seen themselves. One that may not be read is
/// among them.
[[nodiscard]] UnseenFiles find_unseen(const LastSeen& last, const RotatedSearch& search);

}  // namespace triaged::sources
