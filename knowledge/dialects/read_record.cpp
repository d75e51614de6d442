#include "knowledge/dialects/read_record.hpp"

#include <fmt/format.h>

#include "knowledge/patterns/pattern_literals.hpp"
#include "knowledge/patterns/pattern_rewrite.hpp"

namespace triaged::knowledge {

namespace {

/// An edge of the graph: the other record's id under "id" or, as in deadends.dev's records, "error_id".
Transition read_edge(const YamlValue& map, const RuleFile& file) {
  YamlMapReader reader(map, "transition", file.name, file.problems);
  Transition transition;
  transition.place = file.place_of(map);
  const auto id = read_record_text(reader, "id", map, file);
  const auto error_id = read_record_text(reader, "error_id", map, file);
  transition.rule = id.empty() ? error_id : id;
  if (transition.rule.empty()) file.report(ProblemLevel::error, map, "transition names no record ('id')");
  transition.probability = read_share(reader, "probability", map, file);
  transition.distinction = read_record_text(reader, "distinction", map, file);
  transition.condition = read_record_text(reader, "condition", map, file);
  transition.typical_delay = read_record_text(reader, "typical_delay", map, file);
  reader.finish(ProblemLevel::warning);
  return transition;
}

/// The pattern as the engines read it, or as they could.
std::string readable_pattern(const std::string& regex, bool caseless, const RuleFile& file) {
  auto pattern = trimmed_pattern(with_classes_as_bytes(regex));
  if (!file.refusal_of_pattern(pattern, caseless)) return pattern;
  auto rewritten = rewritten_pattern(pattern).regex;
  return file.refusal_of_pattern(rewritten, caseless) ? pattern : rewritten;
}

}  // namespace

std::string read_record_text(YamlMapReader& reader, std::string_view key, const YamlValue& map, const RuleFile& file) {
  auto text = reader.text(key);
  if (!text) return "";
  const auto& value = *map.find(key);
  if (file.is_json && !value.quoted)
    file.report(ProblemLevel::error, value, fmt::format("'{}' of record must be a string", key));
  return *std::move(text);
}

Workaround read_record_workaround(const YamlValue& map, const RuleFile& file) {
  YamlMapReader reader(map, "workaround", file.name, file.problems);
  Workaround workaround;
  workaround.action.english = read_record_text(reader, "action", map, file);
  workaround.how = read_record_text(reader, "how", map, file);
  workaround.success_rate = read_share(reader, "success_rate", map, file).value_or(0);
  workaround.condition = read_record_text(reader, "condition", map, file);
  workaround.tradeoff = read_record_text(reader, "tradeoff", map, file);
  workaround.sources = reader.texts("sources");
  reader.finish(ProblemLevel::warning);
  return workaround;
}

RuleDeadEnd read_record_dead_end(const YamlValue& map, const RuleFile& file) {
  YamlMapReader reader(map, "dead end", file.name, file.problems);
  RuleDeadEnd dead_end;
  dead_end.action.english = read_record_text(reader, "action", map, file);
  dead_end.why_fails.english = read_record_text(reader, "why_fails", map, file);
  dead_end.fail_rate = read_share(reader, "fail_rate", map, file).value_or(0);
  dead_end.condition = read_record_text(reader, "condition", map, file);
  dead_end.misconception = read_record_text(reader, "common_misconception", map, file);
  dead_end.tradeoff = read_record_text(reader, "tradeoff", map, file);
  dead_end.sources = reader.texts("sources");
  reader.finish(ProblemLevel::warning);
  return dead_end;
}

void read_record_graph(YamlMapReader& record_reader, const RuleFile& file, Rule& rule) {
  const auto* map = record_reader.map("transition_graph");
  if (map == nullptr) return;
  YamlMapReader reader(*map, "transition_graph", file.name, file.problems);
  rule.leads_to = read_each(reader, "leads_to", file, read_edge);
  rule.preceded_by = read_each(reader, "preceded_by", file, read_edge);
  rule.confused_with = read_each(reader, "frequently_confused_with", file, read_edge);
  reader.finish(ProblemLevel::warning);
}

void read_record_match(const YamlValue& map, YamlMapReader& reader, const RuleFile& file, Rule& rule) {
  Match match;
  match.caseless = rule.dialect == Dialect::deadends_json;
  const auto regex = read_record_text(reader, "regex", map, file);
  const auto& signature = rule.title.english;
  const auto* at = map.find(regex.empty() ? "signature" : "regex");
  match.place = file.place_of(at == nullptr ? map : *at);
  match.regex = regex.empty() ? escaped_for_pattern(signature) : readable_pattern(regex, match.caseless, file);
  if (auto refusal = file.refusal_of_pattern(match.regex, match.caseless); refusal && at != nullptr) {
    const auto literal = escaped_for_pattern(signature);
    if (signature.empty() || file.refusal_of_pattern(literal, match.caseless)) {
      file.report(ProblemLevel::error, *at, *refusal);
    } else {
      file.report(ProblemLevel::warning, *at,
                  *refusal + "; until then the record is recognised by its signature, word for word");
      match.regex = literal;
      rule.record->pattern_refusal = *std::move(refusal);
    }
  }
  rule.matches.push_back(std::move(match));
}

}  // namespace triaged::knowledge
