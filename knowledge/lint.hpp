// What is allowed in a rule and still not good: `triaged rules lint` prints it. Only findings that need no matching are
// here; whether examples match, near misses do not, and rules overlap is checked where the matcher is at hand.
#pragma once

#include "base/problem.hpp"
#include "knowledge/model/rule.hpp"

namespace triaged::knowledge {

/// All findings are warnings, rule by rule, at the place of the pattern, the evidence or the rule.
[[nodiscard]] Problems lint(const RuleSet& rules);

}  // namespace triaged::knowledge
