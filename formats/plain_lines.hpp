// Lines that no format reads, in words, for whoever wonders why nothing was found in a log.
#pragma once

#include <string>
#include <string_view>

#include "formats/line_reader.hpp"
#include "formats/redaction/redactor.hpp"

namespace triaged::formats {

/// Whether there is something to wonder about in the beginning of a log of which hardly a line was recognised: its
/// lines are not blank, nor syslog's of programs that have no format of their own.
[[nodiscard]] bool are_plain_lines_odd(std::string_view text, const LineReaderOptions& reading);

/// 'they look like nginx.error as far as "2026/11/21 01:15:46 [error] ", where it goes on like "31473#31473: "; …'
/// `text` is the beginning of such a log. Empty: there is nothing to wonder about. What it shows of a line has no
/// secret that `redactor` knows. Slow: lines are compared with those of every format.
[[nodiscard]] std::string words_for_plain_lines(std::string_view text, const LineReaderOptions& reading,
                                                const Redactor& redactor);

}  // namespace triaged::formats
