// Lines that a terminal broke at its width. Who copies a log from a screen gets a long record in pieces: all but the
// last are as wide as the screen, and nothing shows that they belong together.
//
// A short text is put together again when all of it says so:
// - No line is wider than these pieces.
// - A piece is put to the one above it only when what they make together is a line of a known format (or has a wrapper
//   or a header around it), and when by itself, where it stands, it is nobody's. So nothing that begins a record is
//   ever taken for the rest of another one, and hence no failure is hidden behind a line of exactly that width.
// - Of the widest lines at least three in four are such pieces.
// - And either a line becomes readable, or more of it does, by what is put to it; or there are two pieces at least, and
//   all lines that are left begin a record. A stack trace below a record that comes again and again shows neither.
//
// What a client gains by a line feed in his text: nothing. Where it breaks a record, taking the line feed out again
// leaves what he could have sent without it, and that text is read under the same rules. Where a program writes his
// text at the beginning of a line of its own, that line was the program's word before, too (docs/formats.md).
//
// Only for text that is there as a whole: the first pieces of a log that grows do not tell what comes.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "formats/line_reader.hpp"

namespace triaged::formats {

/// A longer text is nothing that people copy from a screen.
inline constexpr std::size_t longest_copied_text = 128 * 1024;

/// `text`, which is all that there is, as it was before a terminal broke its lines; nullopt: none did.
[[nodiscard]] std::optional<std::string> without_terminal_breaks(std::string_view text,
                                                                 const LineReaderOptions& reading);

}  // namespace triaged::formats
