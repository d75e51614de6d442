// How an open incident is kept in the ledger. The product reads only what it wrote itself; anything else is an error
// that names the field, never a crash.
#include <boost/json.hpp>
#include <simdjson.h>

#include "base/utf8.hpp"
#include "diagnosis/open_incident.hpp"
#include "diagnosis/symptom_json.hpp"

namespace triaged {

namespace json = boost::json;
namespace dom = simdjson::dom;

namespace {

std::int64_t to_number(TimePoint time) { return time.time_since_epoch().count(); }
TimePoint to_time(std::int64_t number) { return TimePoint(Microseconds(number)); }

json::value entity_json(const Entity& entity) {
  return json::array{to_valid_utf8(entity.kind), to_valid_utf8(entity.value)};
}

json::value counts_json(const ValueCounts& counts) {
  json::object values;
  for (const auto& [value, count] : counts.values) values[to_valid_utf8(value)] = count;
  return json::object{{"values", std::move(values)}, {"others", counts.others}};
}

json::value observation_json(const Observation& observation) {
  json::array samples;
  for (const auto& sample : observation.samples) samples.push_back(symptom_to_json(sample));
  json::object object{{"rule", observation.rule},
                      {"entity", entity_json(observation.entity)},
                      {"first_seen", to_number(observation.first_seen)},
                      {"last_seen", to_number(observation.last_seen)},
                      {"is_dated", observation.is_dated},
                      {"count", observation.count},
                      {"samples", std::move(samples)},
                      {"everyday", observation.everyday}};
  if (observation.usual) object["usual"] = *observation.usual;
  return object;
}

std::string text(dom::element parent, std::string_view key) { return std::string(parent[key].get_string().value()); }
// By value: a range-for over `parent[key].get_array().value()` would walk through a temporary that is gone.
dom::array array_of(dom::element parent, std::string_view key) {
  dom::array array;
  if (const auto failure = parent[key].get_array().get(array)) throw simdjson::simdjson_error(failure);
  return array;
}

dom::object object_of(dom::element parent, std::string_view key) {
  dom::object object;
  if (const auto failure = parent[key].get_object().get(object)) throw simdjson::simdjson_error(failure);
  return object;
}

std::int64_t number(dom::element parent, std::string_view key) { return parent[key].get_int64().value(); }
std::uint64_t count(dom::element parent, std::string_view key) { return parent[key].get_uint64().value(); }

json::value answer_json(const ProbeAnswer& answer) {
  return json::object{{"finding", answer.finding},
                      {"subject", to_valid_utf8(answer.subject)},
                      {"text", to_valid_utf8(answer.text)},
                      {"at", to_number(answer.at)}};
}

/// What an earlier version wrote has none; one of a probe that is no more is forgotten.
std::vector<ProbeAnswer> read_answers(dom::element element, const std::string& incident) {
  std::vector<ProbeAnswer> answers;
  dom::array saved;
  if (element["answers"].get_array().get(saved) != simdjson::SUCCESS) return answers;
  for (const auto entry : saved) {
    const auto finding = text(entry, "finding");
    const auto* probe = probe_named(finding);
    if (probe == nullptr) continue;
    answers.push_back({.incident = incident,
                       .look = probe->look,
                       .subject = text(entry, "subject"),
                       .finding = finding,
                       .text = text(entry, "text"),
                       .at = to_time(number(entry, "at"))});
  }
  return answers;
}

Entity read_entity(dom::element element) {
  return {std::string(element.at(0).get_string().value()), std::string(element.at(1).get_string().value())};
}

ValueCounts read_counts(dom::element element) {
  ValueCounts counts;
  for (const auto& [value, seen] : object_of(element, "values")) {
    counts.values.emplace(std::string(value), seen.get_uint64().value());
  }
  counts.others = count(element, "others");
  return counts;
}

/// What an earlier version wrote does not say.
bool is_dated(dom::element element) {
  bool dated = true;
  return element["is_dated"].get_bool().get(dated) != simdjson::SUCCESS || dated;
}

Observation read_observation(dom::element element) {
  Observation observation{.rule = text(element, "rule"),
                          .entity = read_entity(element["entity"].value()),
                          .first_seen = to_time(number(element, "first_seen")),
                          .last_seen = to_time(number(element, "last_seen")),
                          .is_dated = is_dated(element),
                          .count = count(element, "count"),
                          .samples = {}};
  for (const auto sample : array_of(element, "samples")) {
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
  incident.id = text(element, "id");
  incident.key = text(element, "key");
  incident.entity = read_entity(element["entity"].value());
  incident.host = text(element, "host");
  incident.first_seen = to_time(number(element, "first_seen"));
  incident.last_seen = to_time(number(element, "last_seen"));
  incident.is_dated = is_dated(element);
  incident.due = to_time(number(element, "due"));
  incident.active_until = to_time(number(element, "active_until"));
  incident.count = count(element, "count");
  incident.severity = severity_named(text(element, "severity")).value_or(Severity::info);
  incident.unkept_observations = count(element, "unkept_observations");
  for (const auto observation : array_of(element, "observations")) {
    incident.observations.push_back(read_observation(observation));
  }
  const auto statistics = element["statistics"].value();
  incident.statistics.failing_upstreams = read_counts(statistics["failing_upstreams"].value());
  incident.statistics.answering_upstreams = read_counts(statistics["answering_upstreams"].value());
  incident.statistics.methods = read_counts(statistics["methods"].value());
  incident.statistics.paths = read_counts(statistics["paths"].value());
  for (const auto duration : array_of(statistics, "durations")) {
    incident.statistics.durations.push_back(duration.get_double().value());
  }
  incident.changes_told = count(element, "changes_told");
  incident.told_at = to_time(number(element, "told_at"));
  incident.told_count = count(element, "told_count");
  incident.told_cause = text(element, "told_cause");
  incident.told_severity = severity_named(text(element, "told_severity")).value_or(Severity::info);
  if (std::int64_t at = 0; element["acknowledged_at"].get(at) == simdjson::SUCCESS) {
    incident.acknowledged_at = to_time(at);  // what an earlier version wrote has none
  }
  incident.answers = read_answers(element, incident.id);
  return incident;
}

}  // namespace

std::string to_json(const OpenIncident& incident) {
  json::array observations, durations, answers;
  for (const auto& answer : incident.answers) answers.push_back(answer_json(answer));
  for (const auto& observation : incident.observations) observations.push_back(observation_json(observation));
  for (const double duration : incident.statistics.durations) durations.push_back(duration);
  return json::serialize(json::object{
      {"id", incident.id},
      {"key", incident.key},
      {"entity", entity_json(incident.entity)},
      {"host", to_valid_utf8(incident.host)},
      {"first_seen", to_number(incident.first_seen)},
      {"last_seen", to_number(incident.last_seen)},
      {"is_dated", incident.is_dated},
      {"due", to_number(incident.due)},
      {"active_until", to_number(incident.active_until)},
      {"count", incident.count},
      {"severity", name_of(incident.severity)},
      {"unkept_observations", incident.unkept_observations},
      {"observations", std::move(observations)},
      {"statistics", json::object{{"failing_upstreams", counts_json(incident.statistics.failing_upstreams)},
                                  {"answering_upstreams", counts_json(incident.statistics.answering_upstreams)},
                                  {"methods", counts_json(incident.statistics.methods)},
                                  {"paths", counts_json(incident.statistics.paths)},
                                  {"durations", std::move(durations)}}},
      {"changes_told", incident.changes_told},
      {"told_at", to_number(incident.told_at)},
      {"told_count", incident.told_count},
      {"told_cause", incident.told_cause},
      {"told_severity", name_of(incident.told_severity)},
      {"acknowledged_at", to_number(incident.acknowledged_at)},
      {"answers", std::move(answers)}});
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

}  // namespace triaged
