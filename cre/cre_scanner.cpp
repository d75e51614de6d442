#include "cre/cre_scanner.hpp"

#include <algorithm>
#include <cctype>
#include <map>
#include <optional>

#include <hs/hs.h>
#include <re2/re2.h>

#include "base/utf8.hpp"
#include "knowledge/dialects/jq_program.hpp"
#include "knowledge/patterns/pattern.hpp"
#include "knowledge/patterns/pattern_scan.hpp"
#include "matcher/hyperscan.hpp"

namespace triaged::cre {

namespace {

constexpr std::string_view blanks_in_class = R"(\t\n\f\r )";

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

/// "(?i)", "(?s:": flags that mean the same to both. Others (m, U, -s) are not translated.
bool has_only_plain_flags(std::string_view head) {
  if (!head.starts_with("(?") || head.size() < 3 || head[2] == 'P' || head[2] == '<' || head[2] == ':') return true;
  return head.find_first_not_of("is:)", 2) == std::string_view::npos;
}

/// Escapes that both read alike; nullopt where they may not.
std::optional<std::string> escape_form_of(std::string_view token) {
  if (token == "\\s") return "[" + std::string(blanks_in_class) + "]";
  if (token == "\\S") return "[^" + std::string(blanks_in_class) + "]";
  if (token == "\\v") return R"(\x0b)";
  constexpr std::string_view same = "dDwWbBAztnrfa";
  if (token.size() == 2 && same.find(token[1]) != std::string_view::npos) return std::string(token);
  const bool is_sign = token.size() == 2 && is_ascii(token) && !std::isalnum(static_cast<unsigned char>(token[1]));
  if (is_sign || (token.starts_with("\\x") && token.size() == 4 && token[2] != '{')) return std::string(token);
  return std::nullopt;
}

std::optional<std::string> class_form_of(std::string_view token) {
  if (!is_ascii(token)) return std::nullopt;
  std::string form;
  for (std::size_t i = 0; i < token.size(); ++i) {
    if (token[i] != '\\' || i + 1 == token.size()) {
      form += token[i];
      continue;
    }
    const auto escape = token.substr(i, 2);
    if (escape == "\\s") {
      form += blanks_in_class;
    } else if (const auto same =
                   escape == "\\S" || escape == "\\v" || escape == "\\x" ? std::nullopt : escape_form_of(escape)) {
      form += *same;
    } else {
      return std::nullopt;
    }
    ++i;
  }
  return form;
}

struct SlowPattern {
  unsigned term = 0;
  std::unique_ptr<re2::RE2> pattern;
};

}  // namespace

std::optional<std::string> hyperscan_form_of(std::string_view pattern) {
  std::string form;
  bool is_good = is_ascii(pattern);
  knowledge::for_each_token(pattern, [&](std::string_view token, knowledge::TokenKind kind) {
    std::optional<std::string> part;
    switch (kind) {
      case knowledge::TokenKind::escape:
        part = escape_form_of(token);
        break;
      case knowledge::TokenKind::char_class:
        part = class_form_of(token);
        break;
      case knowledge::TokenKind::anchor:
        part = token == "$" ? "\\z" : std::string(token);
        break;
      case knowledge::TokenKind::open:
        if (has_only_plain_flags(token)) part = std::string(token);
        break;
      case knowledge::TokenKind::quantifier:
        // Possessive in one language, a repeated repetition (refused at load) in the other.
        if (!token.ends_with('+') || token.size() == 1) part = std::string(token);
        break;
      default:
        part = std::string(token);
    }
    is_good = is_good && part;
    if (part) form += *part;
  });
  return is_good ? std::optional(std::move(form)) : std::nullopt;
}

struct CreScanner::Terms {
  std::map<std::pair<knowledge::CreTerm::Kind, std::string>, unsigned> numbers;
  std::vector<matcher::HyperscanPattern> fast;
  matcher::CompiledPatterns compiled;
  matcher::HyperscanScratch scratch;
  std::vector<SlowPattern> slow;        // in every text
  std::vector<SlowPattern> characters;  // of `fast`, in texts that are not ASCII
  std::vector<std::pair<unsigned, knowledge::JqProgram>> programs;
  std::vector<std::pair<unsigned, std::string>> values;  // of `fast`, where Hyperscan refused
  std::vector<bool> found;
  std::vector<unsigned> hits;

