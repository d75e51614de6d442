#include "cli/commands.hpp"
#include "cli/report_problems.hpp"
#include "config/loaded.hpp"

namespace triaged {

std::optional<StateFolder> StateChoice::chosen() const {
  if (folder) return StateFolder(*folder);
  Problems problems;
  auto named = state_folder(configuration, problems);
  if (!named) print_problems(problems);
  return named;
}

}  // namespace triaged
