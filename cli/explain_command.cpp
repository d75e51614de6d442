// `triaged explain MESSAGE`: how a line is read, which rules it is about, which of them fire and why the others do not.
#include <cmath>
#include <iostream>
#include <iterator>

#include <fmt/format.h>

#include "base/utf8.hpp"
#include "cli/commands.hpp"
#include "cli/report_problems.hpp"
#include "config/cache_folder.hpp"
#include "formats/reasons/reasons.hpp"
#include "scan/explanation.hpp"
#include "values/json_writer.hpp"
#include "values/wrap_text.hpp"

namespace triaged::cli {

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

/// The reasons in the program's own words, by field.
std::vector<std::pair<std::string_view, std::string_view>> reasons_of(const formats::ReadLine& read) {
  std::vector<std::pair<std::string_view, std::string_view>> reasons;
  for (const auto field : formats::words_in(formats::reason_fields)) {
    if (const auto reason = formats::reason_in(field, read.message); !reason.empty()) {
      reasons.emplace_back(field, reason);
    }
  }
  return reasons;
}

double rounded(double number) { return std::round(number * 1000) / 1000; }

std::string words_for(const scan::Explanation& explanation) {
  const auto format = explanation.read.format;
  const auto words = format == formats::Format::text ? "plain text: no format reads it" : name_of(format);
  if (explanation.wrappers.empty()) return fmt::format("this is {}", words);
  return fmt::format("behind {} this is {}", to_printable(to_text(explanation.wrappers)), words);
}

void print_prefix(const scan::Explanation& explanation, const formats::RedactedText& shown) {
  const auto& prefix = *explanation.prefix;
  const auto text = to_printable(shown.part(explanation.line.substr(0, prefix.size)));
  fmt::print("prefix   behind \"{}\" this is {}; triaged does not know what stands in front. Cut it off:\n", text,
             name_of(prefix.format));
  fmt::print("           {}\n", command_without(prefix, "FILE"));
}

/// The line around the byte where it stops to be of the format, and a mark below that byte.
void print_near(const scan::Explanation& explanation, const formats::RedactedText& shown) {
  if (explanation.prefix) return print_prefix(explanation, shown);
  if (!explanation.near) {
    if (explanation.read.format == formats::Format::text) fmt::print("nearest  none: it looks like no known format\n");
    return;
  }
  const auto& [near, text] = *explanation.near;
  constexpr std::size_t shown_before = 60, shown_behind = 30;
  const auto begin = near.stops_at > shown_before ? near.stops_at - shown_before : 0;
  const auto before = to_printable(shown.part(text.substr(begin, near.stops_at - begin)));
  const auto behind = to_printable(shown.part(text.substr(near.stops_at, shown_behind)));
  fmt::print("nearest  {}, as far as byte {}; there it {}\n", name_of(near.format), near.stops_at,
             near.expected.empty() ? "ends" : fmt::format("goes on like: {}", near.expected));
  fmt::print("           {}{}\n           {:>{}}\n", before, behind, '^', columns_of(before) + 1);
}

void print_text(const scan::Explanation& explanation, const formats::RedactedText& shown) {
  const auto& read = explanation.read;
  fmt::print("{}\n", words_for(explanation));
  fmt::print("format   {}\n", name_of(read.format));
  print_near(explanation, shown);
  if (read.time) fmt::print("time     {}\n", to_rfc3339(*read.time));
  if (!read.host.empty()) fmt::print("host     {}\n", to_printable(shown.part(read.host)));
  fmt::print("speaks   {}\n", read.message.empty()
                                  ? "(the program itself says nothing in words here; rules look at fields)"
                                  : to_printable(shown.part(read.message)));
  for (const auto& [name, value] : read.fields)
    fmt::print("  {:<22} {}\n", name, to_printable(prefix_of(shown.part(value), 200)));
  for (const auto& [name, reason] : reasons_of(read)) fmt::print("reason   {}: {}\n", name, reason);
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

/// The program's own words, and where they stand in the line when they do.
void write_spans(JsonWriter& json, const scan::Explanation& explanation, const formats::RedactedText& shown) {
  const auto& line = explanation.line;
  const auto& message = explanation.read.message;
  json.key("spans").begin_object();
  json.key("program").begin_object();
  json.key("text").text(shown.part(message));
  const bool is_in_line = message.data() >= line.data() && message.data() + message.size() <= line.data() + line.size();
  if (is_in_line && !message.empty()) {
    const auto begin = static_cast<std::size_t>(message.data() - line.data());
    json.key("begin").whole(begin);
    json.key("end").whole(begin + message.size());
  }
  json.end_object();
  json.end_object();
}

void write_candidate(JsonWriter& json, const scan::ExplainedRule& explained) {
  json.begin_object();
  json.key("rule").text(explained.rule->id);
  json.key("title").text(explained.rule->title.english);
  json.key("domain").text(explained.rule->domain);
  json.key("score").exact(rounded(explained.score()));
  json.key("parts").begin_object();
  for (const auto& [name, value] : parts_of(explained)) json.key(name).exact(rounded(value));
  json.end_object();
  json.key("fires").boolean(explained.fires);
  if (explained.counts) json.key("counts").boolean(true);
  if (!explained.fires) json.key("why_not").text(explained.why_not);
  if (explained.client_text) {
    json.key("client_text").begin_object();
    json.key("begin").whole(explained.client_text->begin);
    json.key("end").whole(explained.client_text->end);
    json.key("field").text(explained.client_text->field);
    json.end_object();
  }
  json.end_object();
}

void print_json(const scan::Explanation& explanation, const formats::RedactedText& shown) {
  const auto& read = explanation.read;
  JsonWriter json;
  json.begin_object();
  json.key("format").text(name_of(read.format));
  if (!read.wrappers.empty()) {
    json.key("behind").begin_array();
    for (const auto wrapper : read.wrappers) json.text(wrapper);
    json.end_array();
  }
  if (!explanation.wrappers.empty()) {
    json.key("wrappers").begin_array();
    for (const auto& wrapper : explanation.wrappers) {
      json.begin_object();
      json.key("name").text(wrapper.name);
      if (!wrapper.text.empty()) json.key("text").text(shown.part(wrapper.text));
      json.end_object();
    }
    json.end_array();
  }
  if (explanation.prefix) {
    json.key("unknown_prefix").begin_object();
    json.key("text").text(shown.part(explanation.line.substr(0, explanation.prefix->size)));
    json.key("format").text(name_of(explanation.prefix->format));
    json.end_object();
  }
  if (explanation.near) {
    json.key("nearest").begin_object();
    json.key("format").text(name_of(explanation.near->format.format));
    json.key("stops_at").whole(explanation.near->format.stops_at);
    json.key("expected").text(explanation.near->format.expected);
    json.end_object();
  }
  if (read.time) json.key("time").text(to_rfc3339(*read.time));
  json.key("fields").begin_object();
  for (const auto& [name, value] : read.fields) json.key(name).text(shown.part(value));
  json.end_object();
  json.key("reasons").begin_object();
  for (const auto& [name, reason] : reasons_of(read)) json.key(name).text(reason);
  json.end_object();
  write_spans(json, explanation, shown);
  json.key("candidates").begin_array();
  for (const auto& explained : explanation.candidates) write_candidate(json, explained);
  json.end_array();
  json.end_object();
  fmt::print("{}\n", json.json());
}

}  // namespace

int explain_command(const ExplainOptions& options) {
  const auto redactor = options.redaction.load(false);
  if (redactor == nullptr) return exit_could_not_run;
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
  scan::Explainer explainer(rules, signatures, options.format, redactor);
  const auto& explanation = explainer.explain(message);
  const formats::RedactedText shown(*redactor, explanation.line);
  if (options.json) {
    print_json(explanation, shown);
  } else {
    print_text(explanation, shown);
  }
  return exit_done;
}

}  // namespace triaged::cli
