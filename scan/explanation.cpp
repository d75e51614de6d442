#include "scan/explanation.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>
#include <re2/re2.h>

#include "base/clock.hpp"
#include "base/utf8.hpp"
#include "formats/broken_lines.hpp"
#include "knowledge/patterns/pattern.hpp"
#include "knowledge/patterns/pattern_prefix.hpp"

namespace triaged::scan {

namespace {

constexpr std::size_t most_candidates = 10;
constexpr double bonus_of_own_rules = 1.5;

std::vector<std::string> lines_of(const std::string& message) {
  std::vector<std::string> lines;
  for (std::size_t at = 0; at < message.size();) {
    const auto end = std::min(message.find('\n', at), message.size());
    auto line = message.substr(at, end - at);
    while (line.ends_with('\r')) line.pop_back();
    if (!line.empty()) lines.push_back(std::move(line));
    at = end + 1;
  }
  if (lines.empty()) lines.emplace_back();
  return lines;
}

/// A rule nearly fires when its words are there, only not where they count, or when one of its conditions fails.
bool is_worth_showing(const matcher::Verdict& verdict) {
  const bool has_pattern = !verdict.match->regex.empty();
  return verdict.fires() || verdict.counts || verdict.pattern_hit_elsewhere || (has_pattern && verdict.pattern_hit);
}

/// Where the match's pattern stands in the line, and in the value of which field.
std::optional<ClientSpan> client_span_of(const knowledge::Match& match, std::string_view line,
                                         const formats::ReadLine& read) {
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_encoding(re2::RE2::Options::EncodingLatin1);
  options.set_case_sensitive(!match.caseless);
  const re2::RE2 expression("(" + knowledge::to_re2_syntax(match.regex) + ")", options);
  re2::StringPiece found;
  if (!expression.ok() || !re2::RE2::PartialMatch(line, expression, &found)) return std::nullopt;
  ClientSpan span;
  span.begin = static_cast<std::size_t>(found.data() - line.data());
  span.end = span.begin + found.size();
  for (const auto& [name, value] : read.fields) {
    const bool holds = value.data() <= found.data() && value.data() + value.size() >= found.data() + found.size();
    if (holds && span.field.empty()) span.field = name;
  }
  return span;
}

std::string names_of(const std::vector<formats::Format>& formats) {
  std::string names;
  for (const auto format : formats) names += (names.empty() ? "" : ", ") + std::string(name_of(format));
  return names;
}

std::string_view without_last_line_ends(std::string_view text) {
  while (text.ends_with('\n') || text.ends_with('\r')) text.remove_suffix(1);
  return text;
}

/// The rule's author names this very text, a line or several, as one that only looks like the failure.
bool is_near_miss(const knowledge::Rule& rule, std::string_view message) {
  const auto holds = [&](const auto& match) {
    return std::any_of(match.near_misses.begin(), match.near_misses.end(), [&](const std::string& near_miss) {
      return without_last_line_ends(near_miss) == without_last_line_ends(message);
    });
  };
  return std::any_of(rule.matches.begin(), rule.matches.end(), holds) ||
         std::any_of(rule.timed_matches.begin(), rule.timed_matches.end(), holds);
}

}  // namespace

Explainer::Explainer(const knowledge::LoadedRules& rules, std::shared_ptr<const matcher::SignatureSet> signatures,
                     std::optional<formats::Format> format, std::shared_ptr<const formats::Redactor> redactor)
    : rules_(*rules.rules),
      ranking_(rules_),
      signatures_(std::move(signatures)),
      format_(format),
      redactor_(std::move(redactor)),
      matcher_(signatures_, redactor_),
      reading_({.source_name = "", .format = format, .zone = {}, .reference = now()}),
      reader_(reading_) {}

/// Lines are read in order, so that a traceback is read as part of its record.
void Explainer::read_lines(const std::string& message) {
  const auto whole = formats::without_terminal_breaks(message, reading_);
  auto lines = lines_of(whole.value_or(message));
  for (std::size_t i = 0; i < lines.size(); ++i) {
    read_line(lines[i]);
    if (a_rule_fires() || lines.size() == 1) return;
  }
  read_line(lines.front());
}

/// Of the lines in an object the first on which a rule fires, else the last.
void Explainer::read_line(const std::string& line) {
  line_ = line;
  reader_.read(line_, explanation_.read);
  do {
    explanation_.line = explanation_.read.text;
    verdicts_ = matcher_.explain(explanation_.read);
  } while (!a_rule_fires() && reader_.read_next(explanation_.read));
}

/// What stood around the line and, when it has no format, which one it may have been meant to have. Behind a syslog
/// header of a program's any words may be its own, so also these are compared.
void Explainer::find_layers() {
  using formats::Format;
  const auto& read = explanation_.read;
  explanation_.wrappers = formats::wrappers_around(line_, read);
  explanation_.near.reset();
  explanation_.prefix = read.format == Format::text ? unknown_prefix_of(read.text) : std::nullopt;
  if (explanation_.prefix) return;
  if (read.format != Format::text && read.format != Format::syslog && read.format != Format::haproxy_event) return;
  const auto text = read.format == Format::syslog ? read.message : read.text;
  if (const auto near = formats::nearest_format(text); near && near->format != read.format) {
    explanation_.near = {*near, text};
  }
}

bool Explainer::a_rule_fires() const {
  return std::any_of(verdicts_.begin(), verdicts_.end(), [](const matcher::Verdict& each) { return each.fires(); });
}

/// Why a rule that the ranking found was not even tried, or where its pattern goes wrong.
std::string Explainer::why_not_looked_for(const knowledge::Rule& rule) const {
  if (rule.standing == knowledge::Standing::off)
    return rule.standing_reason + ": it is not matched; --all-domains turns it on";
  const auto format = explanation_.read.format;
  for (const auto& match : rule.matches) {
    if (!reads(match, format) || match.regex.empty()) continue;
    const std::string_view text =
        match.within == knowledge::Within::line ? explanation_.line : explanation_.read.message;
    const auto prefix = knowledge::matching_prefix(match.regex, match.caseless, text);
    if (prefix.missing.empty()) return "its pattern does not match";
    return fmt::format("its pattern matches as far as '{}', and then '{}' is missing", prefix.matching, prefix.missing);
  }
  if (rule.matches.empty()) return "the line is none of those that its condition over time looks for";
  std::string formats;
  std::set<std::string> named;
  for (const auto& match : rule.matches) {
    if (auto names = names_of(match.formats); named.insert(names).second)
      formats += (formats.empty() ? "" : ", ") + names;
  }
  if (!std::any_of(rule.matches.begin(), rule.matches.end(),
                   [&](const knowledge::Match& m) { return reads(m, format); })) {
    return fmt::format("it reads lines of {}, and this is {}", formats, name_of(format));
  }
  return "its conditions do not hold";
}

ExplainedRule Explainer::explained(const matcher::Verdict& verdict) const {
  ExplainedRule explained{.rule = verdict.rule};
  explained.fires = verdict.fires();
  explained.counts = verdict.counts;
  explained.why_not = verdict.missing;
  if (explained.fires && verdict.rule->standing == knowledge::Standing::supporting) {
    explained.why_not = verdict.rule->standing_reason + ": it supports other rules and opens no incident";
    explained.fires = false;
  }
  if (explained.fires && !verdict.rule->is_public()) explained.fires_bonus = bonus_of_own_rules;
  if (verdict.pattern_hit_elsewhere) {
    explained.client_text = client_span_of(*verdict.match, explanation_.line, explanation_.read);
    if (explained.client_text && !explained.client_text->field.empty()) {
      explained.why_not += fmt::format(" (in '{}', bytes {} to {})", explained.client_text->field,
                                       explained.client_text->begin, explained.client_text->end);
    }
  }
  return explained;
}

/// What the message's other lines make of a rule of which one line is not enough.
void Explainer::apply(const TimedFinding& finding, ExplainedRule& explained) {
  explained.counts = !finding.fires();
  explained.fires = finding.fires();
  explained.why_not = finding.why_not;
  if (explained.fires && !finding.rule->is_public()) explained.fires_bonus = bonus_of_own_rules;
}

const Explanation& Explainer::explain(const std::string& message) {
  explanation_.candidates.clear();
  read_lines(message);
  find_layers();
  auto& candidates = explanation_.candidates;
  const auto candidate_of = [&](const knowledge::Rule* rule) {
    return std::find_if(candidates.begin(), candidates.end(), [&](const ExplainedRule& c) { return c.rule == rule; });
  };
  for (const auto& verdict : verdicts_) {
    if (is_worth_showing(verdict) && candidate_of(verdict.rule) == candidates.end()) {
      candidates.push_back(explained(verdict));
    }
  }
  for (const auto& finding : explain_timed(message, signatures_, format_, redactor_)) {
    auto candidate = candidate_of(finding.rule);
    if (candidate == candidates.end())
      candidate = candidates.insert(candidates.end(), ExplainedRule{.rule = finding.rule});
    if (!candidate->fires) apply(finding, *candidate);
  }
  for (const auto& ranked : ranking_.rank(message, most_candidates + candidates.size())) {
    auto candidate = candidate_of(ranked.rule);
    if (candidate == candidates.end()) {
      candidate = candidates.insert(candidates.end(), ExplainedRule{.rule = ranked.rule});
      candidate->why_not = why_not_looked_for(*ranked.rule);
    }
    candidate->parts = ranked.parts;
  }
  for (auto& candidate : candidates) {
    if (!candidate.fires && is_near_miss(*candidate.rule, message)) {
      candidate.why_not += "; it is one of the rule's own near misses";
    }
  }
  std::stable_sort(candidates.begin(), candidates.end(), [](const ExplainedRule& a, const ExplainedRule& b) {
    return a.score() != b.score() ? a.score() > b.score() : a.rule->id < b.rule->id;
  });
  if (candidates.size() > most_candidates) candidates.resize(most_candidates);
  return explanation_;
}

}  // namespace triaged::scan
