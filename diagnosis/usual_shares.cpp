#include "diagnosis/usual_shares.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "base/utf8.hpp"
#include "diagnosis/saved_json.hpp"
#include "values/identity.hpp"

namespace triaged::diagnosis {

namespace {

namespace dom = simdjson::dom;

// Five standard deviations of a Poisson distribution: what chance makes of a few expected lines.
constexpr double deviations = 5;
constexpr double least_learnt = 0.1;  // lines: less has faded away, or was never learnt

double seconds_in(Microseconds time) { return std::chrono::duration<double>(time).count(); }

void write_recent(JsonWriter& json, const RecentLines& recent) {
  json.key("recent").begin_array();
  for (const auto& [minute, lines] : recent.by_minute()) {
    json.begin_array();
    json.integer(minute.time_since_epoch().count());
    json.whole(lines);
    json.end_array();
  }
  json.end_array();
}

RecentLines recent_in(dom::element parent) {
  RecentLines recent;
  for (const dom::element minute : array_in(parent, "recent")) {
    const RecentLines::Minute start(std::chrono::minutes(minute.at(0).get_int64().value()));
    recent.add(start, minute.at(1).get_uint64().value());
  }
  return recent;
}

template <typename Tally>
void write_tally(JsonWriter& json, const Tally& tally) {
  json.key("tally").begin_array();
  json.exact(tally.learnt);
  json.exact(tally.in_part);
  json.whole(tally.parts);
  json.end_array();
}

template <typename Tally>
Tally tally_in(dom::element parent) {
  const auto saved = array_in(parent, "tally");
  return {saved.at(0).get_double().value(), saved.at(1).get_double().value(),
          static_cast<unsigned>(saved.at(2).get_uint64().value())};
}

}  // namespace

bool LineShare::is_everyday() const {
  if (!usual) return false;
  const double expected = *usual * of;
  return static_cast<double>(lines) <=
         std::max(UsualShares::factor * expected, expected + deviations * std::sqrt(expected));
}

TimePoint UsualShares::part_of(TimePoint at) {
  const auto second = std::chrono::floor<std::chrono::seconds>(at).time_since_epoch();
  return TimePoint(second - (second % part + part) % part);
}

std::string UsualShares::id_of(std::string_view source) { return hash_text(source); }

/// The half hour is over: what may be usual of it is learnt, and all that was learnt fades by its age.
void UsualShares::end_part(Source& source, TimePoint now) {
  const auto next = part_of(now);
  if (next <= source.part_begin) return;
  const double fading = std::exp2(-seconds_in(next - source.part_begin) / seconds_in(fades_to_half_in));
  const auto learn = [&](Tally& tally, bool is_learnt) {
    tally.learnt = (tally.learnt + (is_learnt ? tally.in_part : 0)) * fading;
    if (is_learnt && tally.in_part > 0) tally.parts = std::min(tally.parts + 1, known_after);
    tally.in_part = 0;
  };
  for (auto& [rule, lines] : source.by_rule) {
    const bool may_be_usual = lines.tally.in_part <= lines.most * source.all.in_part;
    lines.log_lines = (lines.log_lines + (may_be_usual ? source.all.in_part : 0)) * fading;
    learn(lines.tally, may_be_usual);
    for (auto& [entity, subject] : lines.by_entity) learn(subject.tally, may_be_usual);
  }
  learn(source.all, true);
  source.part_begin = next;
  for (auto& [rule, lines] : source.by_rule) {
    std::erase_if(lines.by_entity, [&](const auto& entry) {
      return entry.second.tally.learnt < least_learnt && entry.second.recent.count(now) == 0;
    });
  }
  std::erase_if(source.by_rule, [](const auto& entry) { return entry.second.by_entity.empty(); });
}

/// They came since the last symptom of the log, as far as anybody knows evenly: what came before this half hour, and
/// before these ten minutes, does not count in them.
void UsualShares::add_log_lines(Source& source, double lines, TimePoint now) {
  if (source.latest == TimePoint{}) {  // how long ago the log's first lines came is not known
    source.all.learnt += lines;
    source.latest = now;
    return;
  }
  const auto since = now - source.latest;
  const auto of_last = [&](Microseconds time) {
    return since <= time ? lines : lines * seconds_in(time) / seconds_in(since);
  };
  const double in_part = of_last(now - source.part_begin);
  source.all.in_part += in_part;
  source.all.learnt += lines - in_part;
  for (auto& [rule, of_rule] : source.by_rule) of_rule.log_lines += lines - in_part;
  source.recent.add(now, static_cast<std::uint64_t>(std::llround(of_last(RecentLines::remembered_for))));
  source.latest = now;
}

UsualShares::Source& UsualShares::source_of(const std::string& name, TimePoint now) {
  const auto known = sources_.find(name);
  if (known != sources_.end()) return known->second;
  if (sources_.size() >= most_sources) {
    const auto oldest = std::min_element(sources_.begin(), sources_.end(), [](const auto& a, const auto& b) {
      return a.second.latest < b.second.latest;
    });
    changed_.erase(oldest->first);
    ended_.push_back(id_of(oldest->first));
    sources_.erase(oldest);
  }
  auto& source = sources_[name];
  source.part_begin = part_of(now);
  return source;
}

UsualShares::Subject& UsualShares::subject_of(RuleLines& rule, const Entity& entity, TimePoint now) {
  auto name = to_valid_utf8(fmt::format("{} {}", entity.kind, entity.value));
  if (rule.by_entity.size() >= most_entities && rule.by_entity.count(name) == 0) {
    std::erase_if(rule.by_entity, [&](const auto& other) { return other.second.recent.count(now) == 0; });
    if (rule.by_entity.size() >= most_entities) name.clear();
  }
  return rule.by_entity[name];
}

std::optional<double> UsualShares::usual_of(const RuleLines& rule, const Subject& subject, TimePoint now) {
  if (rule.tally.parts < known_after || rule.log_lines <= 0) return std::nullopt;
  if (subject.tally.parts >= known_after) return subject.tally.learnt / rule.log_lines;
  const auto present = std::count_if(rule.by_entity.begin(), rule.by_entity.end(),
                                     [&](const auto& other) { return other.second.recent.count(now) > 0; });
  return rule.tally.learnt / rule.log_lines / static_cast<double>(std::max<std::ptrdiff_t>(present, 1));
}

LineShare UsualShares::add(const Symptom& symptom, const Entity& entity, TimePoint now, double most) {
  const auto name = to_valid_utf8(symptom.source);
  auto& source = source_of(name, now);
  now = std::max(now, source.latest);
  end_part(source, now);
  add_log_lines(source, static_cast<double>(symptom.log_lines), now);
  const auto [found, is_new] = source.by_rule.try_emplace(symptom.rule);
  auto& rule = found->second;
  if (is_new) rule.log_lines = source.all.learnt;
  rule.most = most;
  auto& subject = subject_of(rule, entity, now);
  const auto lines = static_cast<double>(symptom.lines);
  rule.tally.in_part += lines;
  subject.tally.in_part += lines;
  subject.recent.add(now, symptom.lines);
  changed_.insert(name);
  return {.lines = subject.recent.count(now),
          .of = static_cast<double>(source.recent.count(now)),
          .usual = usual_of(rule, subject, now)};
}

std::string UsualShares::to_json(const std::string& name, const Source& source) {
  JsonWriter json;
  json.begin_object();
  json.key("source").text(name);
  write_time(json.key("part_begin"), source.part_begin);
  write_time(json.key("latest"), source.latest);
  write_tally(json, source.all);
  write_recent(json, source.recent);
  json.key("rules").begin_object();
  for (const auto& [id, rule] : source.by_rule) {
    json.key(id).begin_object();
    write_tally(json, rule.tally);
    json.key("log_lines").exact(rule.log_lines);
    json.key("entities").begin_object();
    for (const auto& [entity, subject] : rule.by_entity) {
      json.key(entity).begin_object();
      write_tally(json, subject.tally);
      write_recent(json, subject.recent);
      json.end_object();
    }
    json.end_object();
    json.end_object();
  }
  json.end_object();
  json.end_object();
  return std::move(json).json();
}

bool UsualShares::restore(std::string_view text) {
  try {
    dom::parser parser;
    const simdjson::padded_string padded(text);
    const dom::element element = parser.parse(padded).value();
    Source source{.part_begin = time_in(element, "part_begin"),
                  .latest = time_in(element, "latest"),
                  .all = tally_in<Tally>(element),
                  .recent = recent_in(element),
                  .by_rule = {},
                  .saved_at = {}};
    for (const auto& [id, saved] : object_in(element, "rules")) {
      auto& rule = source.by_rule[std::string(id)];
      rule.tally = tally_in<Tally>(saved);
      rule.log_lines = saved["log_lines"].get_double().value();
      for (const auto& [entity, subject] : object_in(saved, "entities")) {
        rule.by_entity[std::string(entity)] = {tally_in<Tally>(subject), recent_in(subject)};
      }
    }
    sources_.insert_or_assign(text_in(element, "source"), std::move(source));
    return true;
  } catch (const simdjson::simdjson_error&) {
    return false;
  }
}

UsualShares::Changes UsualShares::take_changes(TimePoint now) {
  Changes changes;
  std::erase_if(changed_, [&](const std::string& name) {
    auto& source = sources_.at(name);
    if (source.saved_at && now >= *source.saved_at && now < *source.saved_at + saved_every) return false;
    source.saved_at = now;
    changes.changed.emplace_back(id_of(name), to_json(name, source));
    return true;
  });
  std::swap(changes.ended, ended_);
  // One that was forgotten and is read again is there.
  std::erase_if(changes.ended, [&](const std::string& id) {
    return std::any_of(sources_.begin(), sources_.end(), [&](const auto& source) { return id_of(source.first) == id; });
  });
  return changes;
}

void UsualShares::drop_changes() {
  changed_.clear();
  ended_.clear();
}

std::vector<std::pair<std::string, std::string>> UsualShares::saved() const {
  std::vector<std::pair<std::string, std::string>> all;
  for (const auto& [name, source] : sources_) all.emplace_back(id_of(name), to_json(name, source));
  return all;
}

}  // namespace triaged::diagnosis
