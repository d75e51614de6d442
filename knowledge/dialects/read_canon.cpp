// Reads one canon of deadends.dev: a record about one failure in one environment. Decisions that the dialect leaves
// open, besides those of read_errorcanon.cpp:
// - capitals do not matter, as in its own look-up;
// - its environment is what errorcanon calls a version: "dotnet >=8.0,<9.0", with the operating system as the note;
// - it is looked for in the lines of the programs that its domain is about (public_scope.hpp);
// - its transitions come without a time: within the usual minute of all rules.
#include <fmt/format.h>

#include "knowledge/dialects/json_tree.hpp"
#include "knowledge/dialects/read_record.hpp"
#include "knowledge/model/public_scope.hpp"

namespace triaged::knowledge {

namespace {

void read_error(const YamlValue& map, const RuleFile& file, Rule& rule) {
  YamlMapReader reader(map, "error", file.name, file.problems);
  reader.require("signature");
  rule.title.english = read_record_text(reader, "signature", map, file);
  rule.domain = read_record_text(reader, "domain", map, file);
  if (rule.domain.empty()) rule.domain = domain_of(rule.id);
  rule.category = read_record_text(reader, "category", map, file);
  rule.first_seen = read_record_text(reader, "first_seen", map, file);
  rule.last_confirmed = read_record_text(reader, "last_confirmed", map, file);
  read_record_match(map, reader, file, rule);
  rule.matches.front().formats = public_domain(rule.domain).formats;
  reader.finish(ProblemLevel::warning);
}

void read_environment(const YamlValue& map, const RuleFile& file, Rule& rule) {
  auto& record = *rule.record;
  YamlMapReader reader(map, "environment", file.name, file.problems);
  if (const auto* runtime = reader.map("runtime")) {
    YamlMapReader runtime_reader(*runtime, "runtime", file.name, file.problems);
    record.runtime = read_record_text(runtime_reader, "name", *runtime, file);
    record.runtime_versions = read_record_text(runtime_reader, "version_range", *runtime, file);
    runtime_reader.finish(ProblemLevel::warning);
  }
  record.os = read_record_text(reader, "os", map, file);
  record.python = read_record_text(reader, "python", map, file);
  record.framework = read_record_text(reader, "framework", map, file);
  if (const auto* hardware = reader.map("hardware")) record.hardware = json_text_of(*hardware);
  if (const auto* additional = reader.map("additional")) record.additional = json_text_of(*additional);
  reader.finish(ProblemLevel::warning);
  const auto add = [&](const std::string& name, const std::string& versions, const std::string& note) {
    if (!name.empty())
      rule.versions.push_back({name + (versions.empty() ? "" : " ") + versions, "active", "", "", "", note});
  };
  add(record.runtime, record.runtime_versions, record.os);
  if (!record.python.empty()) add("python", record.python, record.os);
}

void read_verdict(const YamlValue& map, const RuleFile& file, Rule& rule) {
  YamlMapReader reader(map, "verdict", file.name, file.problems);
  rule.record->resolvable = reader.text("resolvable").value_or("");
  rule.fix_rate = read_share(reader, "fix_success_rate", map, file);
  rule.confidence = read_share(reader, "confidence", map, file).value_or(rule.confidence);
  rule.record->last_updated = read_record_text(reader, "last_updated", map, file);
  rule.root_cause.english = read_record_text(reader, "summary", map, file);
  reader.finish(ProblemLevel::warning);
}

std::optional<std::uint64_t> read_known_count(YamlMapReader& reader, std::string_view key, const YamlValue& map,
                                              const RuleFile& file) {
  return map.find(key) == nullptr ? std::nullopt : std::optional(read_count(reader, key, map, file));
}

void read_metadata(const YamlValue& map, const RuleFile& file, Rule& rule) {
  auto& record = *rule.record;
  YamlMapReader reader(map, "metadata", file.name, file.problems);
  record.generated_by = read_record_text(reader, "generated_by", map, file);
  record.generation_date = read_record_text(reader, "generation_date", map, file);
  rule.verification = read_record_text(reader, "review_status", map, file);
  rule.evidence_count = read_count(reader, "evidence_count", map, file);
  record.last_verification = read_record_text(reader, "last_verification", map, file);
  record.page_views = read_known_count(reader, "page_views", map, file);
  record.agent_hits = read_known_count(reader, "ai_agent_hits", map, file);
  record.human_hits = read_known_count(reader, "human_hits", map, file);
  reader.finish(ProblemLevel::warning);
}

}  // namespace

Rule read_canon(const YamlValue& map, const RuleFile& file) {
  Rule rule;
  rule.dialect = Dialect::deadends_json;
  rule.place = file.place_of(map);
  rule.severity = Severity::warning;
  rule.record = PublicRecord{};
  YamlMapReader reader(map, "canon", file.name, file.problems);
  reader.require("id");
  rule.id = read_record_text(reader, "id", map, file);
  check_rule_id(map, file);
  rule.record->schema_version = read_record_text(reader, "schema_version", map, file);
  rule.record->url = read_record_text(reader, "url", map, file);
  if (const auto* error = reader.map("error")) read_error(*error, file, rule);
  if (const auto* environment = reader.map("environment")) read_environment(*environment, file, rule);
  if (const auto* verdict = reader.map("verdict")) read_verdict(*verdict, file, rule);
  rule.dead_ends = read_each(reader, "dead_ends", file, read_record_dead_end);
  rule.workarounds = read_each(reader, "workarounds", file, read_record_workaround);
  read_record_graph(reader, file, rule);
  if (const auto* metadata = reader.map("metadata")) read_metadata(*metadata, file, rule);
  Cause cause{.id = slug_of(rule.id), .text = rule.root_cause, .prior = 1, .place = rule.place};
  rule.causes.push_back(std::move(cause));
  reader.finish(ProblemLevel::warning);
  return rule;
}

}  // namespace triaged::knowledge
