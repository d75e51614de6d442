#include "probes/probe_host.hpp"

#include <algorithm>

#include "probes/oom_watch.hpp"
#include "probes/probe_kinds.hpp"

namespace triaged::probes {

namespace {

/// A first read of the count can only prove that nothing was ever killed.
Finding probe_memory(const ProbeQuestion& question, const std::filesystem::path& root) {
  OomWatch watch(root);
  watch.check(TimePoint::max());
  return watch.answer(question);
}

struct KindOfProbe {
  ProbeKind kind;
  Finding (*find)(const ProbeQuestion&, const std::filesystem::path&);
};

constexpr KindOfProbe kinds[] = {
    {ProbeKind::listener, probe_listener},
    {ProbeKind::process, probe_process},
    {ProbeKind::memory, probe_memory},
    {ProbeKind::configuration, probe_configuration},
    {ProbeKind::name, probe_name},
    {ProbeKind::file_system, probe_file_systems},
    {ProbeKind::descriptors, probe_descriptors},
    {ProbeKind::certificate, probe_certificates},
    {ProbeKind::unit, probe_unit},
};

}  // namespace

Finding probe_host(const ProbeQuestion& question, const std::filesystem::path& root) {
  const auto* const found = std::find_if(std::begin(kinds), std::end(kinds),
                                         [&](const KindOfProbe& each) { return each.kind == question.kind; });
  return found == std::end(kinds) ? unknown_because("there is no such probe") : found->find(question, root);
}

}  // namespace triaged::probes
