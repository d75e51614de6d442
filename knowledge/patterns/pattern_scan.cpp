#include "knowledge/patterns/pattern_scan.hpp"

#include <algorithm>

namespace triaged::knowledge {

namespace {

std::size_t escape_length(std::string_view regex) {
  if (regex.size() < 2) return regex.size();
  if (regex[1] == 'Q') {
    const auto end = regex.find("\\E");
    return end == std::string_view::npos ? regex.size() : end + 2;
  }
  if (regex.size() > 2 && regex[2] == '{' && std::string_view("xpPgko").find(regex[1]) != std::string_view::npos) {
    const auto end = regex.find('}');
    return end == std::string_view::npos ? 2 : end + 1;
  }
  if (regex[1] == 'k' && regex.size() > 2 && (regex[2] == '<' || regex[2] == '\'')) {
    const auto end = regex.find(regex[2] == '<' ? '>' : '\'', 3);
    return end == std::string_view::npos ? 2 : end + 1;
  }
  return 2;
}

std::size_t class_length(std::string_view regex) {
  std::size_t at = 1;
  if (at < regex.size() && regex[at] == '^') ++at;
  if (at < regex.size() && regex[at] == ']') ++at;
  while (at < regex.size() && regex[at] != ']') {
    const auto posix_end = regex.substr(at, 2) == "[:" ? regex.find(":]", at + 2) : std::string_view::npos;
    if (posix_end != std::string_view::npos) {
      at = posix_end + 2;
    } else {
      at += regex[at] == '\\' ? 2 : 1;
    }
  }
  return std::min(at + 1, regex.size());
}

std::size_t open_length(std::string_view regex) {
  if (!regex.starts_with("(?")) return 1;
  for (const std::string_view head : {"(?:", "(?=", "(?!", "(?>", "(?|", "(?<=", "(?<!"}) {
    if (regex.starts_with(head)) return head.size();
  }
  const auto end = regex.starts_with("(?#")                                ? regex.find(')')
                   : regex.starts_with("(?<") || regex.starts_with("(?P<") ? regex.find('>')
                   : regex.starts_with("(?'")                              ? regex.find('\'', 3)
                                                                           : regex.find_first_of(":)");
  return end == std::string_view::npos ? 2 : end + 1;
}

std::size_t quantifier_length(std::string_view regex) {
  std::size_t length = 1;
  if (regex.front() == '{') {
    const auto end = regex.find_first_not_of("0123456789,", 1);
    if (end == std::string_view::npos || regex[end] != '}' || end == 1 || regex[1] == ',') return 0;
    length = end + 1;
  }
  if (length < regex.size() && (regex[length] == '?' || regex[length] == '+')) ++length;
  return length;
}

}  // namespace

std::size_t token_length(std::string_view regex, TokenKind& kind) {
  std::size_t length = 1;
  switch (regex.front()) {
    case '\\':
      kind = TokenKind::escape;
      return escape_length(regex);
    case '[':
      kind = TokenKind::char_class;
      return class_length(regex);
    case '(':
      kind = TokenKind::open;
      return open_length(regex);
    case ')':
      kind = TokenKind::close;
      return 1;
    case '|':
      kind = TokenKind::alternation;
      return 1;
    case '.':
      kind = TokenKind::any;
      return 1;
    case '^':
    case '$':
      kind = TokenKind::anchor;
      return 1;
    case '*':
    case '+':
    case '?':
    case '{':
      length = quantifier_length(regex);
      kind = length == 0 ? TokenKind::literal : TokenKind::quantifier;
      return std::max<std::size_t>(length, 1);
    default:
      kind = TokenKind::literal;
      return 1;
  }
}

}  // namespace triaged::knowledge
