#include "knowledge/dialects/go_duration.hpp"

#include <array>
#include <utility>

namespace triaged::knowledge {

namespace {

constexpr std::array<std::pair<std::string_view, std::int64_t>, 8> units = {{{"ns", 1},
                                                                             {"us", 1'000},
                                                                             {"µs", 1'000},  // U+00B5
                                                                             {"μs", 1'000},  // U+03BC
                                                                             {"ms", 1'000'000},
                                                                             {"s", 1'000'000'000},
                                                                             {"m", 60'000'000'000},
                                                                             {"h", 3'600'000'000'000}}};

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Takes the digits that `text` starts with; false when they are too many.
bool take_whole(std::string_view& text, std::int64_t& number, bool& has_digits) {
  while (!text.empty() && is_digit(text.front())) {
    if (__builtin_mul_overflow(number, 10, &number) || __builtin_add_overflow(number, text.front() - '0', &number)) {
      return false;
    }
    has_digits = true;
    text.remove_prefix(1);
  }
  return true;
}

/// The digits after a point, as a part of one; further digits than can matter are dropped.
double take_fraction(std::string_view& text, bool& has_digits) {
  double part = 0, scale = 1;
  for (; !text.empty() && is_digit(text.front()); text.remove_prefix(1)) {
    has_digits = true;
    if (scale >= 1e18) continue;
    scale *= 10;
    part = part * 10 + (text.front() - '0');
  }
  return part / scale;
}

std::optional<std::int64_t> take_unit(std::string_view& text) {
  std::size_t length = 0;
  while (length < text.size() && text[length] != '.' && !is_digit(text[length])) ++length;
  for (const auto& [name, nanoseconds] : units) {
    if (name != text.substr(0, length)) continue;
    text.remove_prefix(length);
    return nanoseconds;
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::int64_t> parse_go_duration(std::string_view text) {
  const bool is_negative = text.starts_with('-');
  if (is_negative || text.starts_with('+')) text.remove_prefix(1);
  if (text == "0") return 0;
  if (text.empty()) return std::nullopt;
  std::int64_t total = 0;
  while (!text.empty()) {
    std::int64_t number = 0;
    bool has_digits = false;
    if (!take_whole(text, number, has_digits)) return std::nullopt;
    double fraction = 0;
    if (text.starts_with('.')) {
      text.remove_prefix(1);
      fraction = take_fraction(text, has_digits);
    }
    const auto unit = has_digits ? take_unit(text) : std::nullopt;
    if (!unit || __builtin_mul_overflow(number, *unit, &number)) return std::nullopt;
    number += static_cast<std::int64_t>(fraction * static_cast<double>(*unit));
    if (number < 0 || __builtin_add_overflow(total, number, &total)) return std::nullopt;
  }
  return is_negative ? -total : total;
}

}  // namespace triaged::knowledge
