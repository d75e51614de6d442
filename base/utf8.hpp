// Log lines are bytes; JSON, Slack and terminals want text. These make the one into the other without ever failing.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace triaged::inline base {

/// `bytes` with every byte that is not part of valid UTF-8 replaced by U+FFFD. Control characters stay.
[[nodiscard]] std::string to_valid_utf8(std::string_view bytes);

/// The longest prefix of valid UTF-8 `text` that has at most `limit` bytes and does not end inside a character.
[[nodiscard]] std::string_view prefix_of(std::string_view text, std::size_t limit);

/// Valid UTF-8 with control characters (C0 except tab, DEL, C1) shown as "\x1b" and characters that turn the direction
/// of writing or break lines as "\u202e": safe to print on a terminal, where an escape sequence in a log line must not
/// act, and shown as what it is.
[[nodiscard]] std::string to_printable(std::string_view bytes);

}  // namespace triaged::inline base
