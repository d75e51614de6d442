#include "cli/commands.hpp"
#include "cli/report_problems.hpp"
#include "config/loaded.hpp"

namespace triaged::cli {

std::optional<store::StateFolder> StateChoice::chosen() const {
  if (folder) return store::StateFolder(*folder);
  Problems problems;
  auto named = config::state_folder(configuration, problems);
  if (!named) print_problems(problems);
  return named;
}

}  // namespace triaged::cli
