// `triaged rules list | show | lint | test`.
#include <algorithm>
#include <cstdio>

#include <fmt/format.h>

#include "base/utf8.hpp"
#include "cli/commands.hpp"
#include "cli/report_problems.hpp"
#include "config/cache_folder.hpp"
#include "config/configuration.hpp"
#include "daemon/noisy_rules.hpp"
#include "knowledge/dialects/load_rules.hpp"
#include "knowledge/faces/render_rule.hpp"
#include "knowledge/lint.hpp"
#include "scan/recorded_logs.hpp"
#include "scan/rule_examples.hpp"

namespace triaged::cli {

namespace {

/// The rules named on the command line, or else the usual ones.
knowledge::LoadedRules rules_to_check(const RulesOptions& options) {
  if (options.arguments.empty()) return options.rules.load();
  return knowledge::load_rules({options.arguments.begin(), options.arguments.end()},
                               {.scope = {.all_domains = true}, .cache = config::cache_folder()});
}

knowledge::LoadedRules rules_to_show(const RulesOptions& options) {
  auto rules = options.rules.load();
  std::erase_if(rules.problems, [](const Problem& problem) { return problem.level == ProblemLevel::warning; });
  print_problems(rules.problems);
  return rules;
}

/// "  [off: domain 'visa' is of everyday life, not of operations]"; nothing for a rule of full standing.
std::string standing_of(const knowledge::Rule& rule, const std::vector<matcher::NoisyRule>& noisy) {
  if (rule.standing == knowledge::Standing::off) return fmt::format("  [off: {}]", rule.standing_reason);
  if (rule.standing == knowledge::Standing::supporting)
    return fmt::format("  [supporting only: {}]", rule.standing_reason);
  if (rule.is_pinned) return "  [pinned]";
  std::string demoted;
  for (const auto& entry : noisy) {
    if (entry.rule != rule.id) continue;
    demoted += fmt::format("  [supporting only in {}: matched {} of {} lines]", to_printable(entry.source),
                           entry.matched, entry.lines);
  }
  return demoted;
}

std::string public_counts(const knowledge::LoadedRules& loaded) {
  const auto& rules = loaded.rules->rules();
  const auto count = [&](knowledge::Standing standing) {
    return std::count_if(rules.begin(), rules.end(),
                         [&](const knowledge::Rule& rule) { return rule.standing == standing; });
  };
  std::string text;
  if (const auto off = count(knowledge::Standing::off))
    text += fmt::format("; {} off (--all-domains turns them on)", off);
  if (const auto supporting = count(knowledge::Standing::supporting))
    text += fmt::format("; {} supporting only", supporting);
  if (const auto literal = loaded.by_signature()) {
    text += fmt::format("; {} matched by their signature, because no engine accepts their pattern", literal);
  }
  return text;
}

std::string suggestion_for_id(const std::string& id, const knowledge::RuleSet& rules) {
  std::vector<std::string_view> ids;
  for (const auto& rule : rules.rules()) ids.push_back(rule.id);
  return suggestion_for(id, ids);
}

}  // namespace

int rules_list_command(const RulesOptions& options) {
  const auto rules = rules_to_show(options);
  std::vector<const knowledge::Rule*> sorted;
  for (const auto& rule : rules.rules->rules()) sorted.push_back(&rule);
  std::sort(sorted.begin(), sorted.end(),
            [](const knowledge::Rule* a, const knowledge::Rule* b) { return a->id < b->id; });
  std::size_t widest = 0;
  for (const auto* rule : sorted) widest = std::max(widest, rule->id.size());
  const auto noisy = daemon::noisy_rules_in(config::default_configuration().state.folder.path);
  for (const auto* rule : sorted) {
    fmt::print("{:<{}}  {:<8}  {}{}\n", rule->id, widest, name_of(rule->severity),
               to_printable(rule->title.in(options.language)), standing_of(*rule, noisy));
  }
  fmt::print(stderr, "{} rules in {} files{}\n", sorted.size(), rules.files, public_counts(rules));
  return has_errors(rules.problems) ? exit_found : exit_done;
}

int rules_show_command(const RulesOptions& options) {
  const auto rules = rules_to_show(options);
  for (const auto& id : options.arguments) {
    const auto* rule = rules.rules->find(id);
    if (rule == nullptr) {
      fmt::print(stderr, "triaged rules show: there is no rule '{}'{} (triaged rules list shows them all)\n", id,
                 suggestion_for_id(id, *rules.rules));
      return exit_could_not_run;
    }
    switch (options.view) {
      case RuleView::text:
        fmt::print("{}", knowledge::to_plain_text(*rule, options.language));
        break;
      case RuleView::markdown:
        fmt::print("{}", knowledge::to_markdown(*rule, options.language));
        break;
      case RuleView::html:
        fmt::print("{}", knowledge::to_html(*rule, options.language));
        break;
      case RuleView::json:
        fmt::print("{}\n", to_json(*rule));
        break;
    }
  }
  return exit_done;
}

int rules_lint_command(const RulesOptions& options) {
  auto rules = rules_to_check(options);
  const auto signatures =
      matcher::SignatureSet::compile(rules.rules, rules.problems, {.cache = config::cache_folder()});
  const auto add = [&](const Problems& more) { rules.problems.insert(rules.problems.end(), more.begin(), more.end()); };
  add(knowledge::lint(*rules.rules));
  add(scan::try_examples(signatures).problems);
  if (options.json) {
    print_problems_as_json(rules.problems);
  } else {
    print_problems(rules.problems);
    fmt::print("{} rules in {} files: {}\n", rules.rules->rules().size(), rules.files, count_of(rules.problems));
  }
  const bool is_clean = std::all_of(rules.problems.begin(), rules.problems.end(),
                                    [](const Problem& problem) { return problem.level == ProblemLevel::note; });
  const bool fails = options.strict ? !is_clean : has_errors(rules.problems);
  if (rules.rules->rules().empty() && rules.problems.empty()) {
    fmt::print(stderr, "triaged rules lint: no rules were found there\n");
    return exit_could_not_run;
  }
  return fails ? exit_found : exit_done;
}

int rules_test_command(const RulesOptions& options) {
  auto rules = rules_to_check(options);
  const auto signatures =
      matcher::SignatureSet::compile(rules.rules, rules.problems, {.cache = config::cache_folder()});
  auto results = scan::try_examples(signatures);
  std::erase_if(results.problems, [](const Problem& problem) { return problem.level == ProblemLevel::warning; });
  std::erase_if(rules.problems, [](const Problem& problem) { return problem.level == ProblemLevel::warning; });
  const auto tried = results.examples + results.near_misses;
  const auto bad = results.problems.size();
  const auto recorded = scan::try_recorded_logs(scan::recorded_logs_below(options.arguments), rules.rules, signatures);
  print_problems(rules.problems);
  print_problems(results.problems);
  print_problems(results.untried);
  print_problems(recorded.problems);
  fmt::print("{} examples and {} near misses of {} rules: {} good, {} bad\n", results.examples, results.near_misses,
             rules.rules->rules().size(), tried - bad, bad);
  fmt::print("{} of {} conditions are reached by an example, {} of {} 'unless' lines by a near miss\n",
             results.terms_reached, results.terms, results.unless_reached, results.unless);
  if (recorded.logs > 0) {
    fmt::print("{} recorded logs: {} as expected\n", recorded.logs, recorded.logs - recorded.problems.size());
  }
  if (tried + recorded.logs == 0) {
    fmt::print(stderr, "triaged rules test: there is nothing to try: no rule with an example was found\n");
    return exit_could_not_run;
  }
  return bad == 0 && recorded.problems.empty() && !has_errors(rules.problems) ? exit_done : exit_found;
}

}  // namespace triaged::cli
