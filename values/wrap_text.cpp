#include "values/wrap_text.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

namespace triaged::inline values {

namespace {

struct Span {
  std::uint32_t first, last;
};

// The blocks of East Asian Wide characters (Unicode 15, UAX #11) that occur in rules, and the emoji.
constexpr std::array wide_spans = {
    Span{0x1100, 0x115F}, Span{0x2E80, 0xA4CF}, Span{0xAC00, 0xD7A3},   Span{0xF900, 0xFAFF},   Span{0xFE30, 0xFE4F},
    Span{0xFF00, 0xFF60}, Span{0xFFE0, 0xFFE6}, Span{0x1F300, 0x1F64F}, Span{0x1F900, 0x1F9FF}, Span{0x20000, 0x3FFFD}};
constexpr std::array empty_spans = {Span{0x0300, 0x036F}, Span{0x200B, 0x200F}, Span{0xFE00, 0xFE0F},
                                    Span{0xFEFF, 0xFEFF}};

template <std::size_t count>
bool is_in(const std::array<Span, count>& spans, std::uint32_t code_point) {
  return std::any_of(spans.begin(), spans.end(),
                     [&](const Span& span) { return span.first <= code_point && code_point <= span.last; });
}

struct Character {
  std::size_t bytes = 1;
  std::size_t columns = 1;
};

/// The character at the start of valid UTF-8 `text`.
Character character_at(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text[0]);
  if (lead < 0x80) return {};
  const std::size_t bytes = std::min<std::size_t>(lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2, text.size());
  std::uint32_t code_point = lead & (0xFFU >> (bytes + 1));
  for (std::size_t i = 1; i < bytes; ++i)
    code_point = (code_point << 6U) | (static_cast<unsigned char>(text[i]) & 0x3FU);
  if (is_in(empty_spans, code_point)) return {bytes, 0};
  return {bytes, is_in(wide_spans, code_point) ? 2U : 1U};
}

bool is_blank(char byte) { return byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r'; }

/// What is never broken: a word, or one wide character.
struct Piece {
  std::string_view text;
  std::size_t columns = 0;
  bool after_blank = false;
};

/// Takes the next piece of at most `longest` columns from `text`.
Piece take_piece(std::string_view& text, std::size_t longest) {
  Piece piece;
  while (!text.empty() && is_blank(text[0])) {
    text.remove_prefix(1);
    piece.after_blank = true;
  }
  std::size_t end = 0;
  while (end < text.size() && !is_blank(text[end])) {
    const auto next = character_at(text.substr(end));
    if (end > 0 && next.columns == 2) break;
    if (piece.columns + next.columns > longest) break;
    end += next.bytes;
    piece.columns += next.columns;
    if (next.columns == 2) break;
  }
  piece.text = text.substr(0, end);
  text.remove_prefix(end);
  return piece;
}

/// `row` with "…" at its end, in at most `columns`.
std::string with_ellipsis(std::string row, std::size_t columns) {
  while (!row.empty() && columns_of(row) + 1 > columns) {
    do {
      row.pop_back();
    } while (!row.empty() && (static_cast<unsigned char>(row.back()) & 0xC0U) == 0x80U);
    if (!row.empty() && static_cast<unsigned char>(row.back()) >= 0xC0U) row.pop_back();
  }
  return row + "…";
}

}  // namespace

std::size_t columns_of(std::string_view text) {
  std::size_t columns = 0;
  while (!text.empty()) {
    const auto character = character_at(text);
    columns += character.columns;
    text.remove_prefix(character.bytes);
  }
  return columns;
}

std::vector<std::string> wrap(std::string_view text, std::size_t columns, std::size_t most_rows) {
  columns = std::max<std::size_t>(columns, 2);
  std::vector<std::string> rows;
  std::size_t used = 0;
  while (true) {
    const auto piece = take_piece(text, columns);
    if (piece.text.empty()) return rows;
    const std::size_t blank = piece.after_blank && used > 0 ? 1 : 0;
    if (rows.empty() || used + blank + piece.columns > columns) {
      if (rows.size() == most_rows) {
        rows.back() = with_ellipsis(std::move(rows.back()), columns);
        return rows;
      }
      rows.emplace_back(piece.text);
      used = piece.columns;
      continue;
    }
    if (blank > 0) rows.back() += ' ';
    rows.back() += piece.text;
    used += blank + piece.columns;
  }
}

std::string padded(std::string_view text, std::size_t columns) {
  const auto used = columns_of(text);
  return std::string(text) + std::string(used < columns ? columns - used : 0, ' ');
}

}  // namespace triaged::inline values
