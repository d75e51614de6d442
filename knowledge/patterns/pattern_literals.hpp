// How much fixed text a pattern insists on: the measure of how easily it matches by accident, and of how much a match
// says. Used inside knowledge/ and by its ranking.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace triaged::knowledge {

/// The number of letters and digits that every matching text must hold: those of the weakest alternative. 4 for
/// "(?:EMFILE|LFI.*x)".
[[nodiscard]] std::size_t required_letters(std::string_view regex);

/// The words of two letters or more that stand in `regex` as fixed text, in order, in small letters; for search.
[[nodiscard]] std::vector<std::string> words_in_pattern(std::string_view regex);

/// `regex` with classes that hold characters beyond ASCII written as alternatives of bytes, as both engines read
/// patterns: "[eé]" becomes "(?:[e]|\xc3\xa9)". A negated class of such characters stays as it is.
[[nodiscard]] std::string with_classes_as_bytes(std::string_view regex);

}  // namespace triaged::knowledge
