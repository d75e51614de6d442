// `triaged explain MESSAGE`: how a line is read, which rules it is about, which of them fire and why the others do not.
#include <cmath>
#include <iostream>
#include <iterator>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "base/utf8.hpp"
#include "cli/commands.hpp"
#include "cli/report_problems.hpp"
#include "config/cache_folder.hpp"
#include "scan/explanation.hpp"

namespace triaged::cli {

namespace json = boost::json;

namespace {

/// The parts that a score is made of, by name, without those that add nothing.
std::vector<std::pair<std::string_view, double>> parts_of(const scan::ExplainedRule& candidate) {
  const auto& parts = candidate.parts;
  std::vector<std::pair<std::string_view, double>> named = {
      {"fires", candidate.fires_bonus},   {"words", parts.words},     {"signature", parts.signature},
      {"phrase", parts.phrase},           {"pattern", parts.pattern}, {"domain", parts.domain},
      {"environment", parts.environment}, {"success", parts.success}};
  std::erase_if(named, [](const auto& part) { return part.second == 0; });
  return named;
}

double rounded(double number) { return std::round(number * 1000) / 1000; }

void print_text(const scan::Explanation& explanation) {
  const auto& read = explanation.read;
  fmt::print("format   {}\n", name_of(read.format));
  if (!read.wrappers.empty()) fmt::print("behind   {}\n", fmt::join(read.wrappers, ", "));
  if (read.time) fmt::print("time     {}\n", to_rfc3339(*read.time));
  if (!read.host.empty()) fmt::print("host     {}\n", to_printable(read.host));
  fmt::print("speaks   {}\n", read.message.empty()
                                  ? "(the program itself says nothing in words here; rules look at fields)"
                                  : to_printable(read.message));
  for (const auto& [name, value] : read.fields) fmt::print("  {:<22} {}\n", name, to_printable(prefix_of(value, 200)));
  if (explanation.candidates.empty()) fmt::print("no rule is about this line\n");
  for (const auto& candidate : explanation.candidates) {
    fmt::print("{:<8} {:.2f} {}: {}\n",
               candidate.fires    ? "fires"
               : candidate.counts ? "counts"
                                  : "not",
               candidate.score(), candidate.rule->id, to_printable(candidate.rule->title.english));
    if (!candidate.fires) fmt::print("              {}\n", to_printable(candidate.why_not));
  }
}

json::object spans_of(const scan::Explanation& explanation) {
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

void print_json(const scan::Explanation& explanation) {
  json::object fields;
  for (const auto& [name, value] : explanation.read.fields) fields[name] = to_valid_utf8(value);
  json::array candidates;
  for (const auto& explained : explanation.candidates) {
    json::object parts;
    for (const auto& [name, value] : parts_of(explained)) parts[name] = rounded(value);
    json::object candidate{{"rule", explained.rule->id},       {"title", explained.rule->title.english},
                           {"domain", explained.rule->domain}, {"score", rounded(explained.score())},
                           {"parts", std::move(parts)},        {"fires", explained.fires}};
    if (explained.counts) candidate["counts"] = true;
    if (!explained.fires) candidate["why_not"] = to_valid_utf8(explained.why_not);
    if (explained.client_text) {
      candidate["client_text"] = json::object{{"begin", explained.client_text->begin},
                                              {"end", explained.client_text->end},
                                              {"field", explained.client_text->field}};
    }
    candidates.push_back(std::move(candidate));
  }
  json::object object{{"format", name_of(explanation.read.format)}};
  if (!explanation.read.wrappers.empty()) {
    json::array wrappers;
    for (const auto wrapper : explanation.read.wrappers) wrappers.push_back(json::string(wrapper));
    object["behind"] = std::move(wrappers);
  }
  if (explanation.read.time) object["time"] = to_rfc3339(*explanation.read.time);
  object["fields"] = std::move(fields);
  object["spans"] = spans_of(explanation);
  object["candidates"] = std::move(candidates);
  fmt::print("{}\n", json::serialize(object));
}

}  // namespace

int explain_command(const ExplainOptions& options) {
  auto rules = options.rules.load();
  const auto signatures = matcher::SignatureSet::compile_when_needed(
      rules.rules, [](const Problem& refused) { print_problems({refused}); }, {.cache = config::cache_folder()});
  std::erase_if(rules.problems, [](const Problem& problem) { return problem.level == ProblemLevel::warning; });
  print_problems(rules.problems);
  auto message = options.line;
  if (message == "-") message.assign(std::istreambuf_iterator<char>(std::cin), {});
  if (message.find_first_not_of("\r\n") == std::string::npos && options.line == "-") {
    fmt::print(stderr, "triaged explain: standard input is empty; give it a line\n");
    return exit_could_not_run;
  }
  scan::Explainer explainer(rules, signatures, options.format);
  const auto& explanation = explainer.explain(message);
  if (options.json) {
    print_json(explanation);
  } else {
    print_text(explanation);
  }
  return exit_done;
}

}  // namespace triaged::cli
