// Cuts a regular expression into its tokens, so that nobody mistakes an escaped bracket or a character class for
// syntax. Used inside knowledge/ only.
#pragma once

#include <cstddef>
#include <string_view>

namespace triaged::knowledge {

enum class TokenKind {
  literal,      // one plain byte
  any,          // "."
  escape,       // a backslash and what belongs to it
  char_class,   // "[…]"
  open,         // "(" with all of its "?…" head: "(?:", "(?<name>", "(?i)", "(?#…)"
  close,        // ")"
  quantifier,   // "*", "+?", "{2,3}", "?+"
  alternation,  // "|"
  anchor        // "^" or "$"
};

/// The length of the token that `regex` starts with, at least 1. REQUIRES: not empty.
[[nodiscard]] std::size_t token_length(std::string_view regex, TokenKind& kind);

template <typename Visit>
void for_each_token(std::string_view regex, Visit visit) {
  while (!regex.empty()) {
    TokenKind kind = TokenKind::literal;
    const auto length = token_length(regex, kind);
    visit(regex.substr(0, length), kind);
    regex.remove_prefix(length);
  }
}

}  // namespace triaged::knowledge
