// Which rule's failure leads to which: the transitions of all rules as one graph, both ways, looked up by rule id.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/time.hpp"
#include "knowledge/model/rule.hpp"

namespace triaged::diagnosis {

struct RuleLink {
  std::string_view rule;  // the other rule
  Microseconds within{0};
  bool is_effect = false;  // true: the other rule is what this one leads to
};

/// Immutable; `rules` must outlive it.
class RuleGraph {
 public:
  explicit RuleGraph(const knowledge::RuleSet& rules);

  /// Links of `rule` in both directions; empty for a rule without any.
  [[nodiscard]] const std::vector<RuleLink>& links_of(std::string_view rule) const;
  /// True when `cause` leads to `effect` directly.
  [[nodiscard]] bool leads_to(std::string_view cause, std::string_view effect) const;

 private:
  void add(std::string_view cause, std::string_view effect, Microseconds within);

  std::unordered_map<std::string_view, std::vector<RuleLink>> links_;
};

}  // namespace triaged::diagnosis
