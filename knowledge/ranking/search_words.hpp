// The words of a text, for searching: what rules and messages have in common whatever stands around it. Used by the
// ranking only.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace triaged::knowledge {

/// In small letters and in order. A compound word ("ModuleNotFoundError", "ERR_INVALID_ARG") is followed by its parts;
/// a character of a script without blanks (Chinese) is a word.
[[nodiscard]] std::vector<std::string> search_words(std::string_view text);

/// A number that says nothing about the failure: a process id, a line, a size. Status codes have three digits.
[[nodiscard]] bool is_mere_number(std::string_view word);

}  // namespace triaged::knowledge
