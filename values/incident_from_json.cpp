// Reads incident JSON back: from the outbox after a restart, or from a file that the file sink wrote. Fields that are
// not there keep their default, unknown ones are passed over, a value of the wrong type is an error that names the
// field. The one file of this room that knows simdjson.
#include <array>
#include <optional>

#include <fmt/format.h>
#include <simdjson.h>

#include "values/incident.hpp"

namespace triaged::inline values {

namespace {

using simdjson::dom::element;

/// Reads fields and keeps the first thing that was wrong.
class FieldReader {
 public:
  [[nodiscard]] const std::string& problem() const { return problem_; }

  void read(element object, const char* key, std::string& value) {
    std::string_view text;
    if (find(object, key, text, "text")) value = text;
  }

  void read(element object, const char* key, double& value) { find(object, key, value, "a number"); }
  void read(element object, const char* key, std::uint64_t& value) { find(object, key, value, "a whole number"); }
  void read(element object, const char* key, bool& value) { find(object, key, value, "true or false"); }

  void read(element object, const char* key, TimePoint& value) {
    std::string_view text;
    if (!find(object, key, text, "a time")) return;
    const auto time = parse_rfc3339(text);
    if (!time) return fail(key, "a time");
    value = *time;
  }

  void read(element object, const char* key, Severity& value) {
    std::string_view text;
    if (!find(object, key, text, "a severity")) return;
    const auto severity = severity_named(text);
    if (!severity) return fail(key, "a severity");
    value = *severity;
  }

  /// One of an enumeration's names.
  template <typename Enum, std::size_t count>
  void read(element object, const char* key, Enum& value, const std::array<Enum, count>& all) {
    std::string_view text;
    if (!find(object, key, text, "a name")) return;
    for (const auto candidate : all) {
      if (name_of(candidate) == text) return void(value = candidate);
    }
    fail(key, "a known name");
  }

  template <typename Item, typename Read>
  void read_list(element object, const char* key, std::vector<Item>& items, Read read_item) {
    simdjson::dom::array array;
    if (!find(object, key, array, "a list")) return;
    for (const auto item : array) {
      read_item(item, items.emplace_back());
      if (!problem_.empty()) return;
    }
  }

  void fail(const char* key, const char* wanted) {
    if (problem_.empty()) problem_ = fmt::format("'{}' is not {}", key, wanted);
  }

 private:
  /// True when the field is there and has the type of `value`.
  template <typename Value>
  bool find(element object, const char* key, Value& value, const char* wanted) {
    if (!object.is_object()) {
      fail(key, "in an object");
      return false;
    }
    element field;
    if (object.at_key(key).get(field) != simdjson::SUCCESS || field.is_null()) return false;
    if (field.get(value) == simdjson::SUCCESS) return true;
    fail(key, wanted);
    return false;
  }

