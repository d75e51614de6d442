// How a file is known again: after a rename, a restart, a copy, a reused inode. No single mark is trusted. An inode
// number is given to the next file as soon as the old one is deleted; a device number may change with a reboot; two
// logs may begin with the same header; and a file truncated in place keeps all of these while its text is a new one. So
// a place in a file is remembered with all its marks:
//
//   device and inode   tell most files apart, at the price of one stat()
//   birth time         tells an inode from the file that had its number before (where the file system keeps it: statx)
//   head               hash of the first bytes that are not NUL, as many as there were, up to 1 KiB: it grows, so no
//                      file is ever too short to be known
//   before             hash of the up to 256 bytes before the place: tells a file that was rewritten, and files with
//                      the same head
//
// The two hashes are of the text, so they also know a copy of the file and, unpacked, a compressed one.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "sources/file_status.hpp"
#include "sources/line_splitter.hpp"

namespace triaged::sources {

/// Can be continued: fnv1a(a + b) == fnv1a(b, fnv1a(a)). Against accident, not against an attacker.
inline constexpr std::uint64_t hash_of_nothing = 0xcbf29ce484222325;
[[nodiscard]] std::uint64_t fnv1a(std::string_view bytes, std::uint64_t so_far = hash_of_nothing);

inline constexpr std::uint32_t longest_head = 1024;
inline constexpr std::uint32_t head_step = 64;
inline constexpr std::size_t head_steps = longest_head / head_step;

struct FileIdentity {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::int64_t born = 0;
  std::uint64_t head_start = 0;  // behind the NUL bytes at the beginning, which tell nothing
  std::uint64_t head_hash = hash_of_nothing;
  std::uint32_t head_length = 0;
  std::array<std::uint32_t, head_steps> head_hashes{};  // of the first 64, 128, … bytes: these know a shorter text, too

  [[nodiscard]] std::uint64_t head_end() const { return head_start + head_length; }
};

/// A place in a file, where a line begins: all before it has been emitted.
struct FilePlace {
  FileIdentity file;
  std::uint64_t offset = 0;
  std::uint64_t before_hash = hash_of_nothing;
  std::uint32_t before_length = 0;
  InsideLine inside = InsideLine::no;
  std::uint32_t already_emitted = 0;  // bytes behind `offset` that were emitted although their line had no end
  std::int64_t modified = 0;  // when the file had last been written to as it was looked at; a copy of it is not older
  std::uint64_t followed_from = 0;  // as in LineBatch: the size of the file when it was followed for the first time
  std::uint64_t unread = 0;         // without marks: bytes that it had as it was looked at, and that could not be read
  bool done = false;  // nothing more is expected from this file; it is remembered so that it is not read again
  std::string path;   // where the file was last seen

  /// Whether the text of the file is known by anything.
  [[nodiscard]] bool has_marks() const { return reach() > 0 || file.head_length > 0; }
  /// Or by so little that the next text may well begin with it: a time, or part of one.
  [[nodiscard]] bool is_hardly_known() const { return reach() < head_step && file.head_length < head_step; }
  /// Behind the last byte that was emitted.
  [[nodiscard]] std::uint64_t reach() const { return offset + already_emitted; }
};

/// The identity of a file of which nothing has been read yet.
[[nodiscard]] FileIdentity identity_of(const FileStatus& status);

/// The place at which reading a file begins.
[[nodiscard]] FilePlace beginning_of(const FileStatus& status);

/// Whether the system says that `status` is of the file `identity`. Says nothing about its text.
[[nodiscard]] bool is_same_inode(const FileIdentity& identity, const FileStatus& status);

/// Whether the (uncompressed) text of `file` has the head of `place` and the bytes before it. False when it is shorter.
[[nodiscard]] bool has_text_of(const FilePlace& place, int file, const FileStatus& status);

/// Lets the head grow by `more`, the bytes that follow it; what does not fit is left out.
void grow_head(FileIdentity& identity, std::string_view more);
/// Lets the head grow with `file`, which has `size` bytes now.
void grow_head(FileIdentity& identity, int file, std::uint64_t size);

/// Whether the head begins with `text`, which is the shorter one, as far as the hashes of its parts tell. False when it
/// is too short for any of them.
[[nodiscard]] bool head_begins_with(const FileIdentity& identity, std::string_view text);

/// The up to `length` bytes of `file` that begin at `offset`; fewer at its end or on a read error.
[[nodiscard]] std::string bytes_at(int file, std::uint64_t offset, std::size_t length);

}  // namespace triaged::sources
