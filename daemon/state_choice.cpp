#include "daemon/commands.hpp"
#include "daemon/loaded.hpp"
#include "daemon/report_problems.hpp"

namespace triaged {

std::optional<std::filesystem::path> StateChoice::path() const {
  if (folder) return folder;
  Problems problems;
  auto named = state_folder(configuration, problems);
  if (!named) print_problems(problems);
  return named;
}

}  // namespace triaged
