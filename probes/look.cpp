#include "probes/look.hpp"

#include <algorithm>

#include "probes/looks.hpp"
#include "probes/oom_watch.hpp"

namespace triaged::probes {

namespace {

/// Who looks for the first time knows of kills only that there were none.
Finding look_once_for_kills(const ProbeQuestion& question, const std::filesystem::path& root) {
  OomWatch watch(root);
  watch.look(TimePoint::max());
  return watch.answer(question);
}

struct Looker {
  Look look;
  Finding (*find)(const ProbeQuestion&, const std::filesystem::path&);
};

constexpr Looker lookers[] = {
    {Look::listener, look_for_listener},
    {Look::process, look_at_process},
    {Look::memory, look_once_for_kills},
    {Look::configuration, look_at_configuration},
    {Look::name, look_up_name},
    {Look::file_system, look_at_file_systems},
    {Look::descriptors, look_at_descriptors},
    {Look::certificate, look_at_certificates},
    {Look::unit, look_at_unit},
};

}  // namespace

Finding look_at_host(const ProbeQuestion& question, const std::filesystem::path& root) {
  const auto* const found = std::find_if(std::begin(lookers), std::end(lookers),
                                         [&](const Looker& looker) { return looker.look == question.look; });
  return found == std::end(lookers) ? unknown_because("there is no such probe") : found->find(question, root);
}

}  // namespace triaged::probes
