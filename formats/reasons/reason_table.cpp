#include "formats/reasons/reason_table.hpp"

#include <algorithm>
#include <charconv>

#include "formats/scanner.hpp"

namespace triaged::formats {

namespace {

constexpr char lower(char c) { return is_upper(c) ? static_cast<char>(c - 'A' + 'a') : c; }
constexpr bool is_of_word(char c) { return is_digit(c) || is_upper(c) || is_lower(c) || c == '_'; }
constexpr bool is_gap(char c) { return c == ' ' || c == '_' || c == '-'; }

std::string_view words_of(const Reason& row) { return row.written.empty() ? row.name : row.written; }

}  // namespace

std::size_t length_at(std::string_view text, std::string_view written) {
  std::size_t at = 0;
  for (const char c : written) {
    if (c == '_') {
      at += at < text.size() && is_gap(text[at]) ? 1 : 0;
    } else if (at < text.size() && lower(text[at]) == lower(c)) {
      ++at;
    } else {
      return 0;
    }
  }
  return at == text.size() || !is_of_word(text[at]) ? at : 0;
}

std::string_view name_at(Reasons rows, std::string_view text) {
  std::string_view name;
  std::size_t longest = 0;
  for (const auto& row : rows) {
    const auto length = length_at(text, words_of(row));
    if (length > longest) name = row.name;
    longest = std::max(longest, length);
  }
  return name;
}

std::string_view first_name_in(Reasons rows, std::string_view text) {
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (at > 0 && is_of_word(text[at - 1])) continue;
    if (const auto name = name_at(rows, text.substr(at)); !name.empty()) return name;
  }
  return {};
}

std::string_view digits_at(std::string_view text) {
  return text.substr(0, static_cast<std::size_t>(std::ranges::find_if_not(text, is_digit) - text.begin()));
}

std::string_view name_or_digits(Reasons rows, std::string_view digits) {
  int number = no_number;
  const auto [end, failure] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (failure != std::errc() || end != digits.data() + digits.size()) return {};
  const auto row = std::ranges::find(rows, number, &Reason::number);
  return row == rows.end() ? digits : row->name;
}

std::string_view reason_behind(Reasons rows, std::string_view words, std::span<const std::string_view> places) {
  for (const auto place : places) {
    for (auto at = words.find(place); at != std::string_view::npos; at = words.find(place, at + 1)) {
      const auto rest = words.substr(at + place.size());
      const auto digits = digits_at(rest);
      const auto name = digits.empty() ? name_at(rows, rest) : name_or_digits(rows, digits);
      if (!name.empty()) return name;
    }
  }
  return {};
}

std::string_view whole_name(Reasons rows, std::string_view written) {
  if (const auto digits = digits_at(written); !digits.empty()) {
    const bool is_alone = digits.size() == written.size() || written[digits.size()] == '/';
    return is_alone ? name_or_digits(rows, digits) : std::string_view();
  }
  for (const auto& row : rows) {
    const bool is_row = length_at(written, words_of(row)) == written.size() || written == row.name;
    if (is_row && !written.empty()) return row.name;
  }
  return {};
}

}  // namespace triaged::formats
