// The names of the fields that the line formats and the reasons in their words give, so that a condition on a field
// that no line has is noticed.
#pragma once

#include <string_view>
#include <vector>

namespace triaged::knowledge {

[[nodiscard]] const std::vector<std::string_view>& known_fields();

}  // namespace triaged::knowledge
