#include "knowledge/patterns/pattern_prefix.hpp"

#include <algorithm>
#include <vector>

#include <re2/re2.h>

#include "knowledge/patterns/pattern.hpp"
#include "knowledge/patterns/pattern_scan.hpp"

namespace triaged::knowledge {

namespace {

/// Where the pattern may be cut: after each item outside of groups, with its quantifier. Empty for a choice of
/// alternatives, of which each is a pattern of its own.
std::vector<std::size_t> cuts_of(std::string_view regex) {
  std::vector<std::size_t> cuts;
  std::size_t at = 0, depth = 0;
  bool is_choice = false;
  for_each_token(regex, [&](std::string_view token, TokenKind kind) {
    at += token.size();
    if (kind == TokenKind::open && !(token.starts_with("(?") && token.ends_with(')'))) ++depth;
    if (kind == TokenKind::close && depth > 0) --depth;
    if (depth > 0) return;
    is_choice = is_choice || kind == TokenKind::alternation;
    if (kind == TokenKind::quantifier && !cuts.empty()) {
      cuts.back() = at;
    } else {
      cuts.push_back(at);
    }
  });
  return is_choice ? std::vector<std::size_t>() : cuts;
}

bool matches(std::string_view regex, bool caseless, std::string_view text) {
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_encoding(re2::RE2::Options::EncodingLatin1);
  options.set_case_sensitive(!caseless);
  const re2::RE2 expression(to_re2_syntax(regex), options);
  return expression.ok() && re2::RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), expression);
}

}  // namespace

PatternPrefix matching_prefix(std::string_view regex, bool caseless, std::string_view text) {
  const auto cuts = cuts_of(regex);
  // A longer beginning never matches where a shorter one does not.
  const auto first_failing = std::partition_point(
      cuts.begin(), cuts.end(), [&](std::size_t cut) { return matches(regex.substr(0, cut), caseless, text); });
  if (first_failing == cuts.begin() || first_failing == cuts.end()) return {};
  const auto matched = *(first_failing - 1);
  // The rest up to the next thing that may be anything: the words that the reader should look for.
  auto end = matched;
  bool is_word = false;
  auto rest = regex.substr(matched);
  for_each_token(rest, [&](std::string_view token, TokenKind kind) {
    const bool is_literal = kind == TokenKind::literal || kind == TokenKind::escape;
    if (end - matched >= 60 || (is_word && !is_literal)) return;
    is_word = is_word || is_literal;
    end += token.size();
  });
  return {std::string(regex.substr(0, matched)), std::string(regex.substr(matched, end - matched))};
}

}  // namespace triaged::knowledge
