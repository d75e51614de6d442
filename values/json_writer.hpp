// Writes one JSON object or array in a single pass, keys in the order they are given. It keeps numbers readable (0.93,
// where Boost.JSON writes 9.3E-1) and escapes whatever could act on a terminal or end a line.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace triaged::inline values {

class JsonWriter {
 public:
  /// In one line for programs, or a row an item and two blanks a level for people.
  enum class Layout { one_line, indented };

  explicit JsonWriter(Layout layout = Layout::one_line) : layout_(layout) {}

  /// An object or array as the value of the last key, or as the next item.
  void begin_object() { begin('{'); }
  void end_object() { end('}'); }
  void begin_array() { begin('['); }
  void end_array() { end(']'); }

  JsonWriter& key(std::string_view name);
  /// Bytes that are not UTF-8 become U+FFFD; control characters, also U+007F-U+009F and the line separators U+2028 and
  /// U+2029, are written as \u escapes.
  void text(std::string_view bytes);
  /// A list of them.
  void texts(std::span<const std::string> items);
  void whole(std::uint64_t number);
  /// A whole number that may be below 0.
  void integer(std::int64_t number);
  void boolean(bool value);
  void null();
  /// Rounded to four digits after the point. REQUIRES: finite.
  void real(double number);
  /// The shortest text that is read back as the same number. REQUIRES: finite.
  void exact(double number);
  /// What is JSON already, as a value.
  void raw(std::string_view json);

  [[nodiscard]] const std::string& json() const& { return json_; }
  [[nodiscard]] std::string json() && { return std::move(json_); }

 private:
  void begin(char bracket);
  void end(char bracket);
  void begin_item();
  void begin_row();

  const Layout layout_;
  std::string json_;
  std::size_t depth_ = 0;
  bool has_items_ = false;  // the innermost object or array that is open
  bool has_key_ = false;    // what comes next is the value of the last key
};

}  // namespace triaged::inline values
