// Text for Slack: what a log line holds must neither mention people nor make links, and nothing may be cut in the
// middle of an entity or a character. Lengths are bytes of the escaped text: Slack counts characters, so this is never
// too long.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace triaged::sinks {

/// `text` in one printable line with '&', '<' and '>' escaped and no "```"; ends with "…" when it had to be cut to
/// `longest` (REQUIRES: at least 3). For a text that Slack does not format.
[[nodiscard]] std::string slack_plain_line(std::string_view text, std::size_t longest);

/// The same for a text that Slack formats: what it would take for formatting stands as code.
[[nodiscard]] std::string mrkdwn_line(std::string_view text, std::size_t longest);

/// The same as a piece of code in a line; empty for blank text.
[[nodiscard]] std::string mrkdwn_span(std::string_view text, std::size_t longest);

/// `text` as a block of code of at most `longest` bytes (REQUIRES: at least 80), its line ends kept; says how many
/// lines are missing.
[[nodiscard]] std::string mrkdwn_code(std::string_view text, std::size_t longest);

/// Rows that are added while they fit, and an honest end when some did not.
class MrkdwnRows {
 public:
  /// `longest` bytes for everything, the last remark too.
  explicit MrkdwnRows(std::size_t longest) : longest_(longest) {}

  /// Adds `row` below the others, or counts it as omitted; a row after an omitted one is omitted too.
  void add(std::string_view row);
  /// Bytes that the next row may have.
  [[nodiscard]] std::size_t room() const;
  [[nodiscard]] bool has_omitted() const { return omitted_ > 0; }
  /// All rows and, when some are missing, "_… and 3 more_".
  [[nodiscard]] std::string text() const;

 private:
  std::size_t longest_;
  std::size_t omitted_ = 0;
  std::string text_;
};

}  // namespace triaged::sinks
