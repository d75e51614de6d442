#include "daemon/report_problems.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include <boost/json.hpp>
#include <fmt/format.h>
#include <unistd.h>

#include "base/utf8.hpp"

namespace triaged {

void print_problems(const Problems& problems) {
  const bool colour = shows_colour(STDERR_FILENO);
  for (const auto& problem : problems) {
    const char* start = problem.gravity == Gravity::error     ? "\033[31m"
                        : problem.gravity == Gravity::warning ? "\033[33m"
                                                              : "\033[2m";
    fmt::print(stderr, "{}{}{}\n", colour ? start : "", to_text(problem), colour ? "\033[0m" : "");
    if (!problem.suggestion.empty()) fmt::print(stderr, "  {}\n", problem.suggestion);
  }
}

void print_problems_as_json(const Problems& problems) {
  for (const auto& problem : problems) {
    boost::json::object object{{"gravity", name_of(problem.gravity)},
                               {"file", to_valid_utf8(problem.file)},
                               {"message", to_valid_utf8(problem.message)}};
    if (problem.line != 0) {
      object["line"] = problem.line;
      object["column"] = problem.column;
    }
    if (!problem.excerpt.empty()) object["excerpt"] = to_valid_utf8(problem.excerpt);
    if (!problem.suggestion.empty()) object["suggestion"] = problem.suggestion;
    fmt::print("{}\n", boost::json::serialize(object));
  }
}

std::string count_of(const Problems& problems) {
  const auto count = [&](Gravity gravity) {
    const auto found = std::count_if(problems.begin(), problems.end(),
                                     [&](const Problem& problem) { return problem.gravity == gravity; });
    return fmt::format("{} {}{}", found, name_of(gravity), found == 1 ? "" : "s");
  };
  const bool has_notes = std::any_of(problems.begin(), problems.end(),
                                     [](const Problem& problem) { return problem.gravity == Gravity::note; });
  return fmt::format("{}, {}{}", count(Gravity::error), count(Gravity::warning),
                     has_notes ? ", " + count(Gravity::note) : "");
}

bool shows_colour(int descriptor) {
  const char* terminal = std::getenv("TERM");
  const char* no_colour = std::getenv("NO_COLOR");
  return ::isatty(descriptor) == 1 && (no_colour == nullptr || *no_colour == '\0') &&
         (terminal == nullptr || std::string_view(terminal) != "dumb");
}

}  // namespace triaged
