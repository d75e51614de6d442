// Rules as bytes and back, for the cache of rule files. The bytes are this build's own: whoever keeps them must
// forget them when the program changes.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/problem.hpp"
#include "knowledge/model/rule.hpp"

namespace triaged::knowledge {

/// What a file came to.
struct RulesOfFile {
  std::vector<Rule> rules;
  Problems problems;
};

[[nodiscard]] std::string to_bytes(const RulesOfFile& file);

/// False when `bytes` is not what to_bytes() wrote; `file` is then half filled.
[[nodiscard]] bool from_bytes(std::string_view bytes, RulesOfFile& file);

}  // namespace triaged::knowledge
