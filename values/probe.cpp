#include "values/probe.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/problem.hpp"

namespace triaged {

namespace {

constexpr std::array probes = {
    Probe{"listening", Look::listener, "a process listens at {upstream}"},
    Probe{"not-listening", Look::listener, "nobody listens at {upstream}, an address of this host"},
    Probe{"process-alive", Look::process, "the process runs since before the incident"},
    Probe{"process-gone", Look::process, "there is no such process any more"},
    Probe{"process-restarted", Look::process, "who listens at {upstream} was started after the incident began"},
};

constexpr std::array<std::string_view, look_count> look_names = {
    "listener", "process", "memory", "configuration", "name", "file system", "descriptors", "certificate", "unit"};

}  // namespace

std::string_view name_of(Look look) { return look_names.at(static_cast<std::size_t>(look)); }

std::span<const Probe> known_probes() { return probes; }

const Probe* probe_named(std::string_view name) {
  const auto* const found =
      std::find_if(probes.begin(), probes.end(), [&](const Probe& probe) { return probe.name == name; });
  return found == probes.end() ? nullptr : found;
}

std::string unknown_probe(std::string_view name) {
  std::vector<std::string_view> names;
  for (const auto& probe : probes) names.push_back(probe.name);
  return fmt::format("there is no probe '{}'{}", name, suggestion_for(name, names));
}

}  // namespace triaged
