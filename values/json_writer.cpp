#include "values/json_writer.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "base/utf8.hpp"

namespace triaged::inline values {

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
  json_ += layout_ == Layout::indented ? ": " : ":";
  has_key_ = true;
  return *this;
}

void JsonWriter::text(std::string_view bytes) {
  begin_item();
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

void JsonWriter::texts(std::span<const std::string> items) {
  begin_array();
  for (const auto& item : items) text(item);
  end_array();
}

void JsonWriter::boolean(bool value) {
  begin_item();
  json_ += value ? "true" : "false";
}

void JsonWriter::null() {
  begin_item();
  json_ += "null";
}

void JsonWriter::whole(std::uint64_t number) {
  begin_item();
  json_ += fmt::to_string(number);
}

void JsonWriter::integer(std::int64_t number) {
  begin_item();
  json_ += fmt::to_string(number);
}

void JsonWriter::exact(double number) {
  begin_item();
  json_ += fmt::format("{}", number);
}

void JsonWriter::raw(std::string_view json) {
  begin_item();
  json_ += json;
}

void JsonWriter::real(double number) {
  begin_item();
  json_ += fmt::to_string(std::round(number * 1e4) / 1e4 + 0.0);  // + 0.0 turns -0 into 0
}

void JsonWriter::begin(char bracket) {
  begin_item();
  json_ += bracket;
  ++depth_;
  has_items_ = false;
}

void JsonWriter::end(char bracket) {
  --depth_;
  if (has_items_) begin_row();
  json_ += bracket;
  has_items_ = true;
}

void JsonWriter::begin_item() {
  if (std::exchange(has_key_, false)) return;
  if (has_items_) json_ += ',';
  if (depth_ > 0) begin_row();
  has_items_ = true;
}

void JsonWriter::begin_row() {
  if (layout_ == Layout::one_line) return;
  json_ += '\n';
  json_.append(2 * depth_, ' ');
}

}  // namespace triaged::inline values
