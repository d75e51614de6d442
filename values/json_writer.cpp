#include "values/json_writer.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "base/utf8.hpp"

namespace triaged {

namespace {

/// The code point of a character that must be escaped at the start of valid UTF-8 `rest`, and its length in bytes.
struct Escapable {
  unsigned code_point = 0;
  std::size_t length = 0;  // 0: needs no escape
};

Escapable escapable_at(std::string_view rest) {
  const auto first = static_cast<unsigned char>(rest[0]);
  if (first < 0x20 || first == 0x7F) return {first, 1};
  if (first == 0xC2 && static_cast<unsigned char>(rest[1]) < 0xA0) return {static_cast<unsigned char>(rest[1]), 2};
  if (rest.starts_with("\xE2\x80\xA8")) return {0x2028, 3};
  if (rest.starts_with("\xE2\x80\xA9")) return {0x2029, 3};
  return {};
}

/// Bytes that need an escape or begin a character that does; a quick look that lets everything else pass in one go.
bool may_need_escape(char byte) {
  return static_cast<unsigned char>(byte) < 0x20 || byte == '"' || byte == '\\' || byte == '\x7F' || byte == '\xC2' ||
         byte == '\xE2';
}

/// Takes the first character of `rest`.
void append_escaped(std::string& json, std::string_view& rest) {
  const auto escapable = escapable_at(rest);
  switch (escapable.code_point) {
    case '\n':
      json += "\\n";
      break;
    case '\r':
      json += "\\r";
      break;
    case '\t':
      json += "\\t";
      break;
    case '\b':
      json += "\\b";
      break;
    case '\f':
      json += "\\f";
      break;
    default:
      if (escapable.length > 0) {
        json += fmt::format("\\u{:04x}", escapable.code_point);
      } else {
        if (rest[0] == '"' || rest[0] == '\\') json += '\\';
        json += rest[0];
      }
  }
  rest.remove_prefix(std::max<std::size_t>(escapable.length, 1));
}

}  // namespace

JsonWriter& JsonWriter::key(std::string_view name) {
  text(name);
  json_ += ':';
  needs_comma_ = false;
  return *this;
}

void JsonWriter::text(std::string_view bytes) {
  separate();
  const auto valid = to_valid_utf8(bytes);
  json_ += '"';
  std::string_view rest = valid;
  while (!rest.empty()) {
    const auto plain = std::find_if(rest.begin(), rest.end(), may_need_escape);
    json_.append(rest.begin(), plain);
    rest.remove_prefix(static_cast<std::size_t>(plain - rest.begin()));
    if (!rest.empty()) append_escaped(json_, rest);
  }
  json_ += '"';
}

void JsonWriter::boolean(bool value) {
  separate();
  json_ += value ? "true" : "false";
}

void JsonWriter::whole(std::uint64_t number) {
  separate();
  json_ += fmt::to_string(number);
}

void JsonWriter::real(double number) {
  separate();
  json_ += fmt::to_string(std::round(number * 1e4) / 1e4 + 0.0);  // + 0.0 turns -0 into 0
}

void JsonWriter::begin(char bracket) {
  separate();
  json_ += bracket;
  needs_comma_ = false;
}

void JsonWriter::end(char bracket) {
  json_ += bracket;
  needs_comma_ = true;
}

void JsonWriter::separate() {
  if (needs_comma_) json_ += ',';
  needs_comma_ = true;
}

}  // namespace triaged
