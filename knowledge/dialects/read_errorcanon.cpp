// Reads one record of errorcanon's flat JSON. Decisions that the dialect leaves open:
// - its regex is matched case-sensitively against the program's own words in any format;
// - it knows no severity: an incident named by such a record alone is a warning, because the record is general
// knowledge
//   and not about this host;
// - it knows one cause, its root cause, which gets the record's slug and all of the prior;
// - a record without a regex, or with one that no engine takes, is recognised by its signature, word for word.
#include <fmt/format.h>

#include "knowledge/dialects/json_tree.hpp"
#include "knowledge/dialects/read_record.hpp"

namespace triaged::knowledge {

namespace {

VersionNote read_record_version(const YamlValue& map, const RuleFile& file) {
  YamlMapReader reader(map, "version", file.name, file.problems);
  VersionNote note;
  note.version = read_record_text(reader, "version", map, file);
  note.status = read_record_text(reader, "status", map, file);
  note.introduced = read_record_text(reader, "introduced", map, file);
  note.deprecated = read_record_text(reader, "deprecated", map, file);
  note.removed = read_record_text(reader, "removed", map, file);
  note.behavior_change = read_record_text(reader, "behavior_change", map, file);
  reader.finish(ProblemLevel::warning);
  return note;
}

/// Chinese actions stand in a list of their own, in the order of the workarounds.
void read_chinese_actions(const YamlValue& map, YamlMapReader& reader, const RuleFile& file, Rule& rule) {
  const auto actions = reader.texts("workarounds_zh");
  for (std::size_t i = 0; i < actions.size() && i < rule.workarounds.size(); ++i) {
    rule.workarounds[i].action.chinese = actions[i];
  }
  if (actions.empty() || actions.size() == rule.workarounds.size()) return;
  file.report(ProblemLevel::warning, *map.find("workarounds_zh"),
              fmt::format("'workarounds_zh' has {} items for {} workarounds", actions.size(), rule.workarounds.size()));
}

void read_record_knowledge(const YamlValue& map, YamlMapReader& reader, const RuleFile& file, Rule& rule) {
  rule.root_cause.english = read_record_text(reader, "root_cause", map, file);
  rule.root_cause.chinese = read_record_text(reader, "root_cause_zh", map, file);
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
  read_record_graph(reader, file, rule);
}

void read_record_standing(const YamlValue& map, YamlMapReader& reader, const RuleFile& file, Rule& rule) {
  rule.docs = read_record_text(reader, "official_doc_url", map, file);
  rule.error_code = read_record_text(reader, "error_code", map, file);
  rule.verification = read_record_text(reader, "verification_tier", map, file);
  rule.confidence = read_share(reader, "confidence", map, file).value_or(rule.confidence);
  rule.fix_rate = read_share(reader, "fix_success_rate", map, file);
  rule.evidence_count = read_count(reader, "evidence_count", map, file);
  rule.first_seen = read_record_text(reader, "first_seen", map, file);
  rule.last_confirmed = read_record_text(reader, "last_confirmed", map, file);
  rule.tags = reader.texts("tags");
}

void read_public_record(const YamlValue& map, YamlMapReader& reader, const RuleFile& file, PublicRecord& record) {
  record.subcategory = read_record_text(reader, "subcategory", map, file);
  record.root_cause_type = read_record_text(reader, "root_cause_type", map, file);
  record.docs_section = read_record_text(reader, "official_doc_section", map, file);
  record.resolvable = reader.text("resolvable").value_or("");
  record.last_updated = read_record_text(reader, "last_updated", map, file);
  record.locale = read_record_text(reader, "locale", map, file);
  record.aliases = reader.texts("aliases");
  if (const auto* systems = reader.map("os_specific")) record.os_specific = json_text_of(*systems);
}

}  // namespace

Rule read_errorcanon_record(const YamlValue& map, const RuleFile& file) {
  Rule rule;
  rule.dialect = Dialect::errorcanon_json;
  rule.place = file.place_of(map);
  rule.severity = Severity::warning;
  YamlMapReader reader(map, "record", file.name, file.problems);
  for (const std::string_view needed : {"id", "signature", "root_cause"}) reader.require(needed);
  rule.id = read_record_text(reader, "id", map, file);
  check_rule_id(map, file);
  rule.title.english = read_record_text(reader, "signature", map, file);
  rule.title.chinese = read_record_text(reader, "signature_zh", map, file);
  rule.record = PublicRecord{};
  read_record_match(map, reader, file, rule);
  rule.domain = read_record_text(reader, "domain", map, file);
  if (rule.domain.empty()) rule.domain = domain_of(rule.id);
  rule.category = read_record_text(reader, "category", map, file);
  read_record_knowledge(map, reader, file, rule);
  read_record_standing(map, reader, file, rule);
  read_public_record(map, reader, file, *rule.record);
  reader.finish(ProblemLevel::warning);
  return rule;
}

}  // namespace triaged::knowledge