  void add_pattern(const std::string& text, unsigned number) {
    auto expression = [&] { return std::make_unique<re2::RE2>(text, re2::RE2::Quiet); };
    const auto form = hyperscan_form_of(text);
    if (form && !refusal_by_hyperscan_of(*form)) {
      fast.push_back({*form, knowledge::hyperscan_flags(false), number});
      characters.push_back({number, expression()});
    } else {
      slow.push_back({number, expression()});
    }
  }

  static bool refusal_by_hyperscan_of(const std::string& form) {
    return matcher::compile_patterns({{form, knowledge::hyperscan_flags(false), 0}}).database == nullptr;
  }

  void look_with(const std::vector<SlowPattern>& patterns, std::string_view text) {
    for (const auto& [term, pattern] : patterns) {
      if (re2::RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), *pattern)) found[term] = true;
    }
  }
};

CreScanner::CreScanner() : terms_(std::make_unique<Terms>()) {}
CreScanner::~CreScanner() = default;

unsigned CreScanner::add(const knowledge::CreTerm& term) {
  auto& terms = *terms_;
  const auto number = static_cast<unsigned>(terms.numbers.size());
  const auto [known, is_new] = terms.numbers.try_emplace({term.kind, term.text}, number);
  if (!is_new) return known->second;
  switch (term.kind) {
    case knowledge::CreTerm::Kind::value:
      terms.fast.push_back({knowledge::escaped_for_pattern(term.text), knowledge::hyperscan_flags(false), number});
      break;
    case knowledge::CreTerm::Kind::regex:
      terms.add_pattern(term.text, number);
      break;
    case knowledge::CreTerm::Kind::jq:
      if (auto program = knowledge::JqProgram::compile(term.text))
        terms.programs.emplace_back(number, std::move(*program));
      break;
  }
  return number;
}

void CreScanner::compile() {
  auto& terms = *terms_;
  terms.compiled = matcher::compile_patterns(terms.fast);
  matcher::grow_scratch(terms.scratch, terms.compiled.database.get());
  for (const auto& refused : terms.compiled.refused) {
    const auto number = terms.fast[refused.index].id;
    for (const auto& [term, known] : terms.numbers) {
      if (known == number) terms.values.emplace_back(number, term.second);
    }
  }
  terms.found.resize(terms.numbers.size());
}

const std::vector<bool>& CreScanner::scan(std::string_view text) {
  auto& terms = *terms_;
  std::fill(terms.found.begin(), terms.found.end(), false);
  terms.hits.clear();
  matcher::scan(terms.compiled.database.get(), text, terms.scratch.get(), terms.hits);
  for (const auto hit : terms.hits) terms.found[hit] = true;
  for (const auto& [number, value] : terms.values) {
    if (text.find(value) != std::string_view::npos) terms.found[number] = true;
  }
  if (is_ascii(text) && !text.empty()) {  // Hyperscan is not asked about nothing
    terms.look_with(terms.slow, text);
  } else {
    // Go reads a byte that is no character as U+FFFD, one for each.
    const auto characters = to_valid_utf8(text);
    for (const auto& [number, pattern] : terms.characters) terms.found[number] = false;
    terms.look_with(terms.slow, characters);
    terms.look_with(terms.characters, characters);
  }
  for (auto& [number, program] : terms.programs) {
    if (program.matches(text)) terms.found[number] = true;
  }
  return terms.found;
}

std::size_t CreScanner::slow_patterns() const { return terms_->slow.size(); }

}  // namespace triaged::cre
