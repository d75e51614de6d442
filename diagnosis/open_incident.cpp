#include "diagnosis/open_incident.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <numeric>

namespace triaged::diagnosis {

namespace {

constexpr std::size_t most_values = 32;
constexpr std::size_t most_durations = 64;
constexpr std::size_t most_bursts = 16;
constexpr Microseconds shortest_pause = std::chrono::seconds(20);  // between two bursts of failures
constexpr std::size_t longest_value = 256;                         // bytes: what clients write has no end

std::optional<double> number_in(std::string_view text) {
  double number = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failure != std::errc() || end != text.data() + text.size() || !std::isfinite(number)) return std::nullopt;
  return number;
}

/// How long the upstream took, in seconds, as the proxy's log says it.
std::optional<double> duration_of(const Symptom& symptom) {
  if (const auto seconds = number_in(symptom.field("upstream_response_time"))) return seconds;
  if (const auto milliseconds = number_in(symptom.field("time_total"))) return *milliseconds / 1000;
  return std::nullopt;
}

/// An access log says of the request whether its client got an answer as it should be. What a client did wrong or did
/// not wait for (4xx) is not a failure of a server.
void add_request(IncidentStatistics& statistics, const Symptom& symptom, bool was_tried_again) {
  const auto status = number_in(symptom.field("status"));
  if (!status || *status < 100 || *status > 599) return;
  auto place = symptom.source + '\n' + std::to_string(symptom.offset);
  if (place == statistics.last_request) return;
  statistics.last_request = std::move(place);
  if (*status >= 500) statistics.failed_requests.add(symptom.format);
  if (*status < 500 && was_tried_again) ++statistics.hidden;
}

void add_statistics(IncidentStatistics& statistics, const Symptom& symptom) {
  const auto upstream = symptom.field("upstream");
  const auto tries = number_in(symptom.field("upstream_tries")).value_or(1);
  const auto status = number_in(symptom.field("upstream_status")).value_or(0);
  if (tries > 1 && status >= 100 && status < 500) {
    statistics.answering_upstreams.add(upstream);
  } else if (!upstream.empty()) {
    statistics.failing_upstreams.add(upstream);
  }
  if (const auto method = symptom.field("method"); !method.empty()) statistics.methods.add(method);
  if (const auto client = symptom.field("client"); !client.empty()) statistics.clients.add(client);
  if (const auto path = symptom.field("path"); !path.empty()) statistics.paths.add(path);
  add_request(statistics, symptom, tries > 1);
  const auto duration = duration_of(symptom);
  if (duration && statistics.durations.size() < most_durations) statistics.durations.push_back(*duration);
}

struct Dates {
  TimePoint first_seen, last_seen;
  bool is_dated = false;
};

/// A line without a time of its own is dated by its arrival, which stands only until a line says better. REQUIRES:
/// `seen.count` does not count it yet.
template <typename Seen>
void date(Seen& seen, const Dates& by) {
  if (seen.count == 0 || (by.is_dated && !seen.is_dated)) {
    seen.first_seen = by.first_seen;
    seen.last_seen = by.last_seen;
    seen.is_dated = by.is_dated;
  } else if (by.is_dated == seen.is_dated) {
    seen.first_seen = std::min(seen.first_seen, by.first_seen);
    seen.last_seen = std::max(seen.last_seen, by.last_seen);
  }
}

void keep_sample(std::vector<Symptom>& samples, const Symptom& symptom) {
  if (samples.size() >= first_samples + latest_samples) {
    samples.erase(samples.begin() + static_cast<std::ptrdiff_t>(first_samples));
  }
  samples.push_back(symptom);
}

void merge_counts(ValueCounts& into, const ValueCounts& from) {
  for (const auto& [value, count] : from.values) {
    into.add(value);
    const auto found = into.values.find(value);
    (found == into.values.end() ? into.others : found->second) += count - 1;
  }
  into.others += from.others;
}

void keep_latest(std::vector<TimePoint>& bursts) {
  if (bursts.size() > most_bursts)
    bursts.erase(bursts.begin(), bursts.end() - static_cast<std::ptrdiff_t>(most_bursts));
}

void add_bursts(std::vector<TimePoint>& bursts, const std::vector<TimePoint>& others) {
  bursts.insert(bursts.end(), others.begin(), others.end());
  std::ranges::sort(bursts);
  const auto is_same_burst = [](TimePoint a, TimePoint b) { return b < a + shortest_pause; };
  bursts.erase(std::unique(bursts.begin(), bursts.end(), is_same_burst), bursts.end());
  keep_latest(bursts);
}

void merge(Rhythm& into, const Rhythm& from) {
  if (from.failures == 0) return;
  if (into.failures == 0) {
    into = from;
    return;
  }
  const auto between = std::max(from.first - into.last, into.first - from.last);
  into.longest_gap = std::max({into.longest_gap, from.longest_gap, between});
  into.longest_pause = std::max(into.longest_pause, from.longest_pause);
  into.first = std::min(into.first, from.first);
  into.last = std::max(into.last, from.last);
  into.failures += from.failures;
}

}  // namespace

void ValueCounts::add(std::string_view value) {
  value = value.substr(0, longest_value);
  const auto found = values.find(value);
  if (found != values.end()) {
    ++found->second;
  } else if (values.size() < most_values) {
    values.emplace(value, 1);
  } else {
    ++others;
  }
}

std::uint64_t ValueCounts::total() const {
  return std::accumulate(values.begin(), values.end(), others,
                         [](std::uint64_t sum, const auto& entry) { return sum + entry.second; });
}

std::uint64_t IncidentStatistics::failing_requests() const {
  std::uint64_t most = 0;
  for (const auto& [format, requests] : failed_requests.values) most = std::max(most, requests);
  return most;
}

