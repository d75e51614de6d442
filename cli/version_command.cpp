#include <fmt/format.h>

#include "cli/commands.hpp"

namespace triaged::cli {

int version_command() {
  fmt::print("triaged {}\n", TRIAGED_VERSION);
  return exit_done;
}

}  // namespace triaged::cli
