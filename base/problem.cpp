#include "base/problem.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace triaged::inline base {

namespace {

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t above = row[j];
      row[j] = std::min({row[j - 1] + 1, above + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1)});
      diagonal = above;
    }
  }
  return row[b.size()];
}

}  // namespace

std::string_view name_of(ProblemLevel level) {
  switch (level) {
    case ProblemLevel::note:
      return "note";
    case ProblemLevel::warning:
      return "warning";
    case ProblemLevel::error:
      break;
  }
  return "error";
}

std::string to_text(const Problem& problem) {
  std::string where = problem.file.empty() ? "-" : problem.file;
  if (problem.line != 0) where += fmt::format(":{}:{}", problem.line, problem.column);
  std::string text = fmt::format("{}: {}: {}", where, name_of(problem.level), problem.message);
  if (!problem.excerpt.empty()) text += fmt::format(" ({})", problem.excerpt);
  return text;
}

bool has_errors(const Problems& problems) {
  return std::any_of(problems.begin(), problems.end(), [](const Problem& p) { return p.level == ProblemLevel::error; });
}

std::string suggestion_for(std::string_view word, const std::vector<std::string_view>& known) {
  std::string_view best;
  std::size_t best_distance = 3;
  for (const auto candidate : known) {
    const auto [shorter, longer] = std::minmax({word.size(), candidate.size()});
    if (longer - shorter >= best_distance) continue;  // also keeps a long text from costing time
    const auto distance = edit_distance(word, candidate);
    if (distance < best_distance && distance < candidate.size()) {
      best = candidate;
      best_distance = distance;
    }
  }
  return best.empty() ? std::string() : fmt::format("; did you mean '{}'?", best);
}

std::string nearest_or_choices(std::string_view word, const std::vector<std::string_view>& known) {
  auto nearest = suggestion_for(word, known);
  if (!nearest.empty() || known.empty()) return nearest;
  if (known.size() == 1) return fmt::format("; there is: {}", known.front());
  return fmt::format("; there are: {} and {}", fmt::join(known.begin(), known.end() - 1, ", "), known.back());
}

}  // namespace triaged::inline base
