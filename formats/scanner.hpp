// Walks over a line from left to right. Every step says whether it found what it looked for, and what it takes are
// views into the line: no reader of this room copies what it only looks at.
#pragma once

#include <cstddef>
#include <string_view>

namespace triaged::formats {

[[nodiscard]] constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
[[nodiscard]] constexpr bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
[[nodiscard]] constexpr bool is_lower(char c) { return c >= 'a' && c <= 'z'; }

[[nodiscard]] constexpr bool contains(std::string_view text, std::string_view words) {
  return text.find(words) != std::string_view::npos;
}

class Scanner {
 public:
  explicit constexpr Scanner(std::string_view text) : rest_(text) {}

  [[nodiscard]] constexpr std::string_view rest() const { return rest_; }

  [[nodiscard]] constexpr bool skip(std::string_view words) {
    if (!rest_.starts_with(words)) return false;
    rest_.remove_prefix(words.size());
    return true;
  }

  constexpr void skip_spaces() {
    while (!rest_.empty() && rest_.front() == ' ') rest_.remove_prefix(1);
  }

  /// What stands before the next `end`, which is skipped too. False when there is none.
  [[nodiscard]] constexpr bool take_until(char end, std::string_view& into) {
    std::size_t at = 0;  // by hand: most fields are shorter than memchr is worth
    while (at < rest_.size() && rest_[at] != end) ++at;
    if (at == rest_.size()) return false;
    into = rest_.substr(0, at);
    rest_.remove_prefix(at + 1);
    return true;
  }

  /// At least one digit.
  [[nodiscard]] constexpr bool take_digits(std::string_view& into) {
    std::size_t length = 0;
    while (length < rest_.size() && is_digit(rest_[length])) ++length;
    into = rest_.substr(0, length);
    rest_.remove_prefix(length);
    return length > 0;
  }

 private:
  std::string_view rest_;
};

/// The digits that stand directly behind the first `words` in `text`; empty when there are none.
[[nodiscard]] constexpr std::string_view digits_after(std::string_view text, std::string_view words) {
  const std::size_t at = text.find(words);
  if (at == std::string_view::npos) return {};
  Scanner scanner(text.substr(at + words.size()));
  std::string_view digits;
  return scanner.take_digits(digits) ? digits : std::string_view{};
}

/// "/api/items" of "/api/items?id=1" and of "https://shop.example.com/api/items?id=1".
[[nodiscard]] constexpr std::string_view path_of(std::string_view uri) {
  std::size_t end = 0;  // by hand: find_first_of() calls memchr for every byte
  while (end < uri.size() && uri[end] != '?' && uri[end] != '#') ++end;
  uri = uri.substr(0, end);
  if (uri.starts_with('/')) return uri;
  const std::size_t scheme_end = uri.find("://");
  if (scheme_end == std::string_view::npos) return uri;
  const std::size_t slash = uri.find('/', scheme_end + 3);
  return slash == std::string_view::npos ? std::string_view{"/"} : uri.substr(slash);
}

}  // namespace triaged::formats
