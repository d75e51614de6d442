// Fits text into the columns of a terminal. Knows that a Chinese character takes two of them and may be followed by a
// line end, and that a combining mark takes none.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace triaged::inline values {

inline constexpr std::size_t unlimited = static_cast<std::size_t>(-1);

/// Columns that valid UTF-8 without control characters takes on a terminal.
[[nodiscard]] std::size_t columns_of(std::string_view text);

/// `text` in rows of at most `columns` (at least 2), broken at blanks, which are swallowed (any run of blanks and line
/// ends is one blank); a word longer than a row is split. Ends with "…" when it needed more than `most_rows`. No row
/// for blank text.
[[nodiscard]] std::vector<std::string> wrap(std::string_view text, std::size_t columns,
                                            std::size_t most_rows = unlimited);

/// `text` padded with blanks on the right to `columns`.
[[nodiscard]] std::string padded(std::string_view text, std::size_t columns);

}  // namespace triaged::inline values