const Observation* OpenIncident::observation_of(std::string_view rule) const {
  const auto found =
      std::find_if(observations.begin(), observations.end(), [&](const Observation& o) { return o.rule == rule; });
  return found == observations.end() ? nullptr : &*found;
}

Observation* OpenIncident::observation_for(std::string_view rule, const Entity& about) {
  for (auto& observation : observations) {
    if (observation.rule == rule && observation.entity == about) return &observation;
  }
  if (observations.size() >= most_observations) return nullptr;
  observations.push_back(Observation{.rule = std::string(rule), .entity = about});
  return &observations.back();
}

Remembered add_symptom(OpenIncident& incident, const Symptom& symptom, const Entity& entity) {
  date(incident, {.first_seen = symptom.at, .last_seen = symptom.at, .is_dated = symptom.has_own_time});
  ++incident.count;
  if (incident.host.empty()) incident.host = symptom.host;
  add_statistics(incident.statistics, symptom);
  auto* observation = incident.observation_for(symptom.rule, entity);
  if (observation == nullptr) {
    ++incident.unkept_observations;
    return Remembered::as_count;
  }
  const bool is_new = observation->count == 0;
  date(*observation, {.first_seen = symptom.at, .last_seen = symptom.at, .is_dated = symptom.has_own_time});
  ++observation->count;
  keep_sample(observation->samples, symptom);
  return is_new ? Remembered::as_new : Remembered::with_others;
}

void note_failure(OpenIncident& incident, TimePoint at) {
  auto& rhythm = incident.rhythm;
  auto& bursts = incident.statistics.bursts;
  if (rhythm.failures == 0 || at >= rhythm.last + shortest_pause) bursts.push_back(at);
  keep_latest(bursts);
  if (rhythm.failures++ == 0) {
    rhythm.first = rhythm.last = at;
    return;
  }
  rhythm.longest_gap = std::max({rhythm.longest_gap, at - rhythm.last, rhythm.first - at});
  rhythm.first = std::min(rhythm.first, at);
  rhythm.last = std::max(rhythm.last, at);
}

void recur(OpenIncident& incident, const OpenIncident& earlier) {
  incident.id = earlier.id;
  incident.key = earlier.key;
  incident.reports = earlier.reports;
  incident.is_told = earlier.is_told;
  incident.reported_cause = earlier.reported_cause;
  incident.reported_severity = earlier.reported_severity;
  incident.has_news = incident.has_news || earlier.has_news;
  incident.reported_news = earlier.reported_news;
  incident.recurred = earlier.recurred + 1;
  incident.earlier_count = earlier.earlier_count + earlier.count;
  incident.began = earlier.recurred > 0 ? earlier.began : earlier.first_seen;
  const auto pause = incident.rhythm.first - earlier.rhythm.last;
  incident.rhythm.longest_pause = std::max(earlier.rhythm.longest_pause, pause);
  add_bursts(incident.statistics.bursts, earlier.statistics.bursts);
  for (auto& answer : incident.answers) answer.incident = incident.id;
}

bool add_answer(OpenIncident& incident, ProbeAnswer answer) {
  for (auto& known : incident.answers) {
    if (known.kind != answer.kind || known.subject != answer.subject) continue;
    const bool is_other = known.finding != answer.finding;
    known = std::move(answer);
    return is_other;
  }
  if (incident.answers.size() >= most_answers) return false;
  incident.answers.push_back(std::move(answer));
  return true;
}

void merge(OpenIncident& incident, OpenIncident&& other) {
  merge(incident.rhythm, other.rhythm);
  date(incident, {.first_seen = other.first_seen, .last_seen = other.last_seen, .is_dated = other.is_dated});
  incident.active_until = std::max(incident.active_until, other.active_until);
  incident.count += other.count;
  incident.severity = std::max(incident.severity, other.severity);
  incident.has_news = incident.has_news || other.has_news;
  incident.unkept_observations += other.unkept_observations;
  if (incident.host.empty()) incident.host = other.host;
  if (incident.place.empty()) incident.place = other.place;
  for (auto& from : other.observations) {
    auto* into = incident.observation_for(from.rule, from.entity);
    if (into == nullptr) {
      incident.unkept_observations += from.count;
    } else if (into->count == 0) {
      *into = std::move(from);
    } else {
      date(*into, {.first_seen = from.first_seen, .last_seen = from.last_seen, .is_dated = from.is_dated});
      into->count += from.count;
      into->everyday += from.everyday;
      if (!into->usual) into->usual = from.usual;
      for (const auto& sample : from.samples) keep_sample(into->samples, sample);
    }
  }
  for (auto& answer : other.answers) {
    const auto is_newer = [&](const ProbeAnswer& known) {
      return known.kind == answer.kind && known.subject == answer.subject && known.at >= answer.at;
    };
    if (std::any_of(incident.answers.begin(), incident.answers.end(), is_newer)) continue;
    answer.incident = incident.id;
    add_answer(incident, std::move(answer));
  }
  merge_counts(incident.statistics.failing_upstreams, other.statistics.failing_upstreams);
  merge_counts(incident.statistics.answering_upstreams, other.statistics.answering_upstreams);
  merge_counts(incident.statistics.methods, other.statistics.methods);
  merge_counts(incident.statistics.paths, other.statistics.paths);
  merge_counts(incident.statistics.clients, other.statistics.clients);
  merge_counts(incident.statistics.failed_requests, other.statistics.failed_requests);
  incident.statistics.hidden += other.statistics.hidden;
  add_bursts(incident.statistics.bursts, other.statistics.bursts);
  for (const double duration : other.statistics.durations) {
    if (incident.statistics.durations.size() < most_durations) incident.statistics.durations.push_back(duration);
  }
}

}  // namespace triaged::diagnosis
