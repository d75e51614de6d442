#include "probes/look.hpp"

#include <algorithm>

#include "probes/looks.hpp"

namespace triaged {

namespace {

struct Looker {
  Look look;
  Finding (*find)(const ProbeQuestion&, const std::filesystem::path&);
};

constexpr Looker lookers[] = {
    {Look::listener, look_for_listener},
    {Look::process, look_at_process},
};

}  // namespace

Finding look_at_host(const ProbeQuestion& question, const std::filesystem::path& root) {
  const auto* const found = std::find_if(std::begin(lookers), std::end(lookers),
                                         [&](const Looker& looker) { return looker.look == question.look; });
  return found == std::end(lookers) ? unknown_because("nobody knows how to look") : found->find(question, root);
}

}  // namespace triaged
