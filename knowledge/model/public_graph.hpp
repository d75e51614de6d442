// The graph of the public records, as their publishers build it from what the records say. Used inside knowledge/ only.
#pragma once

#include <vector>

#include "knowledge/model/rule.hpp"

namespace triaged::knowledge {

/// Adds to every edge between canons its reverse (what A leads to is preceded by A; confusion goes both ways), drops
/// the second of two equal edges and those that lead to a record that is not there.
void complete_public_graph(std::vector<Rule>& rules);

}  // namespace triaged::knowledge
