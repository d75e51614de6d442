#include "values/text_page.hpp"

#include <algorithm>

#include "base/utf8.hpp"

namespace triaged::inline values {

namespace {

constexpr std::size_t narrowest_text = 20;  // columns; a narrower terminal wraps by itself

std::string_view code_of(Ink ink) {
  switch (ink) {
    case Ink::plain:
      return "";
    case Ink::bold:
      return "\x1b[1m";
    case Ink::dim:
      return "\x1b[2m";
    case Ink::red:
      return "\x1b[31m";
    case Ink::green:
      return "\x1b[32m";
    case Ink::yellow:
      return "\x1b[33m";
    case Ink::blue:
      return "\x1b[34m";
    case Ink::cyan:
      return "\x1b[36m";
    case Ink::bold_red:
      return "\x1b[1;31m";
  }
  return "";
}

/// to_printable shows a line end as "\x0a"; in a text that is wrapped it is only a blank.
std::string printable_paragraph(std::string_view text) {
  std::string one_line(text);
  std::replace(one_line.begin(), one_line.end(), '\n', ' ');
  std::replace(one_line.begin(), one_line.end(), '\r', ' ');
  return to_printable(one_line);
}

}  // namespace

void TextPage::heading(std::string_view title, std::string_view note) {
  blank_row();
  put(Ink::bold, to_printable(title));
  if (!note.empty()) page_ += "  ";
  put(Ink::dim, to_printable(note));
  page_ += '\n';
}

void TextPage::paragraph(const Paragraph& paragraph) {
  const auto mark = to_printable(paragraph.mark);
  const std::size_t start = paragraph.indent + columns_of(mark);
  const std::size_t columns =
      style_.width == 0
          ? unlimited
          : std::max<std::size_t>(narrowest_text, style_.width - std::min<std::size_t>(start, style_.width));
  std::string lead = std::string(paragraph.indent, ' ');
  bool is_first = true;
  for (const auto& row : wrap(printable_paragraph(paragraph.text), columns, paragraph.most_rows)) {
    page_ += is_first ? lead : std::string(start, ' ');
    if (is_first) put(paragraph.mark_ink, mark);
    put(paragraph.ink, row);
    page_ += '\n';
    is_first = false;
  }
}

void TextPage::verbatim(std::size_t indent, std::string_view text, Ink ink) {
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r' || text.back() == ' ')) text.remove_suffix(1);
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    auto line = text.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (!line.empty()) page_ += std::string(indent, ' ');
    put(ink, to_printable(line));
    page_ += '\n';
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

void TextPage::put(Ink ink, std::string_view text) {
  if (text.empty()) return;
  const bool is_coloured = style_.colour && ink != Ink::plain;
  if (is_coloured) page_ += code_of(ink);
  page_ += text;
  if (is_coloured) page_ += "\x1b[0m";
}

}  // namespace triaged::inline values
