// `triaged rules search WORDS`: every loaded rule is searched, also those that are off.
#include <cstdio>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/utf8.hpp"
#include "cli/commands.hpp"
#include "cli/report_problems.hpp"
#include "knowledge/ranking/rank_rules.hpp"
#include "values/json_writer.hpp"

namespace triaged::cli {

namespace {

constexpr std::size_t most_found = 10;

void print_found(const knowledge::RankedRule& found, const RulesOptions& options) {
  const auto& rule = *found.rule;
  if (options.json) {
    const auto& parts = found.parts;
    JsonWriter json;
    json.begin_object();
    json.key("rule").text(rule.id);
    json.key("title").text(rule.title.in(options.language));
    json.key("domain").text(rule.domain);
    json.key("score").exact(found.score());
    json.key("parts").begin_object();
    json.key("words").exact(parts.words);
    json.key("signature").exact(parts.signature);
    json.key("phrase").exact(parts.phrase);
    json.key("pattern").exact(parts.pattern);
    json.key("domain").exact(parts.domain);
    json.key("environment").exact(parts.environment);
    json.key("success").exact(parts.success);
    json.end_object();
    json.end_object();
    fmt::print("{}\n", json.json());
    return;
  }
  fmt::print("{:5.2f}  {}\n       {}\n", found.score(), rule.id, to_printable(rule.title.in(options.language)));
}

}  // namespace

int rules_search_command(const RulesOptions& options) {
  auto rules = options.rules.load();
  std::erase_if(rules.problems, [](const Problem& problem) { return problem.level == ProblemLevel::warning; });
  print_problems(rules.problems);
  const knowledge::RuleRanking ranking(*rules.rules, knowledge::RuleRanking::Everyday::ranked);
  const auto found = ranking.rank(fmt::format("{}", fmt::join(options.arguments, " ")), most_found);
  for (const auto& rule : found) print_found(rule, options);
  if (!found.empty()) return exit_done;
  fmt::print(stderr, "triaged rules search: no rule knows any of these words\n");
  return exit_found;
}

}  // namespace triaged::cli
