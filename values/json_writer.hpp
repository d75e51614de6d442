// Writes one JSON object or array in a single pass, keys in the order they are given. Used where the text itself is the
// product (incident JSON): it keeps numbers readable (0.93, where Boost.JSON writes 9.3E-1) and escapes whatever could
// act on a terminal or end a line.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace triaged {

class JsonWriter {
 public:
  /// An object or array as the value of the last key, or as the next item.
  void begin_object() { begin('{'); }
  void end_object() { end('}'); }
  void begin_array() { begin('['); }
  void end_array() { end(']'); }

  JsonWriter& key(std::string_view name);
  /// Bytes that are not UTF-8 become U+FFFD; control characters, also U+007F-U+009F and the line separators U+2028 and
  /// U+2029, are written as \u escapes.
  void text(std::string_view bytes);
  void whole(std::uint64_t number);
  void boolean(bool value);
  /// Rounded to four digits after the point. REQUIRES: finite.
  void real(double number);

  [[nodiscard]] const std::string& json() const { return json_; }

 private:
  void begin(char bracket);
  void end(char bracket);
  void separate();

  std::string json_;
  bool needs_comma_ = false;
};

}  // namespace triaged
