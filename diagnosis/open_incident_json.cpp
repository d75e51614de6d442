// How an open incident is kept in the ledger. The product reads only what it wrote itself; anything else is an error
// that names the field, never a crash.
#include <simdjson.h>

#include "diagnosis/open_incident.hpp"
#include "diagnosis/saved_json.hpp"
#include "diagnosis/symptom_json.hpp"

namespace triaged::diagnosis {

namespace dom = simdjson::dom;

namespace {

void write_entity(JsonWriter& json, const Entity& entity) {
  json.key("entity").begin_array();
  json.text(entity.kind);
  json.text(entity.value);
  json.end_array();
}

void write_counts(JsonWriter& json, std::string_view key, const ValueCounts& counts) {
  json.key(key).begin_object();
  json.key("values").begin_object();
  for (const auto& [value, count] : counts.values) json.key(value).whole(count);
  json.end_object();
  json.key("others").whole(counts.others);
  json.end_object();
}

void write_observation(JsonWriter& json, const Observation& observation) {
  json.begin_object();
  json.key("rule").text(observation.rule);
  write_entity(json, observation.entity);
  write_time(json.key("first_seen"), observation.first_seen);
  write_time(json.key("last_seen"), observation.last_seen);
  json.key("is_dated").boolean(observation.is_dated);
  json.key("count").whole(observation.count);
  json.key("samples").begin_array();
  for (const auto& sample : observation.samples) write_symptom(json, sample);
  json.end_array();
  json.key("everyday").whole(observation.everyday);
  if (observation.usual) json.key("usual").exact(*observation.usual);
  json.end_object();
}

void write_statistics(JsonWriter& json, const IncidentStatistics& statistics) {
  json.key("statistics").begin_object();
  write_counts(json, "failing_upstreams", statistics.failing_upstreams);
  write_counts(json, "answering_upstreams", statistics.answering_upstreams);
  write_counts(json, "methods", statistics.methods);
  write_counts(json, "paths", statistics.paths);
  json.key("durations").begin_array();
  for (const double duration : statistics.durations) json.exact(duration);
  json.end_array();
  write_counts(json, "clients", statistics.clients);
  write_counts(json, "failed_requests", statistics.failed_requests);
  json.key("hidden").whole(statistics.hidden);
  json.key("bursts").begin_array();
  for (const auto burst : statistics.bursts) write_time(json, burst);
  json.end_array();
  json.end_object();
}

void write_rhythm(JsonWriter& json, const Rhythm& rhythm) {
  json.key("rhythm").begin_object();
  write_time(json.key("first"), rhythm.first);
  write_time(json.key("last"), rhythm.last);
  json.key("failures").whole(rhythm.failures);
  json.key("longest_gap").whole(static_cast<std::uint64_t>(rhythm.longest_gap.count()));
  json.key("longest_pause").whole(static_cast<std::uint64_t>(rhythm.longest_pause.count()));
  json.end_object();
}

/// What an earlier version wrote has none.
Rhythm read_rhythm(dom::element incident) {
  dom::element saved;
  if (incident["rhythm"].get(saved) != simdjson::SUCCESS) return {};
  return {.first = time_in(saved, "first"),
          .last = time_in(saved, "last"),
          .failures = count_in(saved, "failures"),
          .longest_gap = Microseconds(count_in(saved, "longest_gap")),
          .longest_pause = Microseconds(count_in(saved, "longest_pause"))};
}

void read_recurrence(dom::element element, OpenIncident& incident) {
  if (element["recurred"].get_uint64().get(incident.recurred) != simdjson::SUCCESS) return;
  incident.earlier_count = count_in(element, "earlier_count");
  incident.began = time_in(element, "began");
}

/// What an earlier version wrote says neither.
void read_doubt(dom::element element, OpenIncident& incident) {
  dom::element doubted_after;
  if (element["doubted_after"].get(doubted_after) == simdjson::SUCCESS) incident.doubted_after = time_of(doubted_after);
  if (element["has_other_failure"].get_bool().get(incident.has_other_failure) != simdjson::SUCCESS)
    incident.has_other_failure = false;
}

void write_answer(JsonWriter& json, const ProbeAnswer& answer) {
  json.begin_object();
  json.key("finding").text(answer.finding);
  json.key("subject").text(answer.subject);
  json.key("text").text(answer.text);
  write_time(json.key("at"), answer.at);
  json.end_object();
}

/// What an earlier version wrote has none; one of a probe that is no more is forgotten.
std::vector<ProbeAnswer> read_answers(dom::element element, const std::string& incident) {
  std::vector<ProbeAnswer> answers;
  dom::array saved;
  if (element["answers"].get_array().get(saved) != simdjson::SUCCESS) return answers;
  for (const dom::element entry : saved) {
    const auto finding = text_in(entry, "finding");
    const auto* probe = probe_named(finding);
    if (probe == nullptr) continue;
    answers.push_back({.incident = incident,
                       .kind = probe->kind,
                       .subject = text_in(entry, "subject"),
                       .finding = finding,
                       .text = text_in(entry, "text"),
                       .at = time_in(entry, "at")});
  }
  return answers;
}

Entity read_entity(dom::element element) { return {text_of(element.at(0).value()), text_of(element.at(1).value())}; }

ValueCounts read_counts(dom::element element) {
  ValueCounts counts;
  // Two values that differ only in bytes that are no text were saved under one name; the last one counts.
  for (const auto& [value, seen] : object_in(element, "values")) {
    counts.values.insert_or_assign(std::string(value), seen.get_uint64().value());
  }
  counts.others = count_in(element, "others");
  return counts;
}

/// What an earlier version wrote has none of these.
void read_newer_statistics(dom::element saved, IncidentStatistics& statistics) {
  if (saved["hidden"].get_uint64().get(statistics.hidden) != simdjson::SUCCESS) return;
  statistics.clients = read_counts(saved["clients"].value());
  statistics.failed_requests = read_counts(saved["failed_requests"].value());
  for (const dom::element burst : array_in(saved, "bursts")) statistics.bursts.push_back(time_of(burst));
}

/// What an earlier version wrote does not say.
bool true_unless_said(dom::element element, std::string_view key) {
  bool is = true;
  return element[key].get_bool().get(is) != simdjson::SUCCESS || is;
}

Observation read_observation(dom::element element) {
  Observation observation{.rule = text_in(element, "rule"),
                          .entity = read_entity(element["entity"].value()),
                          .first_seen = time_in(element, "first_seen"),
                          .last_seen = time_in(element, "last_seen"),
                          .is_dated = true_unless_said(element, "is_dated"),
                          .count = count_in(element, "count"),
                          .samples = {}};
  for (const dom::element sample : array_in(element, "samples")) {
    observation.samples.push_back(symptom_from_json(sample));
  }
  // What an earlier version wrote does not say.
  double usual = 0;
  if (element["everyday"].get_uint64().get(observation.everyday) != simdjson::SUCCESS) observation.everyday = 0;
  if (element["usual"].get_double().get(usual) == simdjson::SUCCESS) observation.usual = usual;
  return observation;
}

OpenIncident read_incident(dom::element element) {
  OpenIncident incident;
  incident.id = text_in(element, "id");
  incident.key = text_in(element, "key");
  incident.entity = read_entity(element["entity"].value());
  incident.host = text_in(element, "host");
  std::string_view place;  // of an exception only
  if (element["place"].get_string().get(place) == simdjson::SUCCESS) incident.place = place;
  incident.first_seen = time_in(element, "first_seen");
  incident.last_seen = time_in(element, "last_seen");
  incident.is_dated = true_unless_said(element, "is_dated");
  incident.due = time_in(element, "due");
  incident.active_until = time_in(element, "active_until");
  incident.count = count_in(element, "count");
  incident.severity = severity_named(text_in(element, "severity")).value_or(Severity::info);
  incident.unkept_observations = count_in(element, "unkept_observations");
  for (const dom::element observation : array_in(element, "observations")) {
    incident.observations.push_back(read_observation(observation));
  }
  const auto statistics = element["statistics"].value();
  incident.statistics.failing_upstreams = read_counts(statistics["failing_upstreams"].value());
  incident.statistics.answering_upstreams = read_counts(statistics["answering_upstreams"].value());
  incident.statistics.methods = read_counts(statistics["methods"].value());
  incident.statistics.paths = read_counts(statistics["paths"].value());
  for (const dom::element duration : array_in(statistics, "durations")) {
    incident.statistics.durations.push_back(duration.get_double().value());
  }
  read_newer_statistics(statistics, incident.statistics);
  incident.reports = count_in(element, "changes_told");
  incident.is_told = incident.reports > 0;
  incident.reported_count = count_in(element, "told_count");
  incident.reported_cause = text_in(element, "told_cause");
  incident.reported_severity = severity_named(text_in(element, "told_severity")).value_or(Severity::info);
  incident.has_news = true_unless_said(element, "has_news");
  incident.reported_news = true_unless_said(element, "told_news");
  read_doubt(element, incident);
  incident.answers = read_answers(element, incident.id);
  incident.rhythm = read_rhythm(element);
  read_recurrence(element, incident);
  return incident;
}

}  // namespace

std::string to_json(const OpenIncident& incident) {
  JsonWriter json;
  json.begin_object();
  json.key("id").text(incident.id);
  json.key("key").text(incident.key);
  write_entity(json, incident.entity);
  json.key("host").text(incident.host);
  if (!incident.place.empty()) json.key("place").text(incident.place);
  write_time(json.key("first_seen"), incident.first_seen);
  write_time(json.key("last_seen"), incident.last_seen);
  json.key("is_dated").boolean(incident.is_dated);
  write_time(json.key("due"), incident.due);
  write_time(json.key("active_until"), incident.active_until);
  json.key("count").whole(incident.count);
  json.key("severity").text(name_of(incident.severity));
  json.key("unkept_observations").whole(incident.unkept_observations);
  json.key("observations").begin_array();
  for (const auto& observation : incident.observations) write_observation(json, observation);
  json.end_array();
  write_statistics(json, incident.statistics);
  json.key("changes_told").whole(incident.reports);
  json.key("told_count").whole(incident.reported_count);
  json.key("told_cause").text(incident.reported_cause);
  json.key("told_severity").text(name_of(incident.reported_severity));
  json.key("has_news").boolean(incident.has_news);
  json.key("told_news").boolean(incident.reported_news);
  if (incident.doubted_after) write_time(json.key("doubted_after"), *incident.doubted_after);
  json.key("has_other_failure").boolean(incident.has_other_failure);
  write_rhythm(json, incident.rhythm);
  if (incident.recurred > 0) {
    json.key("recurred").whole(incident.recurred);
    json.key("earlier_count").whole(incident.earlier_count);
    write_time(json.key("began"), incident.began);
  }
  json.key("answers").begin_array();
  for (const auto& answer : incident.answers) write_answer(json, answer);
  json.end_array();
  json.end_object();
  return std::move(json).json();
}

Result<OpenIncident> open_incident_from_json(std::string_view text_of_incident) {
  try {
    dom::parser parser;
    const simdjson::padded_string padded(text_of_incident);
    return read_incident(parser.parse(padded).value());
  } catch (const simdjson::simdjson_error& failure) {
    return error(std::string("cannot read the saved incident: ") + failure.what());
  }
}

}  // namespace triaged::diagnosis
