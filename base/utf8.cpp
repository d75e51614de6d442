#include "base/utf8.hpp"

#include <cstdint>

#include <fmt/format.h>

namespace triaged::inline base {

namespace {

bool is_continuation(char byte) { return (static_cast<unsigned char>(byte) & 0xC0U) == 0x80U; }

struct Character {
  std::size_t length = 0;  // bytes; 0: not valid UTF-8
  std::uint32_t code_point = 0;
};

/// The character at the start of `bytes` (not empty). Over-long forms, surrogates and values above U+10FFFF are
/// invalid.
Character character_at(std::string_view bytes) {
  const auto lead = static_cast<unsigned char>(bytes[0]);
  if (lead < 0x80) return {1, lead};
  std::size_t length = 0;
  std::uint32_t value = 0, smallest = 0;
  if ((lead & 0xE0U) == 0xC0U) {
    length = 2, value = lead & 0x1FU, smallest = 0x80;
  } else if ((lead & 0xF0U) == 0xE0U) {
    length = 3, value = lead & 0x0FU, smallest = 0x800;
  } else if ((lead & 0xF8U) == 0xF0U) {
    length = 4, value = lead & 0x07U, smallest = 0x10000;
  } else {
    return {};
  }
  if (bytes.size() < length) return {};
  for (std::size_t i = 1; i < length; ++i) {
    if (!is_continuation(bytes[i])) return {};
    value = (value << 6U) | (static_cast<unsigned char>(bytes[i]) & 0x3FU);
  }
  if (value < smallest || value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF)) return {};
  return {length, value};
}

bool is_control(std::uint32_t code_point) {
  return (code_point < 0x20 && code_point != '\t') || (code_point >= 0x7F && code_point < 0xA0);
}

/// Characters that are not seen and turn the direction of what follows, or break a line: they make a text look like
/// another one.
bool is_invisible(std::uint32_t code_point) {
  return code_point == 0x061C || code_point == 0x200E || code_point == 0x200F ||
         (code_point >= 0x2028 && code_point <= 0x202E) || (code_point >= 0x2066 && code_point <= 0x2069) ||
         code_point == 0xFEFF;
}

/// Copies character by character; `emit(out, character bytes, code point)` writes a valid one.
template <typename Emit>
std::string transform(std::string_view bytes, Emit emit) {
  std::string text;
  text.reserve(bytes.size());
  while (!bytes.empty()) {
    const auto character = character_at(bytes);
    if (character.length == 0) {
      text += "\xEF\xBF\xBD";
      bytes.remove_prefix(1);
      continue;
    }
    emit(text, bytes.substr(0, character.length), character.code_point);
    bytes.remove_prefix(character.length);
  }
  return text;
}

}  // namespace

std::string to_valid_utf8(std::string_view bytes) {
  return transform(bytes, [](std::string& out, std::string_view character, std::uint32_t) { out += character; });
}

std::string_view prefix_of(std::string_view text, std::size_t limit) {
  if (text.size() <= limit) return text;
  while (limit > 0 && is_continuation(text[limit])) --limit;
  return text.substr(0, limit);
}

std::string to_printable(std::string_view bytes) {
  return transform(bytes, [](std::string& out, std::string_view character, std::uint32_t code_point) {
    if (is_control(code_point)) {
      out += fmt::format("\\x{:02x}", code_point);
    } else if (is_invisible(code_point)) {
      out += fmt::format("\\u{:04x}", code_point);
    } else {
      out += character;
    }
  });
}

}  // namespace triaged::inline base
