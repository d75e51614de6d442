// What to write in place of constructs that backtracking engines know and Hyperscan and RE2 do not. Used inside
// knowledge/ only.
#pragma once

#include <string>
#include <string_view>

namespace triaged::knowledge {

struct RewrittenPattern {
  std::string regex;   // as good as the original for finding lines, when it could be written; else the original
  std::string advice;  // which construct it is and what to do about it; empty: none of the usual ones
};

[[nodiscard]] RewrittenPattern rewritten_pattern(std::string_view regex);

}  // namespace triaged::knowledge
