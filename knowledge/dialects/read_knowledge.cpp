// Reads what a triaged rule knows about its failure: causes with their evidence, workarounds, dead ends, versions.
#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "knowledge/dialects/rule_reading.hpp"
#include "knowledge/model/pattern_names.hpp"
#include "values/probe.hpp"

namespace triaged::knowledge {

namespace {

Weight read_weight(const YamlValue& map, YamlMapReader& reader, const RuleFile& file) {
  const auto name = reader.text("weight");
  if (!name || *name == "medium") return Weight::medium;
  if (*name == "weak") return Weight::weak;
  if (*name == "strong") return Weight::strong;
  file.report(ProblemLevel::error, *map.find("weight"), "'weight' must be weak, medium or strong");
  return Weight::medium;
}

/// `{field: {method: POST}}`: one condition on one field.
std::optional<FieldCondition> read_field_evidence(YamlMapReader& reader, const RuleFile& file) {
  const auto* map = reader.map("field");
  if (map == nullptr) return std::nullopt;
  auto conditions = read_conditions(*map, file);
  if (conditions.size() == 1) return std::move(conditions.front());
  file.report(ProblemLevel::error, *map, "'field' must name one field, as in {field: {method: POST}}");
  return std::nullopt;
}

When read_when(const YamlValue& map, YamlMapReader& reader, const RuleFile& file) {
  const auto name = reader.text("when");
  if (!name) return When::any;
  if (*name == "before") return When::before;
  if (*name == "after") return When::after;
  file.report(ProblemLevel::error, *map.find("when"), "'when' must be before or after");
  return When::any;
}

EvidenceTerm read_evidence(const YamlValue& map, const RuleFile& file) {
  EvidenceTerm term;
  term.place = file.place_of(map);
  YamlMapReader reader(map, "evidence", file.name, file.problems);
  term.symptom = reader.text("symptom").value_or("");
  term.pattern = reader.text("pattern").value_or("");
  term.probe = reader.text("probe").value_or("");
  term.field = read_field_evidence(reader, file);
  term.absent = reader.boolean("absent").value_or(false);
  term.within = reader.duration("within");
  term.when = read_when(map, reader, file);
  term.weight = read_weight(map, reader, file);
  reader.finish(ProblemLevel::error);
  if (!term.probe.empty() && probe_named(term.probe) == nullptr) {
    file.report(ProblemLevel::error, *map.find("probe"), unknown_probe(term.probe));
  }
  if (!term.pattern.empty() && std::ranges::count(pattern_names, term.pattern) == 0) {
    const auto& name = *map.find("pattern");
    file.report(ProblemLevel::error, name,
                unknown_word("there is no pattern", name, {pattern_names.begin(), pattern_names.end()}));
  }
  int kinds = 0;
  for (const std::string_view kind : {"symptom", "pattern", "probe", "field"}) kinds += map.find(kind) != nullptr;
  if (kinds != 1) {
    file.report(ProblemLevel::error, map, "evidence must be exactly one of 'symptom', 'pattern', 'probe' and 'field'");
  }
  return term;
}

}  // namespace

Cause read_cause(const YamlValue& map, const RuleFile& file) {
  Cause cause;
  cause.place = file.place_of(map);
  YamlMapReader reader(map, "cause", file.name, file.problems);
  reader.require("id");
  cause.id = reader.text("id").value_or("");
  cause.text = read_translated(reader, "text", "text_zh");
  cause.prior = read_share(reader, "prior", map, file).value_or(0);
  cause.supported_by = read_each(reader, "supported_by", file, read_evidence);
  cause.refuted_by = read_each(reader, "refuted_by", file, read_evidence);
  cause.workarounds = reader.texts("workarounds");
  reader.finish(ProblemLevel::error);
  return cause;
}

Workaround read_workaround(const YamlValue& map, const RuleFile& file) {
  Workaround workaround;
  YamlMapReader reader(map, "workaround", file.name, file.problems);
  workaround.id = reader.text("id").value_or("");
  reader.require("action");
  workaround.action = read_translated(reader, "action", "action_zh");
  workaround.how = reader.text("how").value_or("");
  workaround.success_rate = read_share(reader, "success_rate", map, file).value_or(0);
  workaround.condition = reader.text("condition").value_or("");
  workaround.sources = reader.texts("sources");
  reader.finish(ProblemLevel::error);
  return workaround;
}

RuleDeadEnd read_dead_end(const YamlValue& map, const RuleFile& file) {
  RuleDeadEnd dead_end;
  YamlMapReader reader(map, "dead end", file.name, file.problems);
  dead_end.action = read_translated(reader, "action", "action_zh");
  reader.require("why_fails");
  dead_end.why_fails = read_translated(reader, "why_fails", "why_fails_zh");
  dead_end.fail_rate = read_share(reader, "fail_rate", map, file).value_or(0);
  dead_end.condition = reader.text("condition").value_or("");
  dead_end.sources = reader.texts("sources");
  reader.finish(ProblemLevel::error);
  return dead_end;
}

VersionNote read_version(const YamlValue& map, const RuleFile& file) {
  YamlMapReader reader(map, "version", file.name, file.problems);
  reader.require("version");
  VersionNote note;
  note.version = reader.text("version").value_or("");
  note.status = reader.text("status").value_or("");
  note.introduced = reader.text("introduced").value_or("");
  note.deprecated = reader.text("deprecated").value_or("");
  note.removed = reader.text("removed").value_or("");
  note.behavior_change = reader.text("behavior_change").value_or("");
  reader.finish(ProblemLevel::error);
  return note;
}

}  // namespace triaged::knowledge
