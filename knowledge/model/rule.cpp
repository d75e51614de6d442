#include "knowledge/model/rule.hpp"

#include <algorithm>

namespace triaged::knowledge {

bool reads(const Match& match, formats::Format format) {
  return match.formats.empty() ||
         std::ranges::any_of(match.formats, [&](formats::Format named) { return covers(named, format); });
}

bool Rule::is_raised_by_client() const {
  return !matches.empty() && std::ranges::all_of(matches, &Match::is_raised_by_client);
}

RuleSet::RuleSet(std::vector<Rule> rules) : rules_(std::move(rules)) {
  for (std::size_t i = 0; i < rules_.size(); ++i) by_id_.emplace(rules_[i].id, i);
}

const Rule* RuleSet::find(std::string_view id) const {
  const auto found = by_id_.find(id);
  return found == by_id_.end() ? nullptr : &rules_[found->second];
}

}  // namespace triaged::knowledge
