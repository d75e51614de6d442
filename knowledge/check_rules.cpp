#include "knowledge/check_rules.hpp"

#include <algorithm>
#include <unordered_map>

#include <fmt/format.h>

namespace triaged::knowledge {

namespace {

Problem problem_in(ProblemLevel level, const RulePlace& place, std::string message, std::string excerpt) {
  return {level, place.file, place.line, place.column, std::move(message), std::move(excerpt)};
}

class ReferenceCheck {
 public:
  ReferenceCheck(const RuleSet& rules, Problems& problems) : rules_(rules), problems_(problems) {
    for (const auto& rule : rules.rules()) ids_.push_back(rule.id);
  }

  void check(const Rule& rule) {
    for (const auto* transitions : {&rule.leads_to, &rule.preceded_by, &rule.confused_with}) {
      for (const auto& transition : *transitions) check(transition.rule, transition.place, "transition");
    }
    for (const auto& cause : rule.causes) {
      for (const auto* terms : {&cause.supported_by, &cause.refuted_by}) {
        for (const auto& term : *terms) check(term.symptom, term.place, "evidence");
      }
    }
  }

 private:
  void check(const std::string& id, const RulePlace& place, std::string_view what) {
    if (id.empty() || rules_.find(id) != nullptr) return;
    problems_.push_back(
        problem_in(ProblemLevel::warning, place,
                   fmt::format("{} names rule '{}', which is not loaded{}", what, id, suggestion_for(id, ids_)), ""));
  }

  const RuleSet& rules_;
  Problems& problems_;
  std::vector<std::string_view> ids_;
};

}  // namespace

void drop_repeated_ids(std::vector<Rule>& rules, Problems& problems) {
  std::unordered_map<std::string, RulePlace> first;
  std::vector<Rule> kept;
  kept.reserve(rules.size());
  for (auto& rule : rules) {
    const auto [found, is_new] = first.try_emplace(rule.id, rule.place);
    if (is_new) {
      kept.push_back(std::move(rule));
      continue;
    }
    const auto& other = found->second;
    problems.push_back(problem_in(
        ProblemLevel::error, rule.place,
        fmt::format("rule id '{}' is already taken by {}:{}:{}", rule.id, other.file, other.line, other.column), ""));
  }
  rules = std::move(kept);
}

void check_references(const RuleSet& rules, Problems& problems) {
  ReferenceCheck check(rules, problems);
  for (const auto& rule : rules.rules()) check.check(rule);
}

}  // namespace triaged::knowledge
