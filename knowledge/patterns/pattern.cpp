#include "knowledge/patterns/pattern.hpp"

#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <memory>

#include <fmt/format.h>
#include <hs/hs.h>
#include <re2/filtered_re2.h>
#include <re2/re2.h>

#include "knowledge/patterns/pattern_cost.hpp"
#include "knowledge/patterns/pattern_rewrite.hpp"
#include "knowledge/patterns/pattern_scan.hpp"

namespace triaged::knowledge {

namespace {

struct HyperscanFree {
  void operator()(hs_compile_error_t* failure) const noexcept { hs_free_compile_error(failure); }
  void operator()(hs_database_t* database) const noexcept { hs_free_database(database); }
  void operator()(hs_expr_info_t* info) const noexcept { std::free(info); }
};

RE2::Options re2_options(bool caseless) {
  RE2::Options options;
  options.set_encoding(RE2::Options::EncodingLatin1);
  options.set_log_errors(false);
  options.set_case_sensitive(!caseless);
  return options;
}

constexpr std::size_t longest_regex = 2048;  // bytes

/// The largest number in a quantifier: 300 in "{1,300}", 0 in "*".
unsigned largest_bound_of(std::string_view quantifier) {
  unsigned largest = 0, number = 0;
  for (const char c : quantifier) {
    number = c >= '0' && c <= '9' ? number * 10 + static_cast<unsigned>(c - '0') : 0;
    largest = std::max(largest, number);
  }
  return largest;
}

/// hs_expression_info only parses: a pattern of many repeats may parse and still be too large to compile. Compiling
/// every pattern on its own would cost up to 0.2 s each, and the matcher compiles them all together anyway.
bool may_be_too_large(std::string_view regex) {
  unsigned quantifiers = 0, copies = 0;
  for_each_token(regex, [&](std::string_view token, TokenKind kind) {
    if (kind != TokenKind::quantifier) return;
    ++quantifiers;
    copies += largest_bound_of(token);
  });
  return quantifiers > 100 || copies > 1000;
}

std::string refusal_by_hyperscan(hs_compile_error_t* raw_failure) {
  const std::unique_ptr<hs_compile_error_t, HyperscanFree> failure(raw_failure);
  std::string reason = failure ? failure->message : "no reason given";
  if (reason.ends_with('.')) reason.pop_back();
  return "Hyperscan does not take this regex: " + reason;
}

std::optional<std::string> parse_refusal_of(const std::string& regex, bool caseless) {
  hs_expr_info_t* raw_info = nullptr;
  hs_compile_error_t* failure = nullptr;
  const auto code = hs_expression_info(regex.c_str(), hyperscan_flags(caseless), &raw_info, &failure);
  const std::unique_ptr<hs_expr_info_t, HyperscanFree> info(raw_info);
  return code == HS_SUCCESS ? std::nullopt : std::optional(refusal_by_hyperscan(failure));
}

std::optional<std::string> compile_refusal_of(const std::string& regex, bool caseless) {
  hs_database_t* raw_database = nullptr;
  hs_compile_error_t* failure = nullptr;
  const auto code =
      hs_compile(regex.c_str(), hyperscan_flags(caseless), HS_MODE_BLOCK, nullptr, &raw_database, &failure);
  const std::unique_ptr<hs_database_t, HyperscanFree> database(raw_database);
  return code == HS_SUCCESS ? std::nullopt : std::optional(refusal_by_hyperscan(failure));
}

/// Cheapest question first.
std::optional<std::string> engine_refusal_of(const std::string& regex, bool caseless) {
  if (auto refusal = parse_refusal_of(regex, caseless)) return refusal;
  if (auto refusal = re2_refusal_of(regex)) return refusal;
  return may_be_too_large(regex) ? compile_refusal_of(regex, caseless) : std::nullopt;
}

}  // namespace

unsigned hyperscan_flags(bool caseless) {
  return HS_FLAG_SINGLEMATCH | HS_FLAG_ALLOWEMPTY | (caseless ? HS_FLAG_CASELESS : 0U);
}

std::optional<std::string> refusal_of(const std::string& regex, bool caseless) {
  if (regex.find('\0') != std::string::npos) return "a regex cannot hold a NUL byte; write \\x00";
  if (regex.size() > longest_regex) return fmt::format("a regex cannot be longer than {} bytes", longest_regex);
  if (const auto cost = pattern_cost(regex); cost > largest_pattern_cost) {
    return fmt::format(
        "this regex would keep Hyperscan busy for too long: written out without repeats it has a size of {}, and the "
        "limit "
        "is {}. Lower the numbers in {{}}, above all of a repeat inside another one, or write * or + instead",
        cost, largest_pattern_cost);
  }
  auto refusal = engine_refusal_of(regex, caseless);
  if (!refusal) return std::nullopt;
  const auto rewrite = rewritten_pattern(regex);
  if (!rewrite.advice.empty()) *refusal += "; " + rewrite.advice;
  if (rewrite.regex != regex && !engine_refusal_of(rewrite.regex, caseless)) *refusal += ", so: " + rewrite.regex;
  return refusal;
}

std::optional<std::string> re2_refusal_of(std::string_view regex) {
  const RE2 expression(to_re2_syntax(regex), re2_options(false));
  if (expression.ok()) return std::nullopt;
  return fmt::format("RE2 does not take this regex: {}", expression.error());
}

double seconds_to_compile(const std::string& regex, bool caseless) {
  const auto now = [] {
    timespec time{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
  };
  const auto begin = now();
  static_cast<void>(compile_refusal_of(regex, caseless));
  return now() - begin;
}

bool matches_empty_line(const std::string& regex, bool caseless) {
  const RE2 expression(to_re2_syntax(regex), re2_options(caseless));
  return expression.ok() && RE2::PartialMatch("", expression);
}

bool requires_literal(const std::string& regex, bool caseless, std::size_t length) {
  re2::FilteredRE2 filter(static_cast<int>(length));
  int id = 0;
  if (filter.Add(to_re2_syntax(regex), re2_options(caseless), &id) != RE2::NoError) return false;
  std::vector<std::string> atoms;
  filter.Compile(&atoms);
  // With no atom found at all, an expression without a required literal is still a candidate.
  std::vector<int> candidates;
  filter.AllPotentials({}, &candidates);
  return !atoms.empty() && candidates.empty();
}

std::vector<std::string> named_groups_of(std::string_view regex) {
  const RE2 expression(to_re2_syntax(regex), re2_options(false));
  std::vector<std::string> names;
  if (expression.ok()) {
    for (const auto& [index, name] : expression.CapturingGroupNames()) names.push_back(name);
  }
  return names;
}

}  // namespace triaged::knowledge
