// What can only be checked when all files are read: ids that are given twice and references that lead nowhere. Used
// inside knowledge/ only.
#pragma once

#include <vector>

#include "base/problem.hpp"
#include "knowledge/model/rule.hpp"

namespace triaged::knowledge {

/// Keeps the first rule of each id; every other one is an error at its place.
void drop_repeated_ids(std::vector<Rule>& rules, Problems& problems);

/// A transition or a piece of evidence that names a rule which is not in the set is a warning at its place: the pack
/// that holds it may not be loaded here.
void check_references(const RuleSet& rules, Problems& problems);

}  // namespace triaged::knowledge
