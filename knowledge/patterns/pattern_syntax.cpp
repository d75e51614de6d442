#include <vector>

#include "knowledge/patterns/pattern.hpp"
#include "knowledge/patterns/pattern_scan.hpp"

namespace triaged::knowledge {

namespace {

/// True when `regex` goes on with a quantifier after its first `length` bytes.
bool is_quantified(std::string_view regex, std::size_t length) {
  TokenKind kind = TokenKind::literal;
  if (length >= regex.size()) return false;
  static_cast<void>(token_length(regex.substr(length), kind));
  return kind == TokenKind::quantifier;
}

std::string_view without_leading_filler(std::string_view regex) {
  for (const std::string_view filler : {"^.*?", "^.*", ".*?", ".*"}) {
    // "^.*a|b" may lose its "^.*" too: what is left of each alternative still matches the same lines.
    if (regex.starts_with(filler) && !regex.substr(filler.size()).starts_with('+') &&
        !is_quantified(regex, filler.size())) {
      return regex.substr(filler.size());
    }
  }
  return regex;
}

/// Cuts after the last token that is not filler.
std::string_view without_trailing_filler(std::string_view regex) {
  struct Token {
    std::string_view text;
    TokenKind kind;
  };
  std::vector<Token> tokens;
  for_each_token(regex, [&](std::string_view text, TokenKind kind) { tokens.push_back({text, kind}); });
  const bool anchored = !tokens.empty() && tokens.back().text == "$";
  auto count = tokens.size() - (anchored ? 1 : 0);
  const auto ends_in_filler = [&] {
    return count >= 2 && tokens[count - 2].kind == TokenKind::any &&
           (tokens[count - 1].text == "*" || tokens[count - 1].text == "*?");
  };
  if (!ends_in_filler()) return regex;
  while (ends_in_filler()) count -= 2;
  std::size_t length = 0;
  for (std::size_t i = 0; i < count; ++i) length += tokens[i].text.size();
  return regex.substr(0, length);
}

}  // namespace

std::string trimmed_pattern(std::string_view regex) {
  auto trimmed = regex;
  for (auto shorter = without_leading_filler(trimmed); shorter != trimmed; shorter = without_leading_filler(trimmed)) {
    trimmed = shorter;
  }
  trimmed = without_trailing_filler(trimmed);
  return std::string(trimmed.empty() ? regex : trimmed);
}

std::string to_re2_syntax(std::string_view regex) {
  std::string result;
  result.reserve(regex.size() + 8);
  for_each_token(regex, [&](std::string_view token, TokenKind kind) {
    const bool is_named =
        kind == TokenKind::open && token.size() > 4 && token[1] == '?' && (token[2] == '<' || token[2] == '\'');
    if (is_named) {
      result += "(?P<";
      result += token.substr(3, token.size() - 4);
      result += '>';
    } else {
      result += token;
    }
  });
  return result;
}

std::string escaped_for_pattern(std::string_view text) {
  std::string result;
  for (const char c : text) {
    if (std::string_view("\\^$.[]|()?*+{}").find(c) != std::string_view::npos) result += '\\';
    result += c;
  }
  return result;
}

}  // namespace triaged::knowledge
