// An entry of a journal over several lines, as `journalctl -o verbose`, `-o export` and `-o json-pretty` write it: one
// field a line, in any order. The entry is read when its end is known; `verbose` has none but the next entry, so there
// it is read as soon as its words, its program and its transport are known.
//
// What stands in an entry begins no other: a value of several lines is indented by `verbose`, has its length in front
// in `export`, and is escaped in `json-pretty`. Not saved with the cursor: nobody follows such output. Private to this
// room.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "formats/envelope/layer.hpp"

namespace triaged::formats {

class EntryLines {
 public:
  enum class Place {
    outside,
    inside,  // the line belongs to an entry that is not known yet, or was read already
    whole,   // layer() is the entry
  };
  /// A line of the entry that is open. `end_size`: of the line's end.
  [[nodiscard]] Place take(std::string_view line, std::size_t end_size) {
    return form_ == Form::none ? Place::outside : take_open(line, end_size);
  }
  /// With this line an entry may begin.
  [[nodiscard]] static bool is_head(std::string_view line);
  /// REQUIRES: is_head(line), and no client can have written it.
  [[nodiscard]] Place begin(std::string_view line);
  /// Valid until the next line. Its text is the message, or, of json-pretty, the object.
  [[nodiscard]] Layer layer() const;

 private:
  enum class Form { none, brace, verbose, exported, pretty };

  [[nodiscard]] Place take_open(std::string_view line, std::size_t end_size);
  [[nodiscard]] Place take_verbose(std::string_view line);
  [[nodiscard]] Place take_exported(std::string_view line, std::size_t end_size);
  [[nodiscard]] Place take_pretty(std::string_view line);
  [[nodiscard]] Place take_value(std::string_view line, std::size_t end_size);
  void set_field(std::string_view name, std::string_view value);
  [[nodiscard]] Place finish(Form next);
  void clear();

  Form form_ = Form::none;
  bool was_read_ = false;
  std::string object_;              // of json-pretty, so far
  std::string value_name_, value_;  // of an exported value with its length in front, as it comes
  std::string message_, program_, transport_, facility_, pid_, unit_, host_;
  std::optional<TimePoint> time_;
};

}  // namespace triaged::formats
