// `triaged explain LINE`: how one line is read and what every rule of its format makes of it.
#include <algorithm>
#include <iostream>

#include <boost/json.hpp>
#include <fmt/format.h>
#include <unistd.h>

#include "base/utf8.hpp"
#include "daemon/clock.hpp"
#include "daemon/commands.hpp"
#include "daemon/report_problems.hpp"
#include "knowledge/load_rules.hpp"
#include "matcher/matcher.hpp"

namespace triaged {

namespace json = boost::json;

namespace {

constexpr std::size_t most_near_candidates = 10;

struct Explanation {
  std::string line;
  ReadLine read;
  std::vector<Verdict> verdicts;  // those worth showing: they fire, or nearly do
};

/// A rule nearly fires when its words are there, only not where they count, or when one of its conditions fails.
bool is_worth_showing(const Verdict& verdict) {
  const bool has_pattern = !verdict.match->regex.empty();
  return verdict.fires() || verdict.counts || verdict.pattern_hit_elsewhere || (has_pattern && verdict.pattern_hit);
}

double score_of(const Verdict& verdict) {
  return verdict.fires() ? verdict.rule->confidence : verdict.counts ? verdict.rule->confidence / 2 : 0;
}

void print_text(const Explanation& explanation) {
  const auto& read = explanation.read;
  fmt::print("format   {}\n", name_of(read.format));
  if (read.time) fmt::print("time     {}\n", to_rfc3339(*read.time));
  if (!read.host.empty()) fmt::print("host     {}\n", to_printable(read.host));
  fmt::print("speaks   {}\n", read.message.empty()
                                  ? "(the program itself says nothing in words here; rules look at fields)"
                                  : to_printable(read.message));
  for (const auto& [name, value] : read.fields) fmt::print("  {:<22} {}\n", name, to_printable(prefix_of(value, 200)));
  if (explanation.verdicts.empty()) fmt::print("no rule of this format recognises the line or nearly does\n");
  for (const auto& verdict : explanation.verdicts) {
    if (verdict.fires()) {
      fmt::print("fires    {}: {}\n", verdict.rule->id, verdict.rule->title.english);
    } else if (verdict.counts) {
      fmt::print("counts   {}: {}\n", verdict.rule->id, verdict.missing);
    } else {
      fmt::print("not      {}: {}\n", verdict.rule->id, to_printable(verdict.missing));
    }
  }
}

json::object spans_of(const Explanation& explanation) {
  const auto& line = explanation.line;
  const auto& message = explanation.read.message;
  json::object program{{"text", to_valid_utf8(message)}};
  const bool is_in_line = message.data() >= line.data() && message.data() + message.size() <= line.data() + line.size();
  if (is_in_line && !message.empty()) {
    program["begin"] = message.data() - line.data();
    program["end"] = message.data() - line.data() + static_cast<std::ptrdiff_t>(message.size());
  }
  return {{"program", std::move(program)}};
}

void print_json(const Explanation& explanation) {
  json::object fields;
  for (const auto& [name, value] : explanation.read.fields) fields[name] = to_valid_utf8(value);
  json::array candidates;
  for (const auto& verdict : explanation.verdicts) {
    json::object candidate{{"rule", verdict.rule->id},
                           {"title", verdict.rule->title.english},
                           {"score", score_of(verdict)},
                           {"parts", json::object{{"confidence", verdict.rule->confidence},
                                                  {"pattern", verdict.pattern_hit},
                                                  {"conditions", verdict.conditions_hold}}},
                           {"fires", verdict.fires()}};
    if (verdict.counts) candidate["counts"] = true;
    if (!verdict.fires()) candidate["why_not"] = to_valid_utf8(verdict.missing);
    candidates.push_back(std::move(candidate));
  }
  json::object object{{"format", name_of(explanation.read.format)}};
  if (explanation.read.time) object["time"] = to_rfc3339(*explanation.read.time);
  object["fields"] = std::move(fields);
  object["spans"] = spans_of(explanation);
  object["candidates"] = std::move(candidates);
  fmt::print("{}\n", json::serialize(object));
}

}  // namespace

int explain_command(const ExplainOptions& options) {
  auto rules = load_rules(options.rules.paths());
  const auto signatures = SignatureSet::compile_when_needed(rules.rules, rules.problems,
                                                            [](const Problem& refused) { print_problems({refused}); });
  std::erase_if(rules.problems, [](const Problem& problem) { return problem.gravity == Gravity::warning; });
  print_problems(rules.problems);
  Explanation explanation;
  explanation.line = options.line;
  if (options.line == "-" && !std::getline(std::cin, explanation.line)) {
    fmt::print(stderr, "triaged explain: standard input is empty; give it one line\n");
    return exit_could_not_run;
  }
  while (!explanation.line.empty() && (explanation.line.back() == '\n' || explanation.line.back() == '\r')) {
    explanation.line.pop_back();
  }
  LineReader reader({.source_name = "", .format = options.format, .zone = {}, .reference = now()});
  reader.read(explanation.line, explanation.read);
  explanation.verdicts = Matcher(signatures).explain(explanation.line, explanation.read);
  std::erase_if(explanation.verdicts, [](const Verdict& verdict) { return !is_worth_showing(verdict); });
  std::stable_sort(explanation.verdicts.begin(), explanation.verdicts.end(),
                   [](const Verdict& a, const Verdict& b) { return score_of(a) > score_of(b); });
  if (explanation.verdicts.size() > most_near_candidates) explanation.verdicts.resize(most_near_candidates);
  if (options.json) {
    print_json(explanation);
  } else {
    print_text(explanation);
  }
  return exit_done;
}

}  // namespace triaged
