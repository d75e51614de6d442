// Incident JSON, schema 1: docs/incident-json.md is its contract. What is not known (empty text, no time, a number that
// is none) is left out; lists are always there, because an empty list is known to be empty.
#include <cmath>

#include "values/incident.hpp"
#include "values/json_writer.hpp"

namespace triaged::inline values {

namespace {

void write_known(JsonWriter& json, std::string_view key, std::string_view text) {
  if (!text.empty()) json.key(key).text(text);
}

void write_known(JsonWriter& json, std::string_view key, TimePoint time) {
  if (time != TimePoint{}) json.key(key).text(to_rfc3339(time));
}

void write_known(JsonWriter& json, std::string_view key, double number) {
  if (std::isfinite(number)) json.key(key).real(number);
}

template <typename Item, typename Write>
void write_list(JsonWriter& json, std::string_view key, const std::vector<Item>& items, Write write) {
  json.key(key).begin_array();
  for (const auto& item : items) {
    json.begin_object();
    write(item);
    json.end_object();
  }
  json.end_array();
}

void write_cause_fields(JsonWriter& json, const RankedCause& cause) {
  write_known(json, "cause", cause.cause);
  write_known(json, "rule", cause.rule);
  write_known(json, "probability", cause.probability);
  write_known(json, "text", cause.text);
}

void write_impact(JsonWriter& json, const std::optional<Impact>& impact) {
  if (!impact || impact->of == 0) return;
  json.key("impact").begin_object();
  json.key("failing").whole(impact->failing);
  json.key("of").whole(impact->of);
  write_known(json, "share", static_cast<double>(impact->failing) / static_cast<double>(impact->of));
  json.key("users_see").boolean(impact->users_see);
  json.end_object();
}

void write_exception(JsonWriter& json, const Incident& incident) {
  if (const auto& code = incident.code) {
    json.key("code").begin_object();
    write_known(json, "file", code->file);
    json.key("line").whole(code->line);
    write_known(json, "function", code->function);
    json.end_object();
  }
  if (const auto& requests = incident.requests) {
    json.key("requests").begin_object();
    write_known(json, "method", requests->method);
    write_known(json, "path", requests->path);
    json.key("failed").whole(requests->failed);
    json.key("of").whole(requests->of);
    json.end_object();
  }
}

void write_identity(JsonWriter& json, const Incident& incident) {
  json.key("schema").whole(1);
  write_known(json, "incident", incident.id);
  write_known(json, "key", incident.key);
  write_known(json, "merged_into", incident.merged_into);
  json.key("state").text(name_of(incident.state));
  json.key("change").text(name_of(incident.change));
  json.key("change_number").whole(incident.change_number);
  json.key("severity").text(name_of(incident.severity));
  write_known(json, "severity_because", incident.severity_because);
  write_impact(json, incident.impact);
  write_known(json, "title", incident.title);
  if (incident.entity != Entity{}) {
    json.key("entity").begin_object();
    write_known(json, "kind", incident.entity.kind);
    write_known(json, "value", incident.entity.value);
    json.end_object();
  }
  write_known(json, "host", incident.host);
  write_exception(json, incident);
  write_known(json, "first_seen", incident.first_seen);
  write_known(json, "last_seen", incident.last_seen);
  write_known(json, "written_before", incident.written_before);
  json.key("count").whole(incident.count);
  if (incident.recurred > 0) json.key("recurred").whole(incident.recurred);
  write_known(json, "acknowledged", incident.acknowledged);
}

void write_causes(JsonWriter& json, const std::vector<RankedCause>& causes) {
  if (!causes.empty()) {
    json.key("root_cause").begin_object();
    write_cause_fields(json, causes.front());
    json.end_object();
  }
  write_list(json, "causes", causes, [&](const RankedCause& cause) {
    write_cause_fields(json, cause);
    write_list(json, "because", cause.because, [&](const Contribution& contribution) {
      write_known(json, "text", contribution.text);
      write_known(json, "rule", contribution.rule);
      write_known(json, "log_odds", contribution.log_odds);
    });
  });
}

void write_open_questions(JsonWriter& json, const std::vector<OpenQuestion>& questions) {
  write_list(json, "open_questions", questions, [&](const OpenQuestion& question) {
    write_known(json, "cause", question.cause);
    write_known(json, "rule", question.rule);
    write_known(json, "text", question.text);
  });
}

void write_chain(JsonWriter& json, const std::vector<ChainLink>& chain) {
  write_list(json, "chain", chain, [&](const ChainLink& link) {
    write_known(json, "rule", link.rule);
    json.key("role").text(name_of(link.role));
    write_known(json, "at", link.at);
    write_known(json, "source", link.source);
    write_known(json, "line", link.line);
    write_known(json, "says", link.says);
  });
}

void write_record(JsonWriter& json, const SiteRecord& record) {
  if (record.is_empty()) return;
  json.key("here").begin_object();
  json.key("worked").whole(record.worked);
  json.key("failed").whole(record.failed);
  write_known(json, "rule_success_rate", record.rule_success_rate);
  json.key("rule_weight").whole(record.rule_weight);
  json.end_object();
}

void write_advice(JsonWriter& json, const Incident& incident) {
  write_list(json, "workarounds", incident.workarounds, [&](const RankedWorkaround& workaround) {
    write_known(json, "action", workaround.action);
    write_known(json, "how", workaround.how);
    write_known(json, "success_rate", workaround.success_rate);
    write_known(json, "score", workaround.score);
    write_known(json, "cause", workaround.cause);
    write_known(json, "rule", workaround.rule);
    write_known(json, "id", workaround.id);
    write_record(json, workaround.here);
  });
  write_list(json, "dead_ends", incident.dead_ends, [&](const DeadEnd& dead_end) {
    write_known(json, "action", dead_end.action);
    write_known(json, "why_fails", dead_end.why_fails);
    write_known(json, "fail_rate", dead_end.fail_rate);
  });
}

void write_evidence(JsonWriter& json, const std::vector<Evidence>& evidence) {
  write_list(json, "evidence", evidence, [&](const Evidence& piece) {
    write_known(json, "source", piece.source);
    json.key("offset").whole(piece.offset);
    write_known(json, "at", piece.at);
    write_known(json, "line", piece.line);
    write_known(json, "rule", piece.rule);
    write_known(json, "says", piece.says);
  });
}

}  // namespace

std::string to_json(const Incident& incident) {
  JsonWriter json;
  json.begin_object();
  write_identity(json, incident);
  write_causes(json, incident.causes);
  write_open_questions(json, incident.open_questions);
  write_chain(json, incident.chain);
  write_advice(json, incident);
  write_evidence(json, incident.evidence);
  json.key("rules").texts(incident.rules);
  write_known(json, "confidence", incident.confidence);
  write_known(json, "docs", incident.docs);
  json.end_object();
  return json.json();
}

}  // namespace triaged::inline values
