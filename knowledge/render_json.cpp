#include <boost/json.hpp>
#include <fmt/format.h>

#include "base/utf8.hpp"
#include "knowledge/render_rule.hpp"
#include "knowledge/timed_match.hpp"

namespace triaged {

namespace {

namespace json = boost::json;

json::value text_or_null(const std::string& text) { return text.empty() ? json::value() : json::value(text); }

json::array texts(const std::vector<std::string>& items) {
  json::array array;
  for (const auto& item : items) array.emplace_back(item);
  return array;
}

template <typename Items, typename Describe>
json::array each(const Items& items, Describe describe) {
  json::array array;
  for (const auto& item : items) array.push_back(describe(item));
  return array;
}

template <typename Number>
void put_known(json::object& object, std::string_view key, const std::optional<Number>& number) {
  if (number) object[key] = *number;
}

void put_known(json::object& object, std::string_view key, const std::string& text) {
  if (!text.empty()) object[key] = text;
}

json::object version_json(const VersionNote& note) {
  return {{"version", note.version},
          {"introduced", text_or_null(note.introduced)},
          {"deprecated", text_or_null(note.deprecated)},
          {"removed", text_or_null(note.removed)},
          {"behavior_change", text_or_null(note.behavior_change)},
          {"status", note.status}};
}

json::object dead_end_json(const RuleDeadEnd& dead_end) {
  json::object object = {{"action", dead_end.action.english},
                         {"why_fails", dead_end.why_fails.english},
                         {"fail_rate", dead_end.fail_rate},
                         {"condition", dead_end.condition},
                         {"sources", texts(dead_end.sources)}};
  put_known(object, "action_zh", dead_end.action.chinese);
  put_known(object, "why_fails_zh", dead_end.why_fails.chinese);
  put_known(object, "common_misconception", dead_end.misconception);
  put_known(object, "tradeoff", dead_end.tradeoff);
  return object;
}

json::object workaround_json(const Workaround& workaround) {
  json::object object = {{"action", workaround.action.english},
                         {"success_rate", workaround.success_rate},
                         {"how", workaround.how},
                         {"condition", workaround.condition},
                         {"sources", texts(workaround.sources)}};
  put_known(object, "id", workaround.id);
  put_known(object, "tradeoff", workaround.tradeoff);
  return object;
}

json::array chinese_actions(const Rule& rule) {
  json::array actions;
  bool has_any = false;
  for (const auto& workaround : rule.workarounds) {
    has_any = has_any || !workaround.action.chinese.empty();
    actions.emplace_back(workaround.action.in(Language::chinese));
  }
  return has_any ? actions : json::array();
}

json::object transition_json(const Transition& transition) {
  json::object object = {{"id", transition.rule}};
  put_known(object, "probability", transition.probability);
  put_known(object, "distinction", transition.distinction);
  put_known(object, "condition", transition.condition);
  put_known(object, "typical_delay", transition.typical_delay);
  if (transition.distinction.empty()) object["within"] = to_text(transition.within);
  return object;
}

json::object graph_json(const Rule& rule) {
  return {{"leads_to", each(rule.leads_to, transition_json)},
          {"preceded_by", each(rule.preceded_by, transition_json)},
          {"frequently_confused_with", each(rule.confused_with, transition_json)}};
}

json::object condition_json(const FieldCondition& condition) {
  json::object object = {{"field", condition.field}};
  if (!condition.any_of.empty()) object["any_of"] = texts(condition.any_of);
  if (!condition.none_of.empty()) object["not"] = texts(condition.none_of);
  put_known(object, "below", condition.below);
  put_known(object, "above", condition.above);
  put_known(object, "from", condition.from);
  put_known(object, "to", condition.to);
  put_known(object, "matches", condition.matches);
  put_known(object, "present", condition.present);
  return object;
}

std::string_view name_of(Within within) {
  return within == Within::line ? "line" : within == Within::speech ? "speech" : "message";
}

json::object match_json(const Match& match) {
  json::object object = {
      {"formats", each(match.formats, [](Format format) { return json::value(triaged::name_of(format)); })},
      {"regex", text_or_null(match.regex)},
      {"caseless", match.caseless},
      {"within", name_of(match.within)},
      {"where", each(match.where, condition_json)}};
  if (!match.line_because.empty()) object["line_because"] = match.line_because;
  if (!match.examples.empty()) object["examples"] = texts(match.examples);
  if (!match.near_misses.empty()) object["near_misses"] = texts(match.near_misses);
  return object;
}

json::object timed_term_json(const TimedTerm& term) {
  auto object = match_json(term.line);
  if (term.count > 1) object["count"] = term.count;
  return object;
}

json::object unless_json(const TimedTerm& term) {
  auto object = match_json(term.line);
  object["anchor"] = term.anchor;
  object["slide_seconds"] = std::chrono::duration<double>(term.slide).count();
  object["window_seconds"] = std::chrono::duration<double>(term.window).count();
  object["absolute"] = term.absolute;
  return object;
}

json::object timed_match_json(const TimedMatch& timed) {
  json::object object = {{"condition", phrase_of(timed)}, {"of", each(timed.of, timed_term_json)}};
  if (!timed.unless.empty()) object["unless"] = each(timed.unless, unless_json);
  if (timed.share_of) {
    object[timed.kind == TimedKind::saturation ? "among" : "share_of"] = match_json(*timed.share_of);
  }
  if (timed.kind == TimedKind::saturation) object["duration"] = timed.duration_field;
  if (!timed.examples.empty()) object["examples"] = texts(timed.examples);
  if (!timed.near_misses.empty()) object["near_misses"] = texts(timed.near_misses);
  return object;
}

json::object evidence_json(const EvidenceTerm& term) {
  json::object object;
  put_known(object, "symptom", term.symptom);
  put_known(object, "pattern", term.pattern);
  put_known(object, "probe", term.probe);
  if (term.field) object["field"] = condition_json(*term.field);
  if (term.absent) object["absent"] = true;
  if (term.when != When::any) object["when"] = term.when == When::after ? "after" : "before";
  if (term.within) object["within"] = to_text(*term.within);
  object["weight"] = term.weight == Weight::weak ? "weak" : term.weight == Weight::strong ? "strong" : "medium";
  return object;
}

json::object cause_json(const Cause& cause) {
  json::object object = {{"id", cause.id},
                         {"text", cause.text.english},
                         {"prior", cause.prior},
                         {"supported_by", each(cause.supported_by, evidence_json)},
                         {"refuted_by", each(cause.refuted_by, evidence_json)},
                         {"workarounds", texts(cause.workarounds)}};
  put_known(object, "text_zh", cause.text.chinese);
  return object;
}

json::value parsed_or_null(const std::string& text) { return text.empty() ? json::value() : json::parse(text); }

/// What only deadends.dev's canons have, in their own shape.
void put_canon(const PublicRecord& record, json::object& object) {
  json::object environment = {{"runtime", {{"name", record.runtime}, {"version_range", record.runtime_versions}}},
                              {"os", record.os}};
  put_known(environment, "python", record.python);
  put_known(environment, "framework", record.framework);
  if (!record.hardware.empty()) environment["hardware"] = parsed_or_null(record.hardware);
  if (!record.additional.empty()) environment["additional"] = parsed_or_null(record.additional);
  json::object metadata = {{"generated_by", text_or_null(record.generated_by)},
                           {"generation_date", text_or_null(record.generation_date)},
                           {"last_verification", text_or_null(record.last_verification)}};
  put_known(metadata, "page_views", record.page_views);
  put_known(metadata, "ai_agent_hits", record.agent_hits);
  put_known(metadata, "human_hits", record.human_hits);
  object["schema_version"] = text_or_null(record.schema_version);
  object["url"] = text_or_null(record.url);
  object["environment"] = std::move(environment);
  object["metadata"] = std::move(metadata);
}

json::object rule_json(const Rule& rule) {
  const auto record = rule.record.value_or(PublicRecord{});
  json::object object = {{"id", rule.id},
                         {"signature", rule.title.english},
                         {"signature_zh", text_or_null(rule.title.chinese)},
                         {"regex", rule.matches.empty() ? json::value() : text_or_null(rule.matches.front().regex)},
                         {"domain", rule.domain},
                         {"category", text_or_null(rule.category)},
                         {"subcategory", text_or_null(record.subcategory)},
                         {"root_cause", rule.root_cause.english},
                         {"root_cause_type", text_or_null(record.root_cause_type)},
                         {"root_cause_zh", text_or_null(rule.root_cause.chinese)},
                         {"versions", each(rule.versions, version_json)},
                         {"os_specific", record.os_specific.empty() ? json::object() : json::parse(record.os_specific)},
                         {"dead_ends", each(rule.dead_ends, dead_end_json)},
                         {"workarounds", each(rule.workarounds, workaround_json)},
                         {"workarounds_zh", chinese_actions(rule)},
                         {"transition_graph", graph_json(rule)},
                         {"official_doc_url", text_or_null(rule.docs)},
                         {"official_doc_section", text_or_null(record.docs_section)},
                         {"error_code", text_or_null(rule.error_code)},
                         {"verification_tier", text_or_null(rule.verification)},
                         {"confidence", rule.confidence},
                         {"fix_success_rate", rule.fix_rate ? json::value(*rule.fix_rate) : json::value()},
                         {"resolvable", text_or_null(record.resolvable)},
                         {"first_seen", text_or_null(rule.first_seen)},
                         {"last_confirmed", text_or_null(rule.last_confirmed)},
                         {"last_updated", text_or_null(record.last_updated)},
                         {"evidence_count", rule.evidence_count},
                         {"tags", texts(rule.tags)},
                         {"locale", text_or_null(record.locale)},
                         {"aliases", texts(record.aliases)}};
  if (rule.dialect == Dialect::deadends_json) put_canon(record, object);
  if (rule.dialect == Dialect::errorcanon_json || rule.dialect == Dialect::deadends_json) return object;
  object["severity"] = name_of(rule.severity);
  if (rule.alone_from > 1) object["alone_from"] = rule.alone_from;
  object["entity"] = text_or_null(rule.entity);
  object["match"] = each(rule.matches, match_json);
  if (!rule.timed_matches.empty()) object["match_over_time"] = each(rule.timed_matches, timed_match_json);
  object["causes"] = each(rule.causes, cause_json);
  object["see_also"] = texts(rule.see_also);
  return object;
}

/// Two blanks a level and numbers as people write them: Boost.JSON itself has no indented form and writes 8.6E-1.
void write(const json::value& value, std::size_t depth, std::string& text) {
  const auto new_row = [&](std::size_t level) { text += '\n' + std::string(2 * level, ' '); };
  bool is_first = true;
  const auto next = [&] {
    if (!is_first) text += ',';
    is_first = false;
    new_row(depth + 1);
  };
  if (const auto* object = value.if_object(); object != nullptr && !object->empty()) {
    text += '{';
    for (const auto& [key, item] : *object) {
      next();
      text += json::serialize(key) + ": ";
      write(item, depth + 1, text);
    }
    new_row(depth);
    text += '}';
  } else if (const auto* array = value.if_array(); array != nullptr && !array->empty()) {
    text += '[';
    for (const auto& item : *array) {
      next();
      write(item, depth + 1, text);
    }
    new_row(depth);
    text += ']';
  } else if (const auto* number = value.if_double()) {
    text += fmt::format("{}", *number);
  } else {
    text += json::serialize(value);
  }
}

}  // namespace

std::string to_json(const Rule& rule) {
  std::string text;
  write(rule_json(rule), 0, text);
  return to_valid_utf8(text);
}

}  // namespace triaged
