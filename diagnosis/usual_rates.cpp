#include "diagnosis/usual_rates.hpp"

#include <algorithm>

#include <boost/json.hpp>
#include <fmt/format.h>
#include <simdjson.h>

#include "base/utf8.hpp"
#include "diagnosis/identity.hpp"

namespace triaged {

namespace {

namespace json = boost::json;
namespace dom = simdjson::dom;

constexpr std::string_view id_prefix = "usual:";
// Of the half hours, in fifths, those that keep below what is usual.
constexpr std::size_t usual_fifths = 4;

json::array json_of(const RecentLines& recent) {
  json::array minutes;
  for (const auto& [minute, lines] : recent.by_minute()) {
    minutes.push_back({minute.time_since_epoch().count(), lines});
  }
  return minutes;
}

dom::array array_in(dom::element parent, std::string_view key) {
  dom::array array;
  if (const auto failure = parent[key].get_array().get(array)) throw simdjson::simdjson_error(failure);
  return array;
}
dom::object object_in(dom::element parent, std::string_view key) {
  dom::object object;
  if (const auto failure = parent[key].get_object().get(object)) throw simdjson::simdjson_error(failure);
  return object;
}
TimePoint time_in(dom::element parent, std::string_view key) {
  return TimePoint(Microseconds(parent[key].get_int64().value()));
}

RecentLines recent_in(dom::array minutes) {
  RecentLines recent;
  for (const dom::element minute : minutes) {
    const RecentLines::Minute start(std::chrono::minutes(minute.at(0).get_int64().value()));
    recent.add(start, minute.at(1).get_uint64().value());
  }
  return recent;
}

}  // namespace

UsualRates::PartStart UsualRates::part_of(TimePoint at) {
  const auto second = std::chrono::floor<std::chrono::seconds>(at).time_since_epoch();
  return PartStart(second - (second % part + part) % part);
}

std::string UsualRates::id_of(std::string_view source) { return fmt::format("{}{}", id_prefix, hash_text(source)); }

bool UsualRates::is_saved_id(std::string_view id) { return id.starts_with(id_prefix); }

void UsualRates::on_source(const std::string& name, TimePoint at) {
  auto known = sources_.find(name);
  if (known == sources_.end()) {
    if (sources_.size() >= most_sources) make_room();
    known = sources_.emplace(name, Source{.since = at, .latest = at, .by_rule = {}}).first;
    changed_.insert(name);
  }
  auto& source = known->second;
  if (at + part < source.latest) {
    source = {.since = at, .latest = at, .by_rule = {}};
    changed_.insert(name);
  }
  source.latest = std::max(source.latest, at);
}

/// The log that was read last the longest time ago.
void UsualRates::make_room() {
  const auto oldest = std::min_element(sources_.begin(), sources_.end(),
                                       [](const auto& a, const auto& b) { return a.second.latest < b.second.latest; });
  changed_.erase(oldest->first);
  ended_.push_back(id_of(oldest->first));
  sources_.erase(oldest);
}

UsualRates::Rate UsualRates::add(const Symptom& symptom, const Entity& entity) {
  on_source(symptom.source, symptom.at);
  auto& source = sources_.find(symptom.source)->second;
  auto& series = source.by_rule[symptom.rule];
  const auto at = symptom.at;
  series.all.add(at, symptom.lines);
  auto& most = series.most[part_of(at)];
  most = std::max(most, series.all.count(at));
  series.most.erase(series.most.begin(), series.most.lower_bound(part_of(source.latest - remembered_for)));
  auto name = fmt::format("{} {}", entity.kind, entity.value);
  if (series.by_entity.size() >= most_entities && series.by_entity.count(name) == 0) {
    std::erase_if(series.by_entity, [&](const auto& other) { return other.second.count(at) == 0; });
    if (series.by_entity.size() >= most_entities) name.clear();
  }
  auto& recent = series.by_entity[name];
  recent.add(at, symptom.lines);
  changed_.insert(symptom.source);
  return {.lines = recent.count(at), .usual = usual_of(series, source.since, at)};
}

std::optional<std::uint64_t> UsualRates::usual_of(const Series& series, TimePoint since, TimePoint now) {
  const auto current = part_of(now);
  const auto first = std::max(part_of(since), current - remembered_for);
  if (current - first < known_after) return std::nullopt;
  std::vector<std::uint64_t> most(static_cast<std::size_t>((current - first) / part), 0);
  for (auto one = series.most.lower_bound(first); one != series.most.end() && one->first < current; ++one) {
    most[static_cast<std::size_t>((one->first - first) / part)] = one->second;
  }
  const auto usual = most.begin() + static_cast<std::ptrdiff_t>((most.size() - 1) * usual_fifths / 5);
  std::nth_element(most.begin(), usual, most.end());
  return *usual;
}

std::string UsualRates::to_json(const std::string& name, const Source& source) {
  json::object rules;
  for (const auto& [rule, series] : source.by_rule) {
    json::array most;
    for (const auto& [start, lines] : series.most) most.push_back({start.time_since_epoch().count(), lines});
    json::object entities;
    for (const auto& [entity, recent] : series.by_entity) entities[to_valid_utf8(entity)] = json_of(recent);
    rules[rule] = {{"all", json_of(series.all)}, {"most", std::move(most)}, {"entities", std::move(entities)}};
  }
  return json::serialize(json::object{{"source", to_valid_utf8(name)},
                                      {"since", source.since.time_since_epoch().count()},
                                      {"latest", source.latest.time_since_epoch().count()},
                                      {"rules", std::move(rules)}});
}

bool UsualRates::restore(std::string_view text) {
  try {
    dom::parser parser;
    const simdjson::padded_string padded(text);
    const dom::element element = parser.parse(padded).value();
    Source source{.since = time_in(element, "since"), .latest = time_in(element, "latest"), .by_rule = {}};
    for (const auto& [rule, saved] : object_in(element, "rules")) {
      auto& series = source.by_rule[std::string(rule)];
      series.all = recent_in(array_in(saved, "all"));
      for (const dom::element one : array_in(saved, "most")) {
        const PartStart start(std::chrono::seconds(one.at(0).get_int64().value()));
        series.most[start] = one.at(1).get_uint64().value();
      }
      for (const auto& [entity, minutes] : object_in(saved, "entities")) {
        dom::array array;
        if (minutes.get_array().get(array) != simdjson::SUCCESS) return false;
        series.by_entity[std::string(entity)] = recent_in(array);
      }
    }
    sources_.insert_or_assign(std::string(element["source"].get_string().value()), std::move(source));
    return true;
  } catch (const simdjson::simdjson_error&) {
    return false;
  }
}

UsualRates::Changes UsualRates::take_changes() {
  Changes changes;
  for (const auto& name : changed_) changes.changed.emplace_back(id_of(name), to_json(name, sources_.at(name)));
  changed_.clear();
  std::swap(changes.ended, ended_);
  // One that was forgotten and is read again is there.
  std::erase_if(changes.ended, [&](const std::string& id) {
    return std::any_of(changes.changed.begin(), changes.changed.end(),
                       [&](const auto& changed) { return changed.first == id; });
  });
  return changes;
}

void UsualRates::drop_changes() {
  changed_.clear();
  ended_.clear();
}

}  // namespace triaged
