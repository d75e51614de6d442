#include "knowledge/dialects/json_tree.hpp"
#include "knowledge/faces/render_rule.hpp"
#include "knowledge/model/timed_match.hpp"
#include "values/json_writer.hpp"

namespace triaged::knowledge {

namespace {

void write_text_or_null(JsonWriter& json, std::string_view key, const std::string& text) {
  json.key(key);
  if (text.empty()) {
    json.null();
  } else {
    json.text(text);
  }
}

void write_known(JsonWriter& json, std::string_view key, const std::string& text) {
  if (!text.empty()) json.key(key).text(text);
}

void write_known(JsonWriter& json, std::string_view key, const std::optional<double>& number) {
  if (number) json.key(key).exact(*number);
}

void write_known(JsonWriter& json, std::string_view key, const std::optional<std::uint64_t>& number) {
  if (number) json.key(key).whole(*number);
}

/// A list of objects; `write` adds the members of each.
template <typename Items, typename Write>
void write_each(JsonWriter& json, std::string_view key, const Items& items, Write write) {
  json.key(key).begin_array();
  for (const auto& item : items) {
    json.begin_object();
    write(json, item);
    json.end_object();
  }
  json.end_array();
}

void write_version(JsonWriter& json, const VersionNote& note) {
  json.key("version").text(note.version);
  write_text_or_null(json, "introduced", note.introduced);
  write_text_or_null(json, "deprecated", note.deprecated);
  write_text_or_null(json, "removed", note.removed);
  write_text_or_null(json, "behavior_change", note.behavior_change);
  json.key("status").text(note.status);
}

void write_dead_end(JsonWriter& json, const RuleDeadEnd& dead_end) {
  json.key("action").text(dead_end.action.english);
  json.key("why_fails").text(dead_end.why_fails.english);
  json.key("fail_rate").exact(dead_end.fail_rate);
  json.key("condition").text(dead_end.condition);
  json.key("sources").texts(dead_end.sources);
  write_known(json, "action_zh", dead_end.action.chinese);
  write_known(json, "why_fails_zh", dead_end.why_fails.chinese);
  write_known(json, "common_misconception", dead_end.misconception);
  write_known(json, "tradeoff", dead_end.tradeoff);
}

void write_workaround(JsonWriter& json, const Workaround& workaround) {
  json.key("action").text(workaround.action.english);
  json.key("success_rate").exact(workaround.success_rate);
  json.key("how").text(workaround.how);
  json.key("condition").text(workaround.condition);
  json.key("sources").texts(workaround.sources);
  write_known(json, "id", workaround.id);
  write_known(json, "tradeoff", workaround.tradeoff);
}

std::vector<std::string> chinese_actions(const Rule& rule) {
  std::vector<std::string> actions;
  bool has_any = false;
  for (const auto& workaround : rule.workarounds) {
    has_any = has_any || !workaround.action.chinese.empty();
    actions.push_back(workaround.action.in(Language::chinese));
  }
  return has_any ? actions : std::vector<std::string>();
}

void write_transition(JsonWriter& json, const Transition& transition) {
  json.key("id").text(transition.rule);
  write_known(json, "probability", transition.probability);
  write_known(json, "distinction", transition.distinction);
  write_known(json, "condition", transition.condition);
  write_known(json, "typical_delay", transition.typical_delay);
  if (transition.distinction.empty()) json.key("within").text(base::to_text(transition.within));
}

void write_graph(JsonWriter& json, const Rule& rule) {
  json.key("transition_graph").begin_object();
  write_each(json, "leads_to", rule.leads_to, write_transition);
  write_each(json, "preceded_by", rule.preceded_by, write_transition);
  write_each(json, "frequently_confused_with", rule.confused_with, write_transition);
  json.end_object();
}

void write_condition(JsonWriter& json, const FieldCondition& condition) {
  json.key("field").text(condition.field);
  if (!condition.any_of.empty()) json.key("any_of").texts(condition.any_of);
  if (!condition.none_of.empty()) json.key("not").texts(condition.none_of);
  write_known(json, "below", condition.below);
  write_known(json, "above", condition.above);
  write_known(json, "from", condition.from);
  write_known(json, "to", condition.to);
  write_known(json, "matches", condition.matches);
  if (condition.present) json.key("present").boolean(*condition.present);
}

std::string_view name_of(Within within) {
  return within == Within::line ? "line" : within == Within::speech ? "speech" : "message";
}

void write_match(JsonWriter& json, const Match& match) {
  json.key("formats").begin_array();
  for (const auto format : match.formats) json.text(formats::name_of(format));
  json.end_array();
  write_text_or_null(json, "regex", match.regex);
  json.key("caseless").boolean(match.caseless);
  json.key("within").text(name_of(match.within));
  if (match.is_raised_by_client) json.key("raised_by").text("client");
  write_each(json, "where", match.where, write_condition);
  if (!match.line_because.empty()) json.key("line_because").text(match.line_because);
  if (!match.examples.empty()) json.key("examples").texts(match.examples);
  if (!match.near_misses.empty()) json.key("near_misses").texts(match.near_misses);
}

void write_timed_term(JsonWriter& json, const TimedTerm& term) {
  write_match(json, term.line);
  if (term.count > 1) json.key("count").whole(term.count);
}

void write_unless(JsonWriter& json, const TimedTerm& term) {
  write_match(json, term.line);
  json.key("anchor").whole(term.anchor);
  json.key("slide_seconds").exact(std::chrono::duration<double>(term.slide).count());
  json.key("window_seconds").exact(std::chrono::duration<double>(term.window).count());
  json.key("absolute").boolean(term.absolute);
}

void write_timed_match(JsonWriter& json, const TimedMatch& timed) {
  json.key("condition").text(phrase_of(timed));
  write_each(json, "of", timed.of, write_timed_term);
  if (!timed.unless.empty()) write_each(json, "unless", timed.unless, write_unless);
  if (timed.share_of) {
    json.key(timed.kind == TimedKind::saturation ? "among" : "share_of").begin_object();
    write_match(json, *timed.share_of);
    json.end_object();
  }
  if (timed.kind == TimedKind::saturation) json.key("duration").text(timed.duration_field);
  if (!timed.examples.empty()) json.key("examples").texts(timed.examples);
  if (!timed.near_misses.empty()) json.key("near_misses").texts(timed.near_misses);
}

void write_evidence(JsonWriter& json, const EvidenceTerm& term) {
  write_known(json, "symptom", term.symptom);
  write_known(json, "pattern", term.pattern);
  write_known(json, "probe", term.probe);
  if (term.field) {
    json.key("field").begin_object();
    write_condition(json, *term.field);
    json.end_object();
  }
  if (term.absent) json.key("absent").boolean(true);
  if (term.when != When::any) json.key("when").text(term.when == When::after ? "after" : "before");
  if (term.within) json.key("within").text(base::to_text(*term.within));
  json.key("weight").text(term.weight == Weight::weak ? "weak" : term.weight == Weight::strong ? "strong" : "medium");
}

void write_cause(JsonWriter& json, const Cause& cause) {
  json.key("id").text(cause.id);
  json.key("text").text(cause.text.english);
  json.key("prior").exact(cause.prior);
  write_each(json, "supported_by", cause.supported_by, write_evidence);
  write_each(json, "refuted_by", cause.refuted_by, write_evidence);
  json.key("workarounds").texts(cause.workarounds);
  write_known(json, "text_zh", cause.text.chinese);
}

/// What only deadends.dev's canons have, in their own shape.
void write_canon(JsonWriter& json, const PublicRecord& record) {
  write_text_or_null(json, "schema_version", record.schema_version);
  write_text_or_null(json, "url", record.url);
  json.key("environment").begin_object();
  json.key("runtime").begin_object();
  json.key("name").text(record.runtime);
  json.key("version_range").text(record.runtime_versions);
  json.end_object();
  json.key("os").text(record.os);
  write_known(json, "python", record.python);
  write_known(json, "framework", record.framework);
  if (!record.hardware.empty()) write_parsed(json.key("hardware"), record.hardware);
  if (!record.additional.empty()) write_parsed(json.key("additional"), record.additional);
  json.end_object();
  json.key("metadata").begin_object();
  write_text_or_null(json, "generated_by", record.generated_by);
  write_text_or_null(json, "generation_date", record.generation_date);
  write_text_or_null(json, "last_verification", record.last_verification);
  write_known(json, "page_views", record.page_views);
  write_known(json, "ai_agent_hits", record.agent_hits);
  write_known(json, "human_hits", record.human_hits);
  json.end_object();
}

void write_meaning(JsonWriter& json, const Rule& rule, const PublicRecord& record) {
  json.key("id").text(rule.id);
  json.key("signature").text(rule.title.english);
  write_text_or_null(json, "signature_zh", rule.title.chinese);
  write_text_or_null(json, "regex", rule.matches.empty() ? std::string() : rule.matches.front().regex);
  json.key("domain").text(rule.domain);
  write_text_or_null(json, "category", rule.category);
  write_text_or_null(json, "subcategory", record.subcategory);
  json.key("root_cause").text(rule.root_cause.english);
  write_text_or_null(json, "root_cause_type", record.root_cause_type);
  write_text_or_null(json, "root_cause_zh", rule.root_cause.chinese);
  write_each(json, "versions", rule.versions, write_version);
  write_parsed(json.key("os_specific"), record.os_specific.empty() ? "{}" : record.os_specific);
  write_each(json, "dead_ends", rule.dead_ends, write_dead_end);
  write_each(json, "workarounds", rule.workarounds, write_workaround);
  json.key("workarounds_zh").texts(chinese_actions(rule));
  write_graph(json, rule);
}

void write_standing(JsonWriter& json, const Rule& rule, const PublicRecord& record) {
  write_text_or_null(json, "official_doc_url", rule.docs);
  write_text_or_null(json, "official_doc_section", record.docs_section);
  write_text_or_null(json, "error_code", rule.error_code);
  write_text_or_null(json, "verification_tier", rule.verification);
  json.key("confidence").exact(rule.confidence);
  json.key("fix_success_rate");
  if (rule.fix_rate) {
    json.exact(*rule.fix_rate);
  } else {
    json.null();
  }
  write_text_or_null(json, "resolvable", record.resolvable);
  write_text_or_null(json, "first_seen", rule.first_seen);
  write_text_or_null(json, "last_confirmed", rule.last_confirmed);
  write_text_or_null(json, "last_updated", record.last_updated);
  json.key("evidence_count").whole(rule.evidence_count);
  json.key("tags").texts(rule.tags);
  write_text_or_null(json, "locale", record.locale);
  json.key("aliases").texts(record.aliases);
}

/// What only triaged's own rules and CRE rules have.
void write_recognition(JsonWriter& json, const Rule& rule) {
  json.key("severity").text(triaged::name_of(rule.severity));
  if (rule.alone_from > 1) json.key("alone_from").whole(rule.alone_from);
  if (rule.is_apart_by_place) json.key("apart_by_place").boolean(true);
  if (rule.is_generic) json.key("generic").boolean(true);
  write_text_or_null(json, "entity", rule.entity);
  write_each(json, "match", rule.matches, write_match);
  if (!rule.timed_matches.empty()) write_each(json, "match_over_time", rule.timed_matches, write_timed_match);
  write_each(json, "causes", rule.causes, write_cause);
  json.key("see_also").texts(rule.see_also);
}

}  // namespace

std::string to_json(const Rule& rule) {
  JsonWriter json(JsonWriter::Layout::indented);
  const auto record = rule.record.value_or(PublicRecord{});
  json.begin_object();
  write_meaning(json, rule, record);
  write_standing(json, rule, record);
  if (rule.dialect == Dialect::deadends_json) write_canon(json, record);
  if (rule.dialect != Dialect::errorcanon_json && rule.dialect != Dialect::deadends_json) write_recognition(json, rule);
  json.end_object();
  return std::move(json).json();
}

}  // namespace triaged::knowledge
