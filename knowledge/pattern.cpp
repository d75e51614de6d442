#include "knowledge/pattern.hpp"

#include <cstdlib>
#include <memory>

#include <fmt/format.h>
#include <hs/hs.h>
#include <re2/filtered_re2.h>
#include <re2/re2.h>

#include "knowledge/pattern_rewrite.hpp"
#include "knowledge/pattern_scan.hpp"

namespace triaged {

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

/// A repeat of 32 or more copies: hs_expression_info only parses, and such a pattern may parse and still be too large
/// to compile. Compiling every pattern on its own would cost up to a millisecond each.
bool may_be_too_large(std::string_view regex) {
  bool large = regex.size() > 2000;
  for_each_token(regex, [&](std::string_view token, TokenKind kind) {
    if (kind != TokenKind::quantifier || token.front() != '{') return;
    unsigned bound = 0;
    for (const char c : token) {
      bound = c >= '0' && c <= '9' ? bound * 10 + static_cast<unsigned>(c - '0') : 0;
      large = large || bound >= 32;
    }
  });
  return large;
}

std::optional<std::string> hyperscan_reason(const std::string& regex, bool caseless) {
  hs_expr_info_t* raw_info = nullptr;
  hs_compile_error_t* raw_failure = nullptr;
  const auto flags = hyperscan_flags(caseless);
  auto code = hs_expression_info(regex.c_str(), flags, &raw_info, &raw_failure);
  const std::unique_ptr<hs_expr_info_t, HyperscanFree> info(raw_info);
  std::unique_ptr<hs_compile_error_t, HyperscanFree> failure(raw_failure);
  if (code == HS_SUCCESS && may_be_too_large(regex)) {
    hs_database_t* raw_database = nullptr;
    raw_failure = nullptr;
    code = hs_compile(regex.c_str(), flags, HS_MODE_BLOCK, nullptr, &raw_database, &raw_failure);
    const std::unique_ptr<hs_database_t, HyperscanFree> database(raw_database);
    failure.reset(raw_failure);
  }
  if (code == HS_SUCCESS) return std::nullopt;
  std::string reason = failure ? failure->message : "no reason given";
  if (reason.ends_with('.')) reason.pop_back();
  return reason;
}

std::optional<std::string> re2_reason(std::string_view regex, bool caseless) {
  const RE2 expression(to_re2_syntax(regex), re2_options(caseless));
  return expression.ok() ? std::nullopt : std::optional(expression.error());
}

bool both_take(const std::string& regex, bool caseless) {
  return !hyperscan_reason(regex, caseless) && !re2_reason(regex, caseless);
}

}  // namespace

unsigned hyperscan_flags(bool caseless) {
  return HS_FLAG_SINGLEMATCH | HS_FLAG_ALLOWEMPTY | (caseless ? HS_FLAG_CASELESS : 0U);
}

std::optional<std::string> refusal_of(const std::string& regex, bool caseless) {
  if (regex.find('\0') != std::string::npos) return "a regex cannot hold a NUL byte; write \\x00";
  const auto from_hyperscan = hyperscan_reason(regex, caseless);
  const auto from_re2 = from_hyperscan ? std::nullopt : re2_reason(regex, caseless);
  if (!from_hyperscan && !from_re2) return std::nullopt;
  auto message = fmt::format("{} does not take this regex: {}", from_hyperscan ? "Hyperscan" : "RE2",
                             from_hyperscan ? *from_hyperscan : *from_re2);
  const auto rewrite = rewritten_pattern(regex);
  if (!rewrite.advice.empty()) message += "; " + rewrite.advice;
  if (rewrite.regex != regex && both_take(rewrite.regex, caseless)) message += ", so: " + rewrite.regex;
  return message;
}

std::optional<std::string> re2_refusal_of(std::string_view regex) {
  const auto reason = re2_reason(regex, false);
  return reason ? std::optional(fmt::format("RE2 does not take this regex: {}", *reason)) : std::nullopt;
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

}  // namespace triaged
