#include "cli/report_problems.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include <fmt/format.h>
#include <unistd.h>

#include "values/json_writer.hpp"

namespace triaged::cli {

void print_problems(const Problems& problems) {
  const bool colour = shows_colour(STDERR_FILENO);
  for (const auto& problem : problems) {
    const char* start = problem.level == ProblemLevel::error     ? "\033[31m"
                        : problem.level == ProblemLevel::warning ? "\033[33m"
                                                                 : "\033[2m";
    fmt::print(stderr, "{}{}{}\n", colour ? start : "", to_text(problem), colour ? "\033[0m" : "");
    if (!problem.suggestion.empty()) fmt::print(stderr, "  {}\n", problem.suggestion);
  }
}

void print_problems_as_json(const Problems& problems) {
  for (const auto& problem : problems) {
    JsonWriter json;
    json.begin_object();
    json.key("gravity").text(name_of(problem.level));
    json.key("file").text(problem.file);
    json.key("message").text(problem.message);
    if (problem.line != 0) {
      json.key("line").whole(problem.line);
      json.key("column").whole(problem.column);
    }
    if (!problem.excerpt.empty()) json.key("excerpt").text(problem.excerpt);
    if (!problem.suggestion.empty()) json.key("suggestion").text(problem.suggestion);
    json.end_object();
    fmt::print("{}\n", json.json());
  }
}

std::string count_of(const Problems& problems) {
  const auto count = [&](ProblemLevel level) {
    const auto found =
        std::count_if(problems.begin(), problems.end(), [&](const Problem& problem) { return problem.level == level; });
    return fmt::format("{} {}{}", found, name_of(level), found == 1 ? "" : "s");
  };
  const bool has_notes = std::any_of(problems.begin(), problems.end(),
                                     [](const Problem& problem) { return problem.level == ProblemLevel::note; });
  return fmt::format("{}, {}{}", count(ProblemLevel::error), count(ProblemLevel::warning),
                     has_notes ? ", " + count(ProblemLevel::note) : "");
}

bool shows_colour(int descriptor) {
  const char* terminal = std::getenv("TERM");
  const char* no_colour = std::getenv("NO_COLOR");
  return ::isatty(descriptor) == 1 && (no_colour == nullptr || *no_colour == '\0') &&
         (terminal == nullptr || std::string_view(terminal) != "dumb");
}

}  // namespace triaged::cli
