#include "diagnosis/patterns.hpp"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

namespace triaged::diagnosis {

namespace {

constexpr std::uint64_t enough_to_generalise = 3;

using Shown = std::optional<std::string>;

Shown one_of_many_upstreams(const OpenIncident& incident) {
  const auto& failing = incident.statistics.failing_upstreams;
  auto answering = incident.statistics.answering_upstreams.values;
  for (const auto& [upstream, count] : failing.values) answering.erase(upstream);
  if (failing.values.size() != 1 || failing.others != 0 || answering.empty()) return std::nullopt;
  return fmt::format("only {} fails; {} answered the retries", failing.values.begin()->first, answering.begin()->first);
}

Shown many_upstreams_fail(const OpenIncident& incident) {
  const auto failing = incident.statistics.failing_upstreams.values.size();
  if (failing < 2) return std::nullopt;
  return fmt::format("{} upstream addresses fail", failing);
}

Shown constant_duration(const OpenIncident& incident) {
  const auto& durations = incident.statistics.durations;
  if (durations.size() < enough_to_generalise) return std::nullopt;
  const auto [shortest, longest] = std::minmax_element(durations.begin(), durations.end());
  if (*shortest < 0.5 || *longest > *shortest * 1.1) return std::nullopt;
  return fmt::format("every failing request took about the same time ({:.1f} s)", *shortest);
}

Shown only_post(const OpenIncident& incident) {
  const auto& methods = incident.statistics.methods;
  if (methods.total() < enough_to_generalise || methods.values.size() != 1 || methods.others != 0) return std::nullopt;
  if (methods.values.begin()->first != "POST") return std::nullopt;
  return fmt::format("all {} failing requests are POST", methods.total());
}

Shown one_path(const OpenIncident& incident) {
  const auto& paths = incident.statistics.paths;
  if (paths.total() < enough_to_generalise || paths.values.size() != 1 || paths.others != 0) return std::nullopt;
  return fmt::format("all {} failing requests are for {}", paths.total(), paths.values.begin()->first);
}

Shown many_paths(const OpenIncident& incident) {
  const auto different = incident.statistics.paths.values.size();
  if (different < enough_to_generalise) return std::nullopt;
  return fmt::format("requests for {} different paths fail", different);
}

/// How many requests at a time the observations of saturation in logs of `format` saw at most; 0: none of them did.
std::uint64_t places_seen(const OpenIncident& incident, std::string_view format) {
  std::uint64_t places = 0;
  for (const auto& observation : incident.observations) {
    for (const auto& sample : observation.samples) {
      const auto text = sample.field("places");
      std::uint64_t number = 0;
      if (sample.format != format) continue;
      if (std::from_chars(text.data(), text.data() + text.size(), number).ec == std::errc()) {
        places = std::max(places, number);
      }
    }
  }
  return places;
}

Shown fewer_places_behind(const OpenIncident& incident) {
  const auto front = places_seen(incident, "haproxy.http"), behind = places_seen(incident, "gunicorn.access");
  if (behind == 0 || behind >= front) return std::nullopt;
  return fmt::format("{} requests at a time in front, but never more than {} behind", front, behind);
}

Shown same_places_behind(const OpenIncident& incident) {
  const auto front = places_seen(incident, "haproxy.http"), behind = places_seen(incident, "gunicorn.access");
  if (behind == 0 || behind < front) return std::nullopt;
  return fmt::format("{} requests at a time, in front as behind", front);
}

struct Pattern {
  std::string_view name;
  Shown (*shown)(const OpenIncident&);
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
};

}  // namespace

std::optional<std::string> pattern_shown(std::string_view name, const OpenIncident& incident) {
  for (const auto& pattern : patterns) {
    if (pattern.name == name) return pattern.shown(incident);
  }
  return std::nullopt;
}

const std::vector<std::string_view>& known_patterns() {
  static const std::vector<std::string_view> names = [] {
    std::vector<std::string_view> all;
    for (const auto& pattern : patterns) all.push_back(pattern.name);
    return all;
  }();
  return names;
}

}  // namespace triaged::diagnosis
