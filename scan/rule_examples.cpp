#include "scan/rule_examples.hpp"

#include <algorithm>
#include <functional>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "base/utf8.hpp"
#include "diagnosis/timed_matches.hpp"
#include "formats/line_reader.hpp"
#include "knowledge/model/placeholders.hpp"
#include "knowledge/model/timed_match.hpp"
#include "scan/example_reason.hpp"

namespace triaged::scan {

namespace {

constexpr std::size_t longest_excerpt = 160;

/// Reads an example as a line of the format that its match is for, and gives the rules that fire on it. An example may
/// hold several lines (a record with its traceback): the rules of all of them count.
class ExampleReader {
 public:
  explicit ExampleReader(const std::shared_ptr<const matcher::SignatureSet>& signatures)
      : signatures_(signatures), matcher_(signatures) {}

  /// The lines of conditions that were recognised since the last call: rule and number of the term.
  [[nodiscard]] std::set<std::pair<std::string, std::size_t>> take_reached() { return std::exchange(reached_, {}); }

  std::set<std::string> firing(const std::string& example, const std::vector<formats::Format>& formats) {
    formats::LineReaderOptions options;
    if (formats.size() == 1) options.format = formats.front();
    seen_.clear();
    auto fired = fire(example, options);
    // A match for several formats does not say which of them the example is of: let the content decide.
    if (formats.size() > 1) {
      for (const auto format : formats) {
        options.format = format;
        fired.merge(fire(example, options));
      }
    }
    return fired;
  }

  /// Whether a line of the last example that `rule` recognised has the field `name`.
  [[nodiscard]] bool has_field(const std::string& rule, std::string_view name) const {
    return std::any_of(seen_.begin(), seen_.end(),
                       [&](const Symptom& symptom) { return symptom.rule == rule && !symptom.field(name).empty(); });
  }

 private:
  std::set<std::string> fire(const std::string& example, const formats::LineReaderOptions& options) {
    formats::LineReader reader(options);
    LineBatch batch;
    batch.source_name = "example";  // conditions by source put nothing together without one
    batch.bytes = example;
    for (std::size_t at = 0; at < example.size();) {
      const auto end = std::min(example.find('\n', at), example.size());
      batch.lines.push_back({static_cast<std::uint32_t>(at), static_cast<std::uint32_t>(end - at), at});
      at = end + 1;
    }
    return rules_of(matcher_.match(batch, reader));
  }

  /// The lines of an example are a whole story: conditions over several lines are put together as they would be there.
  std::set<std::string> rules_of(std::vector<Finding> findings) {
    std::stable_sort(findings.begin(), findings.end(), is_earlier);
    diagnosis::TimedMatches timed(signatures_->rules());
    std::vector<Symptom> fired;
    for (auto& finding : findings) {
      timed.advance_to(matched_line(finding).at, fired);
      std::visit([&](auto& found) { take(std::move(found), timed, fired); }, finding);
    }
    timed.advance_to(TimePoint::max(), fired);
    std::set<std::string> rules;
    for (const auto& symptom : fired) rules.insert(symptom.rule);
    seen_.insert(seen_.end(), fired.begin(), fired.end());
    return rules;
  }

  static void take(Symptom&& symptom, diagnosis::TimedMatches& /*timed*/, std::vector<Symptom>& fired) {
    fired.push_back(std::move(symptom));
  }
  static void take(Answers&& /*answers*/, diagnosis::TimedMatches& /*timed*/, std::vector<Symptom>& /*fired*/) {}
  static void take(CoveredTime&& /*covered*/, diagnosis::TimedMatches& /*timed*/, std::vector<Symptom>& /*fired*/) {}
  static void take(UrlRequests&& /*requests*/, diagnosis::TimedMatches& /*timed*/, std::vector<Symptom>& /*fired*/) {}
  void take(TermLine&& line, diagnosis::TimedMatches& timed, std::vector<Symptom>& fired) {
    reached_.emplace(line.rule, line.term);
    timed.on_line(line, fired);
  }
  void take(TermCount&& count, diagnosis::TimedMatches& timed, std::vector<Symptom>& fired) {
    reached_.emplace(count.rule, count.term);
    timed.on_count(count, fired);
  }

  std::shared_ptr<const matcher::SignatureSet> signatures_;
  matcher::Matcher matcher_;
  std::set<std::pair<std::string, std::size_t>> reached_;
  std::vector<Symptom> seen_;  // of the last example
};

bool knows(const knowledge::Rule& rule, const std::string& other) {
  const auto names = [&](const std::vector<knowledge::Transition>& transitions) {
    return std::any_of(transitions.begin(), transitions.end(),
                       [&](const knowledge::Transition& t) { return t.rule == other; });
  };
  return names(rule.confused_with) || names(rule.leads_to) || names(rule.preceded_by);
}

Problem problem_of(ProblemLevel level, const knowledge::RulePlace& place, std::string message,
                   const std::string& line) {
  return {level,        place.file,         place.line,
          place.column, std::move(message), to_printable(prefix_of(line, longest_excerpt))};
}

/// Tries out the examples of all rules.
class Trial {
 public:
  explicit Trial(const std::shared_ptr<const matcher::SignatureSet>& signatures)
      : signatures_(signatures), rules_(signatures->rules()), reader_(signatures) {}

