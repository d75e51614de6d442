// Paths in commands that people copy.
#pragma once

#include <string>

namespace triaged::scan {

/// `text` as one word of a shell command, in quotes where it needs them.
[[nodiscard]] std::string shell_word(const std::string& text);

}  // namespace triaged::scan
