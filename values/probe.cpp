#include "values/probe.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/problem.hpp"

namespace triaged::inline values {

namespace {

constexpr std::array probes = {
    Probe{"listening", ProbeKind::listener, "a process listens at {upstream}"},
    Probe{"not-listening", ProbeKind::listener, "nobody listens at {upstream}, an address of this host"},
    Probe{"process-alive", ProbeKind::process, "the process runs since before the incident"},
    Probe{"process-gone", ProbeKind::process, "there is no such process any more"},
    Probe{"process-restarted", ProbeKind::process, "who listens at {upstream} was started after the incident began"},
    Probe{"kernel-oom-record", ProbeKind::memory,
          "the kernel killed for want of memory around the time of the incident"},
    Probe{"no-kernel-oom-record", ProbeKind::memory,
          "the kernel did not kill for want of memory since the incident began"},
    Probe{"address-configured", ProbeKind::configuration, "{upstream} stands in the running proxy's configuration"},
    Probe{"address-not-configured", ProbeKind::configuration,
          "{upstream} no longer stands in the proxy's configuration"},
    Probe{"name-resolves", ProbeKind::name, "the name that did not resolve does now"},
    Probe{"name-does-not-resolve", ProbeKind::name, "the name still does not resolve on this host"},
    Probe{"filesystem-full", ProbeKind::file_system, "a local file system has no room or no inodes left"},
    Probe{"filesystem-has-room", ProbeKind::file_system, "every local file system has room"},
    Probe{"descriptors-at-limit", ProbeKind::descriptors, "the process has nine tenths of the files open that it may"},
    Probe{"descriptors-below-limit", ProbeKind::descriptors, "the process may open more files"},
    Probe{"certificate-expired", ProbeKind::certificate, "a certificate of the proxy's configuration is out of date"},
    Probe{"certificate-valid", ProbeKind::certificate, "all certificates of the proxy's configuration are in date"},
    Probe{"unit-failed", ProbeKind::unit, "systemd says that the unit has failed"},
    Probe{"unit-active", ProbeKind::unit, "systemd says that the unit is active"},
};

constexpr std::array<std::string_view, probe_kind_count> kind_names = {
    "listener", "process", "memory", "configuration", "name", "file system", "descriptors", "certificate", "unit"};

}  // namespace

std::string_view name_of(ProbeKind kind) { return kind_names.at(static_cast<std::size_t>(kind)); }

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

}  // namespace triaged::inline values
