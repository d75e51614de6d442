#include "knowledge/lint.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/utf8.hpp"
#include "knowledge/model/cause_vocabulary.hpp"
#include "knowledge/model/field_vocabulary.hpp"
#include "knowledge/model/placeholders.hpp"
#include "knowledge/model/timed_match.hpp"
#include "knowledge/patterns/pattern.hpp"
#include "knowledge/patterns/pattern_cost.hpp"
#include "knowledge/patterns/pattern_scan.hpp"

namespace triaged::knowledge {

namespace {

constexpr std::size_t short_literal = 4;
constexpr std::size_t long_literal = 8;  // enough to stand alone in the lines of any program

constexpr std::uint64_t cheap_pattern = 1000;  // of pattern_cost(): no pattern below it takes long
constexpr std::size_t longest_saying = 100;    // bytes
constexpr double slow_pattern = 0.5;           // seconds

/// Names of somebody's own installation in a command, and what to write instead: the reader has another one.
struct MadeUpName {
  std::string_view name, instead;
};
constexpr MadeUpName made_up_names[] = {
    {"/srv/shop", "APP_DIR"},     {"/srv/app", "APP_DIR"},   {"/srv/myapp", "APP_DIR"},    {"/opt/myapp", "APP_DIR"},
    {"/path/to/", "what it is"},  {"shop.wsgi", "MODULE"},   {"myproject.wsgi", "MODULE"}, {"myapp.wsgi", "MODULE"},
    {"shop.example.com", "HOST"}, {"myapp.service", "UNIT"}, {"shop.service", "UNIT"}};

/// The findings about one rule.
class RuleLint {
 public:
  RuleLint(const Rule& rule, Problems& problems) : rule_(rule), problems_(problems), fields_(known_fields()) {
    for (const auto* line : lines_of(rule)) {
      for (auto& name : named_groups_of(line->regex)) groups_.push_back(std::move(name));
    }
    fields_.insert(fields_.end(), groups_.begin(), groups_.end());
  }

  void check() {
    for (const auto* line : lines_of(rule_)) {
      if (!line->regex.empty()) check_pattern(*line);
      check_span(*line);
      check_fields(*line);
    }
    for (const auto& timed : rule_.timed_matches) check_timed(timed);
    check_field(rule_.entity, rule_.place, "entity");
    check_saying();
    if (rule_.is_public()) return;  // others wrote it; nobody here can mend it
    if (rule_.docs.empty())
      warn(rule_.place, "has no 'docs'", "give the address of the best page about it: docs: https://…");
    if (rule_.workarounds.empty())
      warn(rule_.place, "has no workarounds", "say what helps: workarounds: [{action: …, how: …, success_rate: 0.8}]");
    if (rule_.dead_ends.empty())
      warn(rule_.place, "has no dead ends: what do people try in vain?",
           "dead_ends: [{action: …, why_fails: …, fail_rate: 0.9}]");
    // errorcanon's records cannot say the rest.
    if (rule_.dialect == Dialect::triaged_yaml) check_triaged();
  }

 private:
  void warn(const RulePlace& place, std::string_view what, std::string_view suggestion, std::string_view excerpt = {}) {
    report(ProblemLevel::warning, place, what, suggestion, excerpt);
  }

  void report(ProblemLevel level, const RulePlace& place, std::string_view what, std::string_view suggestion,
              std::string_view excerpt = {}) {
    problems_.push_back({level, place.file, place.line, place.column, fmt::format("rule '{}' {}", rule_.id, what),
                         to_printable(prefix_of(excerpt, 120)), std::string(suggestion)});
  }

  void check_pattern(const Match& match) {
    if (matches_empty_line(match.regex, match.caseless)) {
      warn(match.place, "has a pattern that matches every line, even the empty one",
           "give it words that the failure alone has", match.regex);
    } else if (!requires_literal(match.regex, match.caseless, short_literal)) {
      warn(match.place,
           "has a pattern that requires no literal text of four letters or more: it costs time on every "
           "line",
           "add the words that stand beside what varies", match.regex);
    } else if (match.formats.empty() && !requires_literal(match.regex, match.caseless, long_literal)) {
      warn(match.place, "reads the lines of any program with a short literal: name the formats",
           "formats: [nginx.error]", match.regex);
    }
    if (pattern_cost(match.regex) > cheap_pattern) check_time(match);
    if (crosses_lines(match.regex)) {
      warn(match.place, "has a pattern for several lines ('\\n' or '[\\s\\S]'): a pattern never crosses a line",
           "write one pattern a line, in a 'set' or a 'sequence'", match.regex);
    }
  }

  /// A note, because a number of seconds depends on the machine.
  void check_time(const Match& match) {
    const auto seconds = seconds_to_compile(match.regex, match.caseless);
    if (seconds < slow_pattern) return;
    report(ProblemLevel::note, match.place, fmt::format("has a pattern that takes {:.1f} s to compile", seconds),
           "lower the numbers in {…}, above all of a repeat inside another one", match.regex);
  }

  /// The kernel alone writes nothing that a client sent.
  void check_span(const Match& match) {
    if (match.within != Within::line) return;
    const bool has_reason = !match.line_because.empty();
    const bool is_of_kernel = match.formats == std::vector{formats::Format::kernel};
    if (!has_reason && !is_of_kernel) {
      report(ProblemLevel::error, match.place,
             "has 'within: line' without a reason: whoever sends a request can write the words it looks for",
             "leave 'within' out, or say why no client can write them: line_because: …", match.regex);
    }
  }

