// What the follower writes into Cursor::state: where it stands in the files of one path. There can be several: the file
// that is at the path now, rotated ones that are still being read, and those that were read to their end and must be
// known again when they turn up under another name.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sources/file/file_identity.hpp"

namespace triaged::sources {

/// A time in which files may have been missed, because a folder could not be listed completely.
struct Unsure {
  std::int64_t since = 0;
  std::int64_t until = 0;  // 0: there is none

  [[nodiscard]] bool is_open() const { return until != 0; }
};

struct FileCursor {
  std::vector<FilePlace> files;  // oldest first
  /// What rotation starts from: the path itself, or what it points at when it is a symbolic link.
  std::string base;
  /// Every file of the path that was born before this is accounted for: it is in `files`, or was read and forgotten, or
  /// is older than all following. 0: unknown.
  std::int64_t known_until = 0;
  /// When the file at the path had last been written to, at the last search for files that came and went, if it was
  /// empty then; else 0.
  std::int64_t blank_since = 0;
  /// Of known_until: except those of this time.
  Unsure unsure;
  /// Files whose text was found elsewhere, of which only device, inode and birth are known: what they contain now
  /// was never seen, however old they are.
  std::vector<FileIdentity> displaced;
  /// Where rotated files of it were seen, when that is not beside it under a name of its own: others are searched
  /// there.
  std::vector<std::string> rotated_like;
};

/// JSON. Paths go in as the bytes that they are, valid UTF-8 or not.
[[nodiscard]] std::string to_state(const FileCursor& cursor);
/// nullopt when `state` is not what to_state() wrote.
[[nodiscard]] std::optional<FileCursor> read_state(std::string_view state);

/// "file:/var/log/nginx/error.log"
[[nodiscard]] std::string stream_of(std::string_view path);
/// The path of a file's stream; empty when `stream` is another source's.
[[nodiscard]] std::string_view path_of_stream(std::string_view stream);

}  // namespace triaged::sources