  ExampleResults run() {
    for (const auto& rule : rules_.rules()) {
      for (const auto& match : rule.matches) {
        const auto bad = results_.problems.size();
        try_all(rule, match.place, match.examples, match.near_misses, match.formats,
                [&](const std::string& example) { return why_not_matched(match, example, signatures_); });
        if (match.examples.empty() && match.near_misses.empty()) continue;  // the linter asks for them
        ++results_.terms;
        results_.terms_reached += !match.examples.empty() && results_.problems.size() == bad ? 1 : 0;
      }
      (void)reader_.take_reached();
      for (const auto& timed : rule.timed_matches) {
        const auto formats = formats_of_lines(timed);
        try_all(rule, timed.place, timed.examples, timed.near_misses, formats, [&](const std::string& example) {
          const auto format = formats.empty() ? std::nullopt : std::optional(formats.front());
          return why_not_matched(rule, example, format, signatures_);
        });
      }
      if (!rule.timed_matches.empty()) count_reached(rule);
    }
    return std::move(results_);
  }

 private:
  using WhyNot = std::function<std::string(const std::string& example)>;

  /// What the rule's `says` names must be in the line: else people read "UPSTREAM" where the address belongs.
  void check_saying(const knowledge::Rule& rule, const knowledge::RulePlace& place, const std::string& example) {
    for (const auto& name : knowledge::placeholders_in(rule.says.english)) {
      if (reader_.has_field(rule.id, name)) continue;
      results_.problems.push_back(problem_of(
          ProblemLevel::error, place,
          fmt::format("an example of {} has no field '{}', which its 'says' names", rule.id, name), example));
    }
  }

  /// The one format that all lines of the condition are of; empty when their content must decide.
  static std::vector<formats::Format> formats_of_lines(const knowledge::TimedMatch& timed) {
    const auto& first = timed.of.front().line.formats;
    const auto is_other = [&](const knowledge::TimedTerm& term) { return term.line.formats != first; };
    const bool is_mixed = std::any_of(timed.of.begin(), timed.of.end(), is_other) ||
                          std::any_of(timed.unless.begin(), timed.unless.end(), is_other);
    return is_mixed || first.size() != 1 ? std::vector<formats::Format>() : first;
  }

  void count_reached(const knowledge::Rule& rule) {
    const auto reached = reader_.take_reached();
    const auto terms = knowledge::terms_of(rule);
    for (std::size_t i = 0; i < terms.size(); ++i) {
      const auto& term = terms[i];
      if (term.timed->examples.empty() && term.timed->near_misses.empty()) continue;
      const bool is_unless = term.role == knowledge::TermRole::unless;
      const bool is_reached = reached.count({rule.id, i + 1}) != 0;
      ++(is_unless ? results_.unless : results_.terms);
      (is_unless ? results_.unless_reached : results_.terms_reached) += is_reached ? 1 : 0;
      if (is_reached) continue;
      auto problem = problem_of(
          ProblemLevel::warning, term.line->place,
          fmt::format("no {} of {} holds this line", is_unless ? "near miss" : "example", rule.id), term.line->regex);
      problem.suggestion =
          is_unless ? "add a near miss in which this line forbids" : "add an example that needs this line";
      results_.untried.push_back(std::move(problem));
    }
  }

  void try_all(const knowledge::Rule& rule, const knowledge::RulePlace& place, const std::vector<std::string>& examples,
               const std::vector<std::string>& near_misses, const std::vector<formats::Format>& formats,
               const WhyNot& why_not) {
    for (const auto& example : examples) try_example(rule, place, example, formats, why_not);
    for (const auto& near_miss : near_misses) {
      ++results_.near_misses;
      if (reader_.firing(near_miss, formats).count(rule.id) == 0) continue;
      results_.problems.push_back(
          problem_of(ProblemLevel::error, place, fmt::format("a near miss of {} matches", rule.id), near_miss));
    }
  }

  void try_example(const knowledge::Rule& rule, const knowledge::RulePlace& place, const std::string& example,
                   const std::vector<formats::Format>& formats, const WhyNot& why_not) {
    ++results_.examples;
    const auto fired = reader_.firing(example, formats);
    if (fired.count(rule.id) == 0) {
      results_.problems.push_back(
          problem_of(ProblemLevel::error, place,
                     fmt::format("an example of {} does not match: {}", rule.id, why_not(example)), example));
    } else {
      check_saying(rule, place, example);
    }
    for (const auto& other : fired) {
      const auto* other_rule = rules_.find(other);
      if (other == rule.id || knows(rule, other) || knows(*other_rule, rule.id)) continue;
      results_.problems.push_back(problem_of(
          ProblemLevel::warning, place,
          fmt::format("an example of {} matches {} too; say in 'confused_with' how to tell them apart", rule.id, other),
          example));
    }
  }

  std::shared_ptr<const matcher::SignatureSet> signatures_;
  const knowledge::RuleSet& rules_;
  ExampleReader reader_;
  ExampleResults results_;
};

}  // namespace

ExampleResults try_examples(const std::shared_ptr<const matcher::SignatureSet>& signatures) {
  return Trial(signatures).run();
}

}  // namespace triaged::scan
