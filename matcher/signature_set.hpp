// What SignatureSet compiles to. Private to this room.
#pragma once

#include <array>
#include <bitset>
#include <memory>
#include <string>
#include <vector>

#include "matcher/hyperscan.hpp"
#include "matcher/matcher.hpp"
#include "matcher/signature.hpp"

namespace triaged {

/// Signatures without a pattern, all with the same field in their first condition: when the line has no such field, or
/// a status that interests none of them, one look-up rules them all out.
struct ConditionGroup {
  std::string field;
  std::vector<std::size_t> signatures;
  /// For the field "status": those that some signature's first condition accepts.
  std::bitset<1000> statuses;
};

struct FormatSignatures {
  HyperscanDatabase message;  // patterns for the span where the program speaks
  HyperscanDatabase line;     // patterns for the whole line
  std::vector<ConditionGroup> conditions;
  std::size_t count = 0;
};

struct SignatureSet::Compiled {
  std::shared_ptr<const RuleSet> rules;
  std::vector<Signature> signatures;  // a pattern's id in a database is its index here
  std::array<FormatSignatures, format_count> by_format;
  HyperscanScratch scratch;  // large enough for every database; cloned by each Matcher
};

}  // namespace triaged
