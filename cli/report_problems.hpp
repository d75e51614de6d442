// Shows the operator's mistakes on standard error, in colour on a terminal.
#pragma once

#include <string>

#include "base/problem.hpp"

namespace triaged::cli {

void print_problems(const Problems& problems);

/// One JSON object a line, on standard output: `gravity`, `file`, `line`, `column`, `message`, `excerpt`, `suggestion`.
void print_problems_as_json(const Problems& problems);

/// "2 errors, 1 warning".
[[nodiscard]] std::string count_of(const Problems& problems);

/// True when `descriptor` is a terminal that shows colours (NO_COLOR is respected, TERM=dumb has none).
[[nodiscard]] bool shows_colour(int descriptor);

}  // namespace triaged::cli
