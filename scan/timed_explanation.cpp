#include "scan/timed_explanation.hpp"

#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>

#include "base/utf8.hpp"
#include "diagnosis/timed_matches.hpp"
#include "knowledge/model/condition.hpp"
#include "knowledge/model/timed_match.hpp"

namespace triaged::scan {

namespace {

constexpr std::size_t longest_quote = 100;

std::vector<Finding> findings_in(std::string_view message,
                                 const std::shared_ptr<const matcher::SignatureSet>& signatures,
                                 std::optional<formats::Format> format,
                                 const std::shared_ptr<const formats::Redactor>& redactor) {
  LineBatch batch;
  batch.bytes = message;
  for (std::size_t at = 0; at < message.size();) {
    const auto end = std::min(message.find('\n', at), message.size());
    batch.lines.push_back({static_cast<std::uint32_t>(at), static_cast<std::uint32_t>(end - at), at});
    at = end + 1;
  }
  formats::LineReader reader({.source_name = "", .format = format, .zone = {}});
  matcher::Matcher matcher(signatures, redactor);
  auto findings = matcher.match(batch, reader);
  std::stable_sort(findings.begin(), findings.end(), is_earlier);
  return findings;
}

/// The lines of one rule's conditions that the message holds, by the number of their term.
using Reached = std::map<std::uint32_t, std::vector<const MatchedLine*>>;

/// Gives the conditions their lines, by time, and remembers which came.
struct SeenTerms {
  explicit SeenTerms(const knowledge::RuleSet& rules) : timed(rules) {}

  void take(const Symptom& /*symptom*/) {}
  void take(const TermLine& line) {
    note(line, line.term);
    timed.on_line(line, fired);
  }
  void take(const TermCount& count) {
    note(count, count.term);
    timed.on_count(count, fired);
  }
  void take(const Answers& /*answers*/) {}
  void take(const CoveredTime& /*covered*/) {}
  void take(const UrlRequests& /*requests*/) {}

  diagnosis::TimedMatches timed;
  std::vector<Symptom> fired;
  std::map<std::string, Reached> reached;  // by rule

 private:
  void note(const MatchedLine& line, std::uint32_t term) {
    reached[line.rule][term].push_back(&line);
    timed.advance_to(line.at, fired);
  }
};

std::string in_quotes(std::string_view text) {
  return fmt::format("'{}'", to_printable(prefix_of(text, longest_quote)));
}

std::string words_for(const knowledge::Match& line) {
  if (!line.regex.empty()) return in_quotes(line.regex);
  std::string conditions;
  for (const auto& condition : line.where) conditions += (conditions.empty() ? "" : ", ") + to_text(condition);
  return conditions;
}

/// Why the condition `timed_index` of `rule` does not hold.
std::string why_not(const knowledge::Rule& rule, std::size_t timed_index, const Reached& reached) {
  const auto terms = knowledge::terms_of(rule);
  const auto& timed = rule.timed_matches[timed_index];
  std::string missing, forbidding;
  for (std::uint32_t i = 0; i < terms.size(); ++i) {
    const auto& term = terms[i];
    if (term.timed_index != timed_index) continue;
    const auto found = reached.find(i + 1);
    const auto seen = found == reached.end() ? 0 : found->second.size();
    if (term.role == knowledge::TermRole::unless) {
      if (seen > 0 && forbidding.empty()) forbidding = in_quotes(found->second.front()->line);
      continue;
    }
    const std::size_t wanted =
        term.role == knowledge::TermRole::of ? std::max<std::size_t>(timed.of[term.index].count, 1) : 1;
    if (seen >= wanted) continue;
    if (!missing.empty()) missing += " and ";
    missing += words_for(*term.line);
    if (wanted > 1) missing += fmt::format(" ({} of {})", seen, wanted);
  }
  if (!missing.empty()) return fmt::format("{} lacks a line with {}", knowledge::phrase_of(timed), missing);
  if (!forbidding.empty())
    return fmt::format("{} is forbidden by the line {}", knowledge::phrase_of(timed), forbidding);
  return fmt::format("all lines of {} are there, but not in its order, too far apart or not about the same thing",
                     knowledge::phrase_of(timed));
}

TimedFinding finding_about(const knowledge::Rule& rule, const Reached& reached) {
  TimedFinding finding{.rule = &rule, .why_not = {}};
  const auto terms = knowledge::terms_of(rule);
  std::set<std::size_t> conditions;
  for (const auto& [number, lines] : reached) {
    const auto& term = terms.at(number - 1);
    const bool is_line_by_line =
        term.timed->kind == knowledge::TimedKind::set || term.timed->kind == knowledge::TimedKind::sequence;
    if (term.role == knowledge::TermRole::of && is_line_by_line) conditions.insert(term.timed_index);
  }
  for (const auto condition : conditions) {
    if (!finding.why_not.empty()) finding.why_not += "; ";
    finding.why_not += why_not(rule, condition, reached);
  }
  return finding;
}

}  // namespace

std::vector<TimedFinding> explain_timed(std::string_view message,
                                        const std::shared_ptr<const matcher::SignatureSet>& signatures,
                                        std::optional<formats::Format> format,
                                        const std::shared_ptr<const formats::Redactor>& redactor) {
  const auto findings = findings_in(message, signatures, format, redactor);
  SeenTerms seen(signatures->rules());
  for (const auto& finding : findings) {
    std::visit([&](const auto& found) { seen.take(found); }, finding);
  }
  seen.timed.advance_to(TimePoint::max(), seen.fired);
  std::vector<TimedFinding> explained;
  for (const auto& [id, terms] : seen.reached) {
    const auto& rule = *signatures->rules().find(id);
    const bool has_fired =
        std::any_of(seen.fired.begin(), seen.fired.end(), [&](const Symptom& s) { return s.rule == id; });
    auto finding = finding_about(rule, terms);
    if (has_fired) finding.why_not.clear();
    if (has_fired || !finding.why_not.empty()) explained.push_back(std::move(finding));
  }
  return explained;
}

}  // namespace triaged::scan
