#include "diagnosis/rule_graph.hpp"

#include <algorithm>

namespace triaged::diagnosis {

RuleGraph::RuleGraph(const knowledge::RuleSet& rules) {
  for (const auto& rule : rules.rules()) {
    for (const auto& effect : rule.leads_to) {
      if (const auto* other = rules.find(effect.rule)) add(rule.id, other->id, effect.within);
    }
    for (const auto& cause : rule.preceded_by) {
      if (const auto* other = rules.find(cause.rule)) add(other->id, rule.id, cause.within);
    }
  }
}

void RuleGraph::add(std::string_view cause, std::string_view effect, Microseconds within) {
  auto& effects = links_[cause];
  const auto known = std::find_if(effects.begin(), effects.end(),
                                  [&](const RuleLink& link) { return link.is_effect && link.rule == effect; });
  if (known != effects.end()) {
    known->within = std::max(known->within, within);
    for (auto& link : links_[effect]) {
      if (!link.is_effect && link.rule == cause) link.within = known->within;
    }
    return;
  }
  effects.push_back({effect, within, true});
  links_[effect].push_back({cause, within, false});
}

const std::vector<RuleLink>& RuleGraph::links_of(std::string_view rule) const {
  static const std::vector<RuleLink> none;
  const auto found = links_.find(rule);
  return found == links_.end() ? none : found->second;
}

bool RuleGraph::leads_to(std::string_view cause, std::string_view effect) const {
  const auto& links = links_of(cause);
  return std::any_of(links.begin(), links.end(),
                     [&](const RuleLink& link) { return link.is_effect && link.rule == effect; });
}

}  // namespace triaged::diagnosis
