// How far a pattern that does not match goes along with a text: for explaining why a rule does not fire.
#pragma once

#include <string>
#include <string_view>

namespace triaged::knowledge {

struct PatternPrefix {
  std::string matching;  // the longest beginning of the pattern that the text matches
  std::string missing;   // what comes next in it, and is not there
};

/// Both are empty when not even the first item is found, or when the pattern is a choice of alternatives. REQUIRES: the
/// whole pattern does not match.
[[nodiscard]] PatternPrefix matching_prefix(std::string_view regex, bool caseless, std::string_view text);

}  // namespace triaged::knowledge
