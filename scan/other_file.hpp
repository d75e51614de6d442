// Files that hold no log, or one that has to be unpacked first: what they are, and how to get at the log.
#pragma once

#include <compare>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace triaged::scan {

struct OtherFile {
  std::string_view what;    // "compressed with lz4"
  std::string_view remedy;  // what to do, with {} where the file's name goes

  friend auto operator<=>(const OtherFile&, const OtherFile&) = default;
};

/// So many bytes of a file tell what it is.
inline constexpr std::size_t bytes_that_tell = 4096;

/// What a file with that beginning is; nullopt: it may be a log. `text` is the beginning, unpacked when triaged knows
/// the compression.
[[nodiscard]] std::optional<OtherFile> other_file_of(std::string_view text);

/// Whether people can read it, though a crash left NULs in it or another encoding than UTF-8 bytes that are none. The
/// NULs at its beginning, which a log has that was truncated while a program kept its place in it, do not count.
[[nodiscard]] bool is_text(std::string_view text);

/// The remedy for the file at `path`, fit for a shell.
[[nodiscard]] std::string remedy_for(const OtherFile& other, const std::string& path);

}  // namespace triaged::scan
