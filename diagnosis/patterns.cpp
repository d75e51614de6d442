#include "diagnosis/patterns.hpp"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "knowledge/model/pattern_names.hpp"

namespace triaged::diagnosis {

namespace {

constexpr std::uint64_t enough_to_generalise = 3;
constexpr std::uint64_t enough_to_tell_a_share = 5;
constexpr std::uint64_t few_among = 20;  // so many good answers for each failure
constexpr std::size_t enough_for_a_rhythm = 4;
constexpr Microseconds soon = std::chrono::seconds(30), long_enough_to_succeed = std::chrono::seconds(30);

using Shown = std::optional<std::string>;

std::optional<std::uint64_t> number_in(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failure != std::errc()) return std::nullopt;
  return number;
}

Shown one_of_many_upstreams(const OpenIncident& incident, const GoodAnswers& /*answers*/) {
  const auto& failing = incident.statistics.failing_upstreams;
  auto answering = incident.statistics.answering_upstreams.values;
  for (const auto& [upstream, count] : failing.values) answering.erase(upstream);
  if (failing.values.size() != 1 || failing.others != 0 || answering.empty()) return std::nullopt;
  return fmt::format("only {} fails; {} answered the retries", failing.values.begin()->first, answering.begin()->first);
}

Shown many_upstreams_fail(const OpenIncident& incident, const GoodAnswers& /*answers*/) {
  const auto failing = incident.statistics.failing_upstreams.values.size();
  if (failing < 2) return std::nullopt;
  return fmt::format("{} upstream addresses fail", failing);
}

Shown constant_duration(const OpenIncident& incident, const GoodAnswers& /*answers*/) {
  const auto& durations = incident.statistics.durations;
  if (durations.size() < enough_to_generalise) return std::nullopt;
  const auto [shortest, longest] = std::minmax_element(durations.begin(), durations.end());
  if (*shortest < 0.5 || *longest > *shortest * 1.1) return std::nullopt;
  return fmt::format("every failing request took about the same time ({:.1f} s)", *shortest);
}

Shown only_post(const OpenIncident& incident, const GoodAnswers& /*answers*/) {
  const auto& methods = incident.statistics.methods;
  if (methods.total() < enough_to_generalise || methods.values.size() != 1 || methods.others != 0) return std::nullopt;
  if (methods.values.begin()->first != "POST") return std::nullopt;
  return fmt::format("all {} failing requests are POST", methods.total());
}

Shown one_path(const OpenIncident& incident, const GoodAnswers& /*answers*/) {
  const auto& paths = incident.statistics.paths;
  if (paths.total() < enough_to_generalise || paths.values.size() != 1 || paths.others != 0) return std::nullopt;
  return fmt::format("all {} failing requests are for {}", paths.total(), paths.values.begin()->first);
}

Shown many_paths(const OpenIncident& incident, const GoodAnswers& /*answers*/) {
  const auto different = incident.statistics.paths.values.size();
  if (different < enough_to_generalise) return std::nullopt;
  return fmt::format("requests for {} different paths fail", different);
}

std::string seconds_text(Microseconds length) {
  return fmt::format("{:.0f} s", std::chrono::duration<double>(length).count());
}

/// Of what the incident is about: an address, a server, or all servers that write these logs.
std::string whose(const OpenIncident& incident, const GoodAnswers& answers) {
  return answers.are_named && !incident.entity.value.empty() ? incident.entity.value : "the server";
}

Shown all_requests_fail(const OpenIncident& incident, const GoodAnswers& answers) {
  const auto failing = incident.statistics.failing_requests();
  if (failing < enough_to_tell_a_share || answers.meanwhile > 0 || answers.is_partial) return std::nullopt;
  return fmt::format("all {} requests failed from the first failure to the last", failing);
}

/// Where nobody names who answered, the good answers may be those of other servers.
Shown few_requests_fail(const OpenIncident& incident, const GoodAnswers& answers) {
  const auto failing = incident.statistics.failing_requests();
  const bool is_known = answers.are_named && !answers.is_partial;
  if (failing == 0 || !is_known || answers.meanwhile < few_among * failing) return std::nullopt;
  return fmt::format("{} of {} requests failed", failing, failing + answers.meanwhile);
}

/// A server that was read of for a while: one that fails at the first line of its log says nothing of the time before.
Shown never_succeeded(const OpenIncident& incident, const GoodAnswers& answers) {
  const auto& rhythm = incident.rhythm;
  if (incident.statistics.failing_requests() < enough_to_generalise || !answers.is_none()) return std::nullopt;
  if (answers.is_partial || rhythm.last - rhythm.first < long_enough_to_succeed) return std::nullopt;
  return fmt::format("{} answered no request as it should, neither before nor in {}", whose(incident, answers),
                     seconds_text(rhythm.last - rhythm.first));
}

Shown others_answer(const OpenIncident& /*incident*/, const GoodAnswers& answers) {
  if (answers.by_others < enough_to_generalise) return std::nullopt;
  return fmt::format("other servers answered {} requests meanwhile, {} among them", answers.by_others, answers.other);
}

Shown recovered_soon(const OpenIncident& incident, const GoodAnswers& answers) {
  const auto lasted = incident.rhythm.last - incident.rhythm.first;
  if (lasted > soon || !answers.are_named || answers.since < enough_to_generalise) return std::nullopt;
  return fmt::format("it was over after {}: {} requests were answered since", seconds_text(lasted), answers.since);
}

Shown lasted_long(const OpenIncident& incident, const GoodAnswers& /*answers*/) {
  const auto lasted = incident.rhythm.last - incident.rhythm.first;
  if (lasted <= soon) return std::nullopt;
  return fmt::format("it failed for {}", seconds_text(lasted));
}

/// Whoever failed, or servers of its tier, went on answering: what failed is the request, and the process lives.
Shown answers_meanwhile(const OpenIncident& incident, const GoodAnswers& answers) {
  if (incident.statistics.failing_requests() == 0 || answers.meanwhile < enough_to_tell_a_share) return std::nullopt;
  return fmt::format("{} other requests were answered meanwhile", answers.meanwhile);
}

/// Bursts of failures that begin at the same distance: a timer is behind them.
Shown regular_intervals(const OpenIncident& incident, const GoodAnswers& /*answers*/) {
  const auto& bursts = incident.statistics.bursts;
  if (bursts.size() < enough_for_a_rhythm) return std::nullopt;
  auto shortest = Microseconds::max(), longest = Microseconds::min();
  for (std::size_t i = 1; i < bursts.size(); ++i) {
    shortest = std::min<Microseconds>(shortest, bursts[i] - bursts[i - 1]);
    longest = std::max<Microseconds>(longest, bursts[i] - bursts[i - 1]);
  }
  if (longest - shortest > std::max<Microseconds>(shortest / 10, std::chrono::seconds(2))) return std::nullopt;
  return fmt::format("it came {} times, every {}", bursts.size(), seconds_text((shortest + longest) / 2));
}

/// What the latest line that counts a backend's servers says.
std::optional<std::uint64_t> servers_left(const OpenIncident& incident) {
  const Symptom* latest = nullptr;
  for (const auto& observation : incident.observations) {
    for (const auto& sample : observation.samples) {
      if (sample.field("active_left").empty()) continue;
      if (latest == nullptr || sample.at >= latest->at) latest = &sample;
    }
  }
  if (latest == nullptr) return std::nullopt;
  const auto active = number_in(latest->field("active_left")), backup = number_in(latest->field("backup_left"));
  if (!active || !backup) return std::nullopt;
  return *active + *backup;
}

Shown some_servers_left(const OpenIncident& incident, const GoodAnswers& /*answers*/) {
  const auto left = servers_left(incident);
  if (left.value_or(0) == 0) return std::nullopt;
  return fmt::format("{} of the backend's servers {} left", *left, *left == 1 ? "is" : "are");
}

Shown no_servers_left(const OpenIncident& incident, const GoodAnswers& /*answers*/) {
  if (servers_left(incident) != 0) return std::nullopt;
  return "no server of the backend is left";
}

/// Behind a proxy all requests come from one address, and it is no client's.
bool is_private(std::string_view address) {
  for (const std::string_view start : {"127.", "10.", "192.168.", "169.254.", "::1", "fc", "fd", "fe80:", "unix:"}) {
    if (address.starts_with(start)) return true;
  }
  const auto second = address.starts_with("172.") ? number_in(address.substr(4)) : std::nullopt;
  return second && *second >= 16 && *second <= 31;
}

Shown one_client(const OpenIncident& incident, const GoodAnswers& /*answers*/) {
  const auto& clients = incident.statistics.clients;
  if (clients.total() < enough_to_tell_a_share || clients.values.size() != 1 || clients.others != 0)
    return std::nullopt;
  const auto& client = clients.values.begin()->first;
  if (is_private(client)) return std::nullopt;
  return fmt::format("all {} lines that name a client name {}", clients.total(), client);
}

Shown many_clients(const OpenIncident& incident, const GoodAnswers& /*answers*/) {
  const auto different = incident.statistics.clients.values.size();
  if (different < enough_to_generalise) return std::nullopt;
  return fmt::format("lines of {} different clients", different);
}

/// How many requests at a time the observations of saturation in logs of `format` saw at most; 0: none of them did.
std::uint64_t places_seen(const OpenIncident& incident, std::string_view format) {
  std::uint64_t places = 0;
  for (const auto& observation : incident.observations) {
    for (const auto& sample : observation.samples) {
      if (sample.format != format) continue;
      places = std::max(places, number_in(sample.field("places")).value_or(0));
    }
  }
  return places;
}

Shown fewer_places_behind(const OpenIncident& incident, const GoodAnswers& /*answers*/) {
  const auto front = places_seen(incident, "haproxy.http"), behind = places_seen(incident, "gunicorn.access");
  if (behind == 0 || behind >= front) return std::nullopt;
  return fmt::format("{} requests at a time in front, but never more than {} behind", front, behind);
}

Shown same_places_behind(const OpenIncident& incident, const GoodAnswers& /*answers*/) {
  const auto front = places_seen(incident, "haproxy.http"), behind = places_seen(incident, "gunicorn.access");
  if (behind == 0 || behind < front) return std::nullopt;
  return fmt::format("{} requests at a time, in front as behind", front);
}

struct Pattern {
  std::string_view name;
  Shown (*shown)(const OpenIncident&, const GoodAnswers&);
};

constexpr Pattern patterns[] = {
    {"one-of-many-upstreams", one_of_many_upstreams},
    {"many-upstreams-fail", many_upstreams_fail},
    {"constant-duration", constant_duration},
    {"only-post", only_post},
    {"one-path", one_path},
    {"many-paths", many_paths},
    {"fewer-places-behind", fewer_places_behind},
    {"same-places-behind", same_places_behind},
    {"all-requests-fail", all_requests_fail},
    {"few-requests-fail", few_requests_fail},
    {"never-succeeded", never_succeeded},
    {"others-answer", others_answer},
    {"recovered-soon", recovered_soon},
    {"lasted-long", lasted_long},
    {"regular-intervals", regular_intervals},
    {"some-servers-left", some_servers_left},
    {"no-servers-left", no_servers_left},
    {"one-client", one_client},
    {"many-clients", many_clients},
    {"answers-meanwhile", answers_meanwhile},
};

static_assert(std::ranges::equal(patterns, knowledge::pattern_names, {}, &Pattern::name));

}  // namespace

std::optional<std::string> pattern_shown(std::string_view name, const OpenIncident& incident,
                                         const GoodAnswers& answers) {
  for (const auto& pattern : patterns) {
    if (pattern.name == name) return pattern.shown(incident, answers);
  }
  return std::nullopt;
}

}  // namespace triaged::diagnosis