  std::string problem_;
};

void read_impact(FieldReader& reader, element object, Incident& incident) {
  element saved;
  if (object.at_key("impact").get(saved) != simdjson::SUCCESS) return;
  auto& impact = incident.impact.emplace();
  reader.read(saved, "failing", impact.failing);
  reader.read(saved, "of", impact.of);
  reader.read(saved, "users_see", impact.users_see);
}

void read_exception(FieldReader& reader, element object, Incident& incident) {
  element code, requests;
  if (object.at_key("code").get(code) == simdjson::SUCCESS) {
    auto& read = incident.code.emplace();
    reader.read(code, "file", read.file);
    reader.read(code, "line", read.line);
    reader.read(code, "function", read.function);
  }
  if (object.at_key("requests").get(requests) == simdjson::SUCCESS) {
    auto& read = incident.requests.emplace();
    reader.read(requests, "method", read.method);
    reader.read(requests, "path", read.path);
    reader.read(requests, "failed", read.failed);
    reader.read(requests, "of", read.of);
  }
}

void read_identity(FieldReader& reader, element object, Incident& incident) {
  constexpr std::array states = {IncidentState::open, IncidentState::resolved};
  constexpr std::array changes = {Change::opened, Change::updated, Change::resolved};
  reader.read(object, "incident", incident.id);
  reader.read(object, "key", incident.key);
  reader.read(object, "merged_into", incident.merged_into);
  reader.read(object, "state", incident.state, states);
  reader.read(object, "change", incident.change, changes);
  reader.read(object, "change_number", incident.change_number);
  reader.read(object, "severity", incident.severity);
  reader.read(object, "severity_because", incident.severity_because);
  read_impact(reader, object, incident);
  reader.read(object, "title", incident.title);
  element entity;
  if (object.at_key("entity").get(entity) == simdjson::SUCCESS) {
    reader.read(entity, "kind", incident.entity.kind);
    reader.read(entity, "value", incident.entity.value);
  }
  reader.read(object, "host", incident.host);
  read_exception(reader, object, incident);
  reader.read(object, "first_seen", incident.first_seen);
  reader.read(object, "last_seen", incident.last_seen);
  reader.read(object, "written_before", incident.written_before);
  reader.read(object, "count", incident.count);
  reader.read(object, "recurred", incident.recurred);
  reader.read(object, "acknowledged", incident.acknowledged);
  reader.read(object, "confidence", incident.confidence);
  reader.read(object, "docs", incident.docs);
}

void read_causes(FieldReader& reader, element object, Incident& incident) {
  reader.read_list(object, "causes", incident.causes, [&](element item, RankedCause& cause) {
    reader.read(item, "cause", cause.cause);
    reader.read(item, "rule", cause.rule);
    reader.read(item, "probability", cause.probability);
    reader.read(item, "text", cause.text);
    reader.read_list(item, "because", cause.because, [&](element reason, Contribution& contribution) {
      reader.read(reason, "text", contribution.text);
      reader.read(reason, "log_odds", contribution.log_odds);
      reader.read(reason, "rule", contribution.rule);
    });
  });
  reader.read_list(object, "open_questions", incident.open_questions, [&](element item, OpenQuestion& question) {
    reader.read(item, "cause", question.cause);
    reader.read(item, "rule", question.rule);
    reader.read(item, "text", question.text);
  });
}

void read_story(FieldReader& reader, element object, Incident& incident) {
  constexpr std::array roles = {ChainRole::root, ChainRole::intermediate, ChainRole::symptom};
  reader.read_list(object, "chain", incident.chain, [&](element item, ChainLink& link) {
    reader.read(item, "rule", link.rule);
    reader.read(item, "role", link.role, roles);
    reader.read(item, "at", link.at);
    reader.read(item, "source", link.source);
    reader.read(item, "line", link.line);
    reader.read(item, "says", link.says);
  });
  reader.read_list(object, "evidence", incident.evidence, [&](element item, Evidence& piece) {
    reader.read(item, "source", piece.source);
    reader.read(item, "offset", piece.offset);
    reader.read(item, "at", piece.at);
    reader.read(item, "line", piece.line);
    reader.read(item, "rule", piece.rule);
    reader.read(item, "says", piece.says);
  });
  reader.read_list(object, "rules", incident.rules, [&](element item, std::string& rule) {
    std::string_view text;
    if (item.get(text) != simdjson::SUCCESS) return reader.fail("rules", "a list of texts");
    rule = text;
  });
}

void read_advice(FieldReader& reader, element object, Incident& incident) {
  reader.read_list(object, "workarounds", incident.workarounds, [&](element item, RankedWorkaround& workaround) {
    reader.read(item, "action", workaround.action);
    reader.read(item, "how", workaround.how);
    reader.read(item, "success_rate", workaround.success_rate);
    reader.read(item, "score", workaround.score);
    reader.read(item, "cause", workaround.cause);
    reader.read(item, "rule", workaround.rule);
    reader.read(item, "id", workaround.id);
    element here;
    if (item.at_key("here").get(here) != simdjson::SUCCESS) return;
    reader.read(here, "worked", workaround.here.worked);
    reader.read(here, "failed", workaround.here.failed);
    reader.read(here, "rule_success_rate", workaround.here.rule_success_rate);
    reader.read(here, "rule_weight", workaround.here.rule_weight);
  });
  reader.read_list(object, "dead_ends", incident.dead_ends, [&](element item, DeadEnd& dead_end) {
    reader.read(item, "action", dead_end.action);
    reader.read(item, "why_fails", dead_end.why_fails);
    reader.read(item, "fail_rate", dead_end.fail_rate);
  });
}

}  // namespace

Result<Incident> incident_from_json(std::string_view json) {
  simdjson::dom::parser parser;
  element object;
  if (const auto failure = parser.parse(json.data(), json.size()).get(object)) {
    return error(fmt::format("incident JSON cannot be read: {}", simdjson::error_message(failure)));
  }
  FieldReader reader;
  std::uint64_t schema = 0;
  reader.read(object, "schema", schema);
  if (reader.problem().empty() && schema != 1) {
    return error(fmt::format("incident JSON has schema {}; this version reads schema 1", schema));
  }
  Incident incident;
  read_identity(reader, object, incident);
  read_causes(reader, object, incident);
  read_story(reader, object, incident);
  read_advice(reader, object, incident);
  if (!reader.problem().empty()) return error("incident JSON cannot be read: " + reader.problem());
  return incident;
}

}  // namespace triaged::inline values
