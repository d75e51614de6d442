// Reads one record of errorcanon's flat JSON. Decisions that the dialect leaves open:
// - its regex is matched case-sensitively against the program's own words in any format;
// - it knows no severity: an incident named by such a record alone is a warning, because the record is general
// knowledge
//   and not about this host;
// - it knows one cause, its root cause, which gets the record's slug and all of the prior;
// - a record without a regex is recognised by its signature, word for word.
#include <algorithm>

#include <fmt/format.h>

#include "knowledge/json_tree.hpp"
#include "knowledge/pattern.hpp"
#include "knowledge/rule_reading.hpp"

namespace triaged {

namespace {

/// In JSON a number where text is wanted is a mistake; in YAML nobody can tell.
std::string read_string(YamlMapReader& reader, std::string_view key, const YamlValue& map, const RuleFile& file) {
  auto text = reader.text(key);
  if (!text) return "";
  const auto& value = *map.find(key);
  if (file.is_json && !value.quoted)
    file.report(Gravity::error, value, fmt::format("'{}' of record must be a string", key));
  return *std::move(text);
}

VersionNote read_record_version(const YamlValue& map, const RuleFile& file) {
  YamlMapReader reader(map, "version", file.name, file.problems);
  VersionNote note;
  note.version = read_string(reader, "version", map, file);
  note.status = read_string(reader, "status", map, file);
  note.introduced = read_string(reader, "introduced", map, file);
  note.deprecated = read_string(reader, "deprecated", map, file);
  note.removed = read_string(reader, "removed", map, file);
  note.behavior_change = read_string(reader, "behavior_change", map, file);
  reader.finish(Gravity::warning);
  return note;
}

Workaround read_record_workaround(const YamlValue& map, const RuleFile& file) {
  YamlMapReader reader(map, "workaround", file.name, file.problems);
  Workaround workaround;
  workaround.action.english = read_string(reader, "action", map, file);
  workaround.how = read_string(reader, "how", map, file);
  workaround.success_rate = read_share(reader, "success_rate", map, file).value_or(0);
  workaround.condition = read_string(reader, "condition", map, file);
  workaround.sources = reader.texts("sources");
  reader.finish(Gravity::warning);
  return workaround;
}

RuleDeadEnd read_record_dead_end(const YamlValue& map, const RuleFile& file) {
  YamlMapReader reader(map, "dead end", file.name, file.problems);
  RuleDeadEnd dead_end;
  dead_end.action.english = read_string(reader, "action", map, file);
  dead_end.why_fails.english = read_string(reader, "why_fails", map, file);
  dead_end.fail_rate = read_share(reader, "fail_rate", map, file).value_or(0);
  dead_end.condition = read_string(reader, "condition", map, file);
  dead_end.sources = reader.texts("sources");
  reader.finish(Gravity::warning);
  return dead_end;
}

/// An edge of the graph: the other record's id under "id" or, as in deadends.dev's records, "error_id".
Transition read_edge(const YamlValue& map, const RuleFile& file) {
  YamlMapReader reader(map, "transition", file.name, file.problems);
  Transition transition;
  transition.place = file.place_of(map);
  const auto id = read_string(reader, "id", map, file);
  const auto error_id = read_string(reader, "error_id", map, file);
  transition.rule = id.empty() ? error_id : id;
  if (transition.rule.empty()) file.report(Gravity::error, map, "transition names no record ('id')");
  transition.probability = read_share(reader, "probability", map, file);
  transition.distinction = read_string(reader, "distinction", map, file);
  reader.ignore("condition");
  reader.ignore("typical_delay");
  reader.finish(Gravity::warning);
  return transition;
}

void read_graph(YamlMapReader& record_reader, const RuleFile& file, Rule& rule) {
  const auto* map = record_reader.map("transition_graph");
  if (map == nullptr) return;
  YamlMapReader reader(*map, "transition_graph", file.name, file.problems);
  rule.leads_to = read_each(reader, "leads_to", file, read_edge);
  rule.preceded_by = read_each(reader, "preceded_by", file, read_edge);
  rule.confused_with = read_each(reader, "frequently_confused_with", file, read_edge);
  reader.finish(Gravity::warning);
}

Match read_record_match(const YamlValue& map, YamlMapReader& reader, const RuleFile& file,
                        const std::string& signature) {
  Match match;
  const auto regex = read_string(reader, "regex", map, file);
  match.regex = regex.empty() ? escaped_for_pattern(signature) : trimmed_pattern(regex);
  const auto* at = map.find(regex.empty() ? "signature" : "regex");
  match.place = file.place_of(at == nullptr ? map : *at);
  const auto refusal = refusal_of(match.regex, match.caseless);
  if (refusal && at != nullptr) file.report(Gravity::error, *at, *refusal);
  return match;
}

/// Chinese actions stand in a list of their own, in the order of the workarounds.
void read_chinese_actions(const YamlValue& map, YamlMapReader& reader, const RuleFile& file, Rule& rule) {
  const auto actions = reader.texts("workarounds_zh");
  for (std::size_t i = 0; i < actions.size() && i < rule.workarounds.size(); ++i) {
    rule.workarounds[i].action.chinese = actions[i];
  }
  if (actions.empty() || actions.size() == rule.workarounds.size()) return;
  file.report(Gravity::warning, *map.find("workarounds_zh"),
              fmt::format("'workarounds_zh' has {} items for {} workarounds", actions.size(), rule.workarounds.size()));
}

void read_record_knowledge(const YamlValue& map, YamlMapReader& reader, const RuleFile& file, Rule& rule) {
  rule.root_cause.english = read_string(reader, "root_cause", map, file);
  rule.root_cause.chinese = read_string(reader, "root_cause_zh", map, file);
  Cause cause;
  cause.place = rule.place;
  cause.id = slug_of(rule.id);
  cause.text = rule.root_cause;
  cause.prior = 1;
  rule.causes.push_back(std::move(cause));
  rule.versions = read_each(reader, "versions", file, read_record_version);
  rule.dead_ends = read_each(reader, "dead_ends", file, read_record_dead_end);
  rule.workarounds = read_each(reader, "workarounds", file, read_record_workaround);
  read_chinese_actions(map, reader, file, rule);
  read_graph(reader, file, rule);
}

void read_record_standing(const YamlValue& map, YamlMapReader& reader, const RuleFile& file, Rule& rule) {
  rule.docs = read_string(reader, "official_doc_url", map, file);
  rule.error_code = read_string(reader, "error_code", map, file);
  rule.verification = read_string(reader, "verification_tier", map, file);
  rule.confidence = read_share(reader, "confidence", map, file).value_or(rule.confidence);
  rule.fix_rate = read_share(reader, "fix_success_rate", map, file);
  rule.evidence_count = read_count(reader, "evidence_count", map, file);
  rule.first_seen = read_string(reader, "first_seen", map, file);
  rule.last_confirmed = read_string(reader, "last_confirmed", map, file);
  rule.tags = reader.texts("tags");
}

PublicRecord read_public_record(const YamlValue& map, YamlMapReader& reader, const RuleFile& file) {
  PublicRecord record;
  record.subcategory = read_string(reader, "subcategory", map, file);
  record.root_cause_type = read_string(reader, "root_cause_type", map, file);
  record.docs_section = read_string(reader, "official_doc_section", map, file);
  record.resolvable = reader.text("resolvable").value_or("");
  record.last_updated = read_string(reader, "last_updated", map, file);
  record.locale = read_string(reader, "locale", map, file);
  record.aliases = reader.texts("aliases");
  if (const auto* systems = reader.map("os_specific")) record.os_specific = json_text_of(*systems);
  return record;
}

}  // namespace

Rule read_errorcanon_record(const YamlValue& map, const RuleFile& file) {
  Rule rule;
  rule.dialect = Dialect::errorcanon_json;
  rule.place = file.place_of(map);
  rule.severity = Severity::warning;
  YamlMapReader reader(map, "record", file.name, file.problems);
  for (const std::string_view needed : {"id", "signature", "root_cause"}) reader.require(needed);
  rule.id = read_string(reader, "id", map, file);
  check_rule_id(map, file);
  rule.title.english = read_string(reader, "signature", map, file);
  rule.title.chinese = read_string(reader, "signature_zh", map, file);
  rule.matches.push_back(read_record_match(map, reader, file, rule.title.english));
  rule.domain = read_string(reader, "domain", map, file);
  if (rule.domain.empty()) rule.domain = domain_of(rule.id);
  rule.category = read_string(reader, "category", map, file);
  read_record_knowledge(map, reader, file, rule);
  read_record_standing(map, reader, file, rule);
  rule.record = read_public_record(map, reader, file);
  reader.finish(Gravity::warning);
  return rule;
}

}  // namespace triaged
