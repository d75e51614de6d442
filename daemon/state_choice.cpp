#include "daemon/commands.hpp"
#include "daemon/loaded.hpp"
#include "daemon/report_problems.hpp"

namespace triaged {

std::optional<StateFolder> StateChoice::chosen() const {
  if (folder) return StateFolder(*folder);
  Problems problems;
  auto named = state_folder(configuration, problems);
  if (!named) print_problems(problems);
  return named;
}

}  // namespace triaged