  static bool crosses_lines(std::string_view regex) {
    bool crosses = false;
    for_each_token(regex, [&](std::string_view token, TokenKind kind) {
      const bool is_everything = token == "[\\s\\S]" || token == "[\\S\\s]" || token == "[\\d\\D]" ||
                                 token == "[\\D\\d]" || token == "[\\w\\W]" || token == "[\\W\\w]";
      const bool has_line_end =
          kind == TokenKind::char_class && !token.starts_with("[^") && token.find("\\n") != std::string_view::npos;
      crosses = crosses || token == "\\n" || token == "\n" || is_everything || has_line_end;
    });
    return crosses;
  }

  void check_timed(const TimedMatch& timed) {
    if (timed.by != "host" && timed.by != "source") check_field(timed.by, timed.place, "'by'");
    const bool is_one_line = timed.of.size() == 1 && timed.of.front().count == 1;
    for (const auto& term : timed.unless) {
      if (!is_one_line || term.window.count() > 0) continue;
      warn(term.line.place,
           "has an 'unless' line without a 'window' beside a single line: it forbids nothing but a line of the same "
           "instant",
           "add window: 10s");
    }
  }

  void check_fields(const Match& match) {
    for (const auto& condition : match.where) check_field(condition.field, match.place, "condition");
  }

  void check_field(std::string_view name, const RulePlace& place, std::string_view what) {
    if (name.empty() || std::find(fields_.begin(), fields_.end(), name) != fields_.end()) return;
    warn(place,
         fmt::format("has {} '{}', which is neither a field of any format nor a named group{}", what, name,
                     suggestion_for(name, fields_)),
         "name a field of docs/formats.md, or a group of the pattern: (?<name>…)");
  }

  /// It stands in one row between the time and the line.
  void check_saying() {
    const auto& says = rule_.says.english;
    for (const auto& name : placeholders_in(says)) check_field(name, rule_.place, "'says' with field");
    if (says.size() > longest_saying) {
      warn(rule_.place,
           fmt::format("has a 'says' of {} bytes: evidence shows it in one row with the line", says.size()),
           fmt::format("say it in at most {}", longest_saying), says);
    }
    if (says.ends_with('.')) {
      warn(rule_.place, "has a 'says' that ends with a full stop", "leave it out: the line follows", says);
    }
  }

  void check_triaged() {
    check_samples();
    for (const auto& workaround : rule_.workarounds) check_command(workaround.how);
    double priors = 0;
    for (const auto& cause : rule_.causes) {
      priors += cause.prior;
      check_cause(cause);
    }
    if (priors > 1.001)
      warn(rule_.place, fmt::format("has causes whose priors add up to {:.2f}", priors),
           "divide each of them by that sum");
    for (const auto& transition : rule_.confused_with) {
      if (transition.distinction.empty()) {
        warn(transition.place, fmt::format("does not say how it differs from '{}' ('distinction')", transition.rule),
             "distinction: what to look at to tell the two apart");
      }
    }
  }

  void check_command(std::string_view command) {
    for (const auto& [name, instead] : made_up_names) {
      if (command.find(name) == std::string_view::npos) continue;
      warn(rule_.place, fmt::format("has a command with the made-up name '{}'", name),
           fmt::format("write in capitals what the reader has to put there: {}", instead), command);
    }
  }

  void check_samples() {
    // What nobody could make happen yet is known from the program's documentation or source alone, and says so.
    const bool is_documented = rule_.verification == "documented" && !rule_.docs.empty();
    const auto level = is_documented ? ProblemLevel::note : ProblemLevel::warning;
    for (const auto& match : rule_.matches) {
      if (match.examples.empty())
        report(level, match.place, "has a match without an example line", "examples: [a real line that must match]");
      if (match.near_misses.empty())
        warn(match.place, "has a match without a near miss",
             "near_misses: [the most similar line that means something else]");
    }
    for (const auto& timed : rule_.timed_matches) {
      if (timed.examples.empty())
        report(level, timed.place, "has a condition over several lines without an example of them",
               "examples: [the lines in one text, which together must match]");
      if (timed.near_misses.empty())
        warn(timed.place, "has a condition over several lines without a near miss",
             "near_misses: [the lines with one that forbids, or too far apart]");
    }
  }

  void check_cause(const Cause& cause) {
    const bool is_the_rule_itself = rule_.id.ends_with("/" + cause.id);  // all that is said is 'root_cause'
    if (cause_named(cause.id) == nullptr && !is_the_rule_itself) {
      std::vector<std::string_view> slugs;
      for (const auto& known : known_causes()) slugs.push_back(known.slug);
      const auto similar = suggestion_for(cause.id, slugs);
      report(similar.empty() ? ProblemLevel::note : ProblemLevel::warning, cause.place,
             fmt::format("names cause '{}', which is not in the vocabulary{}", cause.id, similar),
             "a new name is allowed when no known one says it");
    }
    if (cause.text.english.empty())
      warn(cause.place, fmt::format("has no text for cause '{}'", cause.id), "text: the cause in one sentence");
    for (const auto* terms : {&cause.supported_by, &cause.refuted_by}) {
      for (const auto& term : *terms) {
        if (term.field) check_field(term.field->field, term.place, "evidence");
      }
    }
  }

  const Rule& rule_;
  Problems& problems_;
  std::vector<std::string> groups_;
  std::vector<std::string_view> fields_;  // the formats' and groups_
};

}  // namespace

Problems lint(const RuleSet& rules) {
  Problems problems;
  for (const auto& rule : rules.rules()) RuleLint(rule, problems).check();
  return problems;
}

}  // namespace triaged::knowledge
