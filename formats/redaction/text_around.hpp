// What the checks of plausible.hpp ask of characters and of what stands around a piece of a text. Private to this room.
#pragma once

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include "formats/scanner.hpp"

namespace triaged::formats {

[[nodiscard]] constexpr bool is_ascii_letter(char c) { return is_lower(c) || is_upper(c); }

[[nodiscard]] inline std::string lowered(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = is_upper(c) ? static_cast<char>(c - 'A' + 'a') : c;
  return lower;
}

template <std::size_t size>
[[nodiscard]] bool is_one_of(const std::array<std::string_view, size>& words, std::string_view word) {
  return std::ranges::find(words, word) != words.end();
}

/// What stands in `text` before and behind its piece.
[[nodiscard]] inline std::string_view text_before(std::string_view text, std::string_view piece) {
  return text.substr(0, static_cast<std::size_t>(piece.data() - text.data()));
}
[[nodiscard]] inline std::string_view text_behind(std::string_view text, std::string_view piece) {
  return text.substr(static_cast<std::size_t>(piece.data() - text.data()) + piece.size());
}

}  // namespace triaged::formats
