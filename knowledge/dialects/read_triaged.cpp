// Reads one rule of the triaged dialect; docs/writing-rules.md explains every field.
#include <algorithm>

#include <fmt/format.h>

#include "knowledge/dialects/rule_reading.hpp"

namespace triaged::knowledge {

namespace {

/// A text field that may only be one of `allowed`; nullopt when it is not there or not one of them.
std::optional<std::string> read_one_of(YamlMapReader& reader, std::string_view key, const YamlValue& map,
                                       const RuleFile& file, const std::vector<std::string_view>& allowed) {
  const auto text = reader.text(key);
  if (!text) return std::nullopt;
  if (std::find(allowed.begin(), allowed.end(), *text) != allowed.end()) return text;
  file.report(ProblemLevel::error, *map.find(key),
              fmt::format("'{}' must be {}{}", key, fmt::join(allowed, ", "), suggestion_for(*text, allowed)));
  return std::nullopt;
}

std::string read_date(YamlMapReader& reader, std::string_view key, const YamlValue& map, const RuleFile& file) {
  const auto text = reader.text(key);
  if (!text) return "";
  if (text->size() == 10 && parse_rfc3339(*text + "T00:00:00Z")) return *text;
  file.report(ProblemLevel::error, *map.find(key), fmt::format("'{}' must be a date such as 2026-11-21", key));
  return "";
}

void read_one_match(const YamlValue& map, const RuleFile& file, Rule& rule) {
  if (map.kind != YamlValue::Kind::map) {
    file.report(ProblemLevel::error, map, "each item of 'match' must be a map");
  } else if (is_timed_match(map)) {
    rule.timed_matches.push_back(read_timed_match(map, file));
  } else {
    rule.matches.push_back(read_match(map, file));
  }
}

void read_matches(YamlMapReader& reader, const RuleFile& file, Rule& rule) {
  const auto* match = reader.any("match");
  if (match == nullptr) return;
  if (match->kind == YamlValue::Kind::map) return read_one_match(*match, file, rule);
  const auto* list = reader.list("match");
  if (list == nullptr) return;
  for (const auto& item : list->items) read_one_match(item, file, rule);
  if (list->items.empty()) {
    file.report(ProblemLevel::error, *list, "'match' is empty: the rule would recognise nothing");
  }
}

Transition read_transition(const YamlValue& map, const RuleFile& file) {
  Transition transition;
  transition.place = file.place_of(map);
  YamlMapReader reader(map, "transition", file.name, file.problems);
  reader.require("rule");
  transition.rule = reader.text("rule").value_or("");
  if (const auto within = reader.duration("within")) transition.within = *within;
  transition.probability = read_share(reader, "probability", map, file);
  transition.distinction = reader.text("distinction").value_or("");
  reader.finish(ProblemLevel::error);
  return transition;
}

void read_transitions(YamlMapReader& rule_reader, const RuleFile& file, Rule& rule) {
  const auto* map = rule_reader.map("transitions");
  if (map == nullptr) return;
  YamlMapReader reader(*map, "transitions", file.name, file.problems);
  rule.leads_to = read_each(reader, "leads_to", file, read_transition);
  rule.preceded_by = read_each(reader, "preceded_by", file, read_transition);
  rule.confused_with = read_each(reader, "confused_with", file, read_transition);
  reader.finish(ProblemLevel::error);
}

void check_named_workarounds(const YamlValue& map, const Rule& rule, const RuleFile& file) {
  const auto* causes = map.find("causes");
  if (causes == nullptr) return;
  std::vector<std::string_view> known;
  for (const auto& workaround : rule.workarounds) {
    if (!workaround.id.empty()) known.push_back(workaround.id);
  }
  for (const auto& cause : causes->items) {
    const auto* named = cause.find("workarounds");
    if (named == nullptr) continue;
    const auto names = named->kind == YamlValue::Kind::text ? std::vector<YamlValue>{*named} : named->items;
    for (const auto& name : names) {
      if (std::find(known.begin(), known.end(), name.text) != known.end()) continue;
      file.report(ProblemLevel::error, name,
                  fmt::format("this rule has no workaround '{}'{}", name.text, nearest_or_choices(name.text, known)));
    }
  }
}

/// Reports a second item with an id that an earlier one has.
void check_unique_ids(const YamlValue& map, std::string_view key, const RuleFile& file) {
  const auto* list = map.find(key);
  if (list == nullptr) return;
  std::vector<std::string_view> seen;
  for (const auto& item : list->items) {
    const auto* id = item.find("id");
    if (id == nullptr || id->kind != YamlValue::Kind::text) continue;
    if (std::find(seen.begin(), seen.end(), id->text) != seen.end()) {
      file.report(ProblemLevel::error, *id, fmt::format("'{}' holds two items with the id '{}'", key, id->text));
    }
    seen.push_back(id->text);
  }
}

/// A rule without causes has one, its root cause, named after the rule. A single cause needs no prior.
void complete_causes(const YamlValue& map, const RuleFile& file, Rule& rule) {
  if (rule.causes.empty()) {
    if (rule.root_cause.empty()) file.report(ProblemLevel::error, map, "rule has neither 'causes' nor 'root_cause'");
    Cause cause;
    cause.place = rule.place;
    cause.id = slug_of(rule.id);
    cause.text = rule.root_cause;
    cause.prior = 1;
    rule.causes.push_back(std::move(cause));
    return;
  }
  const auto& items = map.find("causes")->items;
  for (std::size_t i = 0; i < items.size() && items.size() == rule.causes.size(); ++i) {
    if (items[i].find("prior") != nullptr) continue;
    if (items.size() == 1) rule.causes[i].prior = 1;
    if (items.size() > 1) file.report(ProblemLevel::error, items[i], "cause has no 'prior'");
  }
}

void read_knowledge(const YamlValue& map, YamlMapReader& reader, const RuleFile& file, Rule& rule) {
  rule.root_cause = read_translated(reader, "root_cause", "root_cause_zh");
  rule.workarounds = read_each(reader, "workarounds", file, read_workaround);
  rule.causes = read_each(reader, "causes", file, read_cause);
  rule.dead_ends = read_each(reader, "dead_ends", file, read_dead_end);
  rule.versions = read_each(reader, "versions", file, read_version);
  read_transitions(reader, file, rule);
  complete_causes(map, file, rule);
  check_named_workarounds(map, rule, file);
  check_unique_ids(map, "causes", file);
  check_unique_ids(map, "workarounds", file);
}

// So many of them in ten minutes, beyond what is usual: an incident's worth of what clients do every day.
constexpr std::uint64_t raised_by_client_from = 20;

/// Who raises its lines is asked of the rule as a whole: an incident counts them by rule.
void read_numbers(const YamlValue& map, YamlMapReader& reader, const RuleFile& file, Rule& rule) {
  const bool may_be_of_client = std::ranges::any_of(rule.matches, &Match::is_raised_by_client);
  const bool is_of_client = rule.is_raised_by_client() && rule.timed_matches.empty();
  if (may_be_of_client && !is_of_client) {
    file.report(ProblemLevel::error, *map.find("match"),
                "'raised_by: client' must stand in every entry of 'match', and none may be a condition over several "
                "lines: put what clients do not raise into a rule of its own");
  }
  const auto alone_from = read_count(reader, "alone_from", map, file);
  rule.alone_from = alone_from > 0 ? alone_from : is_of_client ? raised_by_client_from : 1;
}

void read_standing(const YamlValue& map, YamlMapReader& reader, const RuleFile& file, Rule& rule) {
  rule.docs = reader.text("docs").value_or("");
  rule.confidence = read_share(reader, "confidence", map, file).value_or(rule.confidence);
  rule.evidence_count = read_count(reader, "evidence_count", map, file);
  const std::vector<std::string_view> verifications = {"observed", "documented", "ai_generated"};
  rule.verification = read_one_of(reader, "verification", map, file, verifications).value_or("");
  rule.first_seen = read_date(reader, "first_seen", map, file);
  rule.last_confirmed = read_date(reader, "last_confirmed", map, file);
  rule.tags = reader.texts("tags");
  rule.see_also = reader.texts("see_also");
}

}  // namespace

Rule read_triaged_rule(const YamlValue& map, const RuleFile& file) {
  Rule rule;
  rule.place = file.place_of(map);
  YamlMapReader reader(map, "rule", file.name, file.problems);
  for (const std::string_view needed : {"id", "title", "match"}) reader.require(needed);
  rule.id = reader.text("id").value_or("");
  check_rule_id(map, file);
  rule.domain = domain_of(rule.id);
  rule.title = read_translated(reader, "title", "title_zh");
  rule.says = read_translated(reader, "says", "says_zh");
  const auto severity = read_one_of(reader, "severity", map, file, {"info", "warning", "error", "critical"});
  rule.severity = severity_named(severity.value_or("error")).value_or(Severity::error);
  rule.error_code = reader.text("error_code").value_or("");
  rule.category = reader.text("category").value_or("");
  read_matches(reader, file, rule);
  rule.entity = reader.text("entity").value_or("");
  read_numbers(map, reader, file, rule);
  rule.is_apart_by_place = reader.boolean("apart_by_place").value_or(false);
  rule.is_generic = reader.boolean("generic").value_or(false);
  read_knowledge(map, reader, file, rule);
  read_standing(map, reader, file, rule);
  reader.finish(ProblemLevel::error);
  return rule;
}

}  // namespace triaged::knowledge
