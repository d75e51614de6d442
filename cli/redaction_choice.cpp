#include <algorithm>

#include "cli/commands.hpp"
#include "cli/report_problems.hpp"
#include "config/loaded.hpp"

namespace triaged::cli {

std::shared_ptr<const formats::Redactor> RedactionChoice::load(bool is_quiet) const {
  if (is_off) return formats::no_redactor();
  Problems problems;
  const auto options = config::redaction_at(configuration, problems);
  std::erase_if(problems, [&](const Problem& p) { return is_quiet && p.level == ProblemLevel::warning; });
  print_problems(problems);
  if (has_errors(problems)) return nullptr;
  return std::make_shared<const formats::Redactor>(options);
}

}  // namespace triaged::cli
