// One entry of a journal, from its fields to a line. The fields that count are those of systemd.journal-fields(7); of
// those without an underscore in front the program itself says what it likes, those with one are journald's own words.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/time.hpp"
#include "values/envelope.hpp"

namespace triaged::sources {

/// Of a longer message the head is taken, as of a line of a file.
inline constexpr std::size_t longest_message = 64 * 1024;

struct JournalLine {
  std::string text;  // of several lines, when the program wrote them at once; without the last line end
  Envelope envelope;
  bool is_cut = false;  // it was longer than longest_message
};

/// Takes the fields of one entry in any order. Any bytes are fine.
class JournalFields {
 public:
  /// `field` is "NAME=value". Of a name that comes again the first one counts.
  void add(std::string_view field);

  [[nodiscard]] bool has_message() const { return has_message_; }
  /// There is something to read: a message, and not one of triaged's own, which tells of failures in the words of those
  /// who failed.
  [[nodiscard]] bool has_line() const;

  /// The line. `received` is when journald got it.
  [[nodiscard]] JournalLine take_line(TimePoint received);

 private:
  void add_trusted(std::string_view name, std::string_view value);
  void add_own(std::string_view name, std::string_view value);
  [[nodiscard]] bool is_kernel() const;

  struct Names {
    std::string host, unit, user_unit, command, process, transport, source_time, line_break;  // journald's
    std::string identifier, process_said, priority, facility, about_unit, container, container_id, is_partial;
  };

  Names names_;
  std::string message_;
  bool has_message_ = false, is_cut_ = false;
};

}  // namespace triaged::sources
