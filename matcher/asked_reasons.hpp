// Which reasons (formats/reasons/) a rule asks for, so that its symptoms have those and no line is read for others.
// Private to this room.
#pragma once

#include <string_view>
#include <vector>

#include "knowledge/model/rule.hpp"

namespace triaged::matcher {

/// Those in its conditions, its evidence and the texts that are filled in. Static storage.
[[nodiscard]] std::vector<std::string_view> asked_reasons(const knowledge::Rule& rule);

}  // namespace triaged::matcher
