#include "daemon/report_problems.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include <fmt/format.h>
#include <unistd.h>

namespace triaged {

void print_problems(const Problems& problems) {
  const bool colour = shows_colour(STDERR_FILENO);
  for (const auto& problem : problems) {
    const char* start = problem.gravity == Gravity::error ? "\033[31m" : "\033[33m";
    fmt::print(stderr, "{}{}{}\n", colour ? start : "", to_text(problem), colour ? "\033[0m" : "");
  }
}

std::string count_of(const Problems& problems) {
  const auto errors = std::count_if(problems.begin(), problems.end(),
                                    [](const Problem& problem) { return problem.gravity == Gravity::error; });
  const auto warnings = static_cast<std::ptrdiff_t>(problems.size()) - errors;
  return fmt::format("{} error{}, {} warning{}", errors, errors == 1 ? "" : "s", warnings, warnings == 1 ? "" : "s");
}

bool shows_colour(int descriptor) {
  const char* terminal = std::getenv("TERM");
  const char* no_colour = std::getenv("NO_COLOR");
  return ::isatty(descriptor) == 1 && (no_colour == nullptr || *no_colour == '\0') &&
         (terminal == nullptr || std::string_view(terminal) != "dumb");
}

}  // namespace triaged
