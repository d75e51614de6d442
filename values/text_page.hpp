// A page of text for a terminal or a file: headings, wrapped paragraphs and verbatim lines, with colour where it is
// wanted. Everything given to it is made printable first, so that an escape sequence in a log line never reaches a
// terminal.
#pragma once

#include <string>
#include <string_view>

#include "values/incident_text.hpp"
#include "values/wrap_text.hpp"

namespace triaged::inline values {

enum class Ink { plain, bold, dim, red, green, yellow, blue, cyan, bold_red };

struct Paragraph {
  std::size_t indent = 2;
  std::string_view mark = {};  // stands before the text; the rows after the first start below the text
  Ink mark_ink = Ink::plain;
  std::string_view text = {};
  Ink ink = Ink::plain;
  std::size_t most_rows = unlimited;
};

class TextPage {
 public:
  explicit TextPage(const TextStyle& style) : style_(style) {}

  void blank_row() { page_ += '\n'; }
  /// A blank row, then `title` in bold and a dim `note` beside it.
  void heading(std::string_view title, std::string_view note = {});
  void paragraph(const Paragraph& paragraph);
  /// Each line of `text` as it is; never wrapped, so that a command can be copied. Blank lines at its end are dropped.
  void verbatim(std::size_t indent, std::string_view text, Ink ink);

  [[nodiscard]] const std::string& text() const { return page_; }

 private:
  void put(Ink ink, std::string_view text);

  TextStyle style_;
  std::string page_;
};

}  // namespace triaged::inline values
