#include "sinks/mrkdwn.hpp"

#include <algorithm>
#include <cctype>

#include <fmt/format.h>

#include "base/utf8.hpp"

namespace triaged::sinks {

namespace {

constexpr std::string_view ellipsis = "…";
constexpr std::string_view fence = "```";
constexpr std::size_t longest_remark = 40;  // "_… and 18446744073709551615 more_" and its line end

std::string_view entity_for(char byte) {
  switch (byte) {
    case '&':
      return "&amp;";
    case '<':
      return "&lt;";
    case '>':
      return "&gt;";
    default:
      return {};
  }
}

/// The first character of valid UTF-8 `text`.
std::string_view first_character(std::string_view text) {
  std::size_t length = 1;
  while (length < text.size() && (static_cast<unsigned char>(text[length]) & 0xC0U) == 0x80U) ++length;
  return text.substr(0, length);
}

/// Appends valid UTF-8 `text` escaped; ends with "…" where `out` would become longer than `longest`.
void append_escaped(std::string& out, std::string_view text, std::size_t longest) {
  std::size_t last_place_for_ellipsis = out.size();
  while (!text.empty()) {
    const auto character = first_character(text);
    const auto entity = entity_for(character[0]);
    const auto escaped = entity.empty() ? character : entity;
    if (out.size() + escaped.size() > longest) {
      out.resize(last_place_for_ellipsis);
      out += ellipsis;
      return;
    }
    out += escaped;
    if (out.size() + ellipsis.size() <= longest) last_place_for_ellipsis = out.size();
    text.remove_prefix(character.size());
  }
}

/// Looks at a few times `longest` bytes only: a line of megabytes costs no more than the row it becomes.
std::string printable_line(std::string_view text, std::size_t longest) {
  const bool is_cut = text.size() > 4 * longest;
  if (is_cut) text = prefix_of(text, 4 * longest);
  std::string line;
  for (const char byte : text) {
    const bool is_blank = byte == ' ' || byte == '\n' || byte == '\r' || byte == '\t';
    if (!is_blank) line += byte;
    if (is_blank && !line.empty() && line.back() != ' ') line += ' ';
  }
  if (line.ends_with(' ')) line.pop_back();
  if (is_cut) line += ellipsis;
  return to_printable(line);
}

/// Three backticks would begin or end a block of code.
std::string without_fences(std::string text) {
  for (auto at = text.find(fence); at != std::string::npos; at = text.find(fence, at))
    text.replace(at, fence.size(), "'''");
  return text;
}

bool is_letter_or_digit(char byte) { return std::isalnum(static_cast<unsigned char>(byte)) != 0; }

/// True when `text`, which stands behind a ':', goes on as ":smile:" does. The colons of a time are none: between
/// digits, only a name that is not a number counts.
bool is_icon(std::string_view text, bool begins_a_word) {
  const auto name = text.substr(0, text.find(':'));
  if (name.empty() || name.size() == text.size()) return false;
  const bool is_name = std::all_of(name.begin(), name.end(),
                                   [](char c) { return c == '_' || c == '+' || c == '-' || is_letter_or_digit(c); });
  return is_name && (begins_a_word || name.find_first_not_of("0123456789") != std::string_view::npos);
}

/// Whether Slack would take a part of this word for formatting or an icon: "*a*", "~a~", "`a`", "_a_", ":smile:". It
/// has no escape for them. A "_" between letters is none, as in proxy_read_timeout, nor are the colons of a time.
bool is_formatted(std::string_view word) {
  if (word.find_first_of("*~`") != std::string_view::npos) return true;
  for (std::size_t at = 0; at < word.size(); ++at) {
    const bool is_edge =
        at == 0 || at + 1 == word.size() || !is_letter_or_digit(word[at - 1]) || !is_letter_or_digit(word[at + 1]);
    if (word[at] == '_' && is_edge) return true;
    const bool begins = at == 0 || !is_letter_or_digit(word[at - 1]);
    if (word[at] == ':' && is_icon(word.substr(at + 1), begins)) return true;
  }
  return false;
}

}  // namespace

std::string slack_plain_line(std::string_view text, std::size_t longest) {
  std::string line;
  append_escaped(line, without_fences(printable_line(text, longest)), longest);
  return line;
}

std::string mrkdwn_line(std::string_view text, std::size_t longest) {
  const auto printable = without_fences(printable_line(text, longest));
  std::string marked;
  std::string_view left = printable;
  while (!left.empty()) {
    const auto end = std::min(left.find(' '), left.size());
    std::string word(left.substr(0, end));
    left.remove_prefix(std::min(end + 1, left.size()));
    if (is_formatted(word) || (marked.empty() && word[0] == '>')) {
      std::replace(word.begin(), word.end(), '`', '\'');
      word = '`' + word + '`';
    }
    marked += (marked.empty() ? "" : " ") + word;
  }
  // A piece of code that is cut is closed all the same: it must not reach into what follows.
  const std::size_t room_to_close = marked.find('`') == std::string::npos ? 0 : 1;
  std::string line;
  append_escaped(line, marked, longest - room_to_close);
  if (std::count(line.begin(), line.end(), '`') % 2 != 0) line += '`';
  return line;
}

std::string mrkdwn_span(std::string_view text, std::size_t longest) {
  auto line = slack_plain_line(text, longest - 2);
  std::replace(line.begin(), line.end(), '`', '\'');
  return line.empty() ? line : "`" + line + "`";
}

std::string mrkdwn_code(std::string_view text, std::size_t longest) {
  constexpr std::size_t least_line = 16;
  const auto room = longest - fence.size() - longest_remark;
  std::string code(fence);
  std::size_t missing = 0;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    auto line = text.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (missing > 0 || code.size() + least_line > room) {
      ++missing;
      continue;
    }
    if (code.size() > fence.size()) code += '\n';
    append_escaped(code, without_fences(to_printable(line)), room);
  }
  if (missing > 0) code += fmt::format("\n… and {} more lines", missing);
  return code.append(fence);
}

void MrkdwnRows::add(std::string_view row) {
  if (row.empty()) return;
  if (omitted_ > 0 || row.size() > room()) {
    ++omitted_;
    return;
  }
  if (!text_.empty()) text_ += '\n';
  text_ += row;
}

std::size_t MrkdwnRows::room() const {
  const auto used = text_.size() + 1 + longest_remark;
  return used < longest_ ? longest_ - used : 0;
}

std::string MrkdwnRows::text() const {
  if (omitted_ == 0) return text_;
  return fmt::format("{}{}_… and {} more_", text_, text_.empty() ? "" : "\n", omitted_);
}

}  // namespace triaged::sinks
