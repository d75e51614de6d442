// Which parts of a line a rule's pattern is looked for in (knowledge::Within). Views into the line, or into its reader.
// Private to this room.
#pragma once

#include <string_view>

#include "formats/line_reader.hpp"
#include "knowledge/model/rule.hpp"

namespace triaged::matcher {

/// Within::speech: the message and what stands before it. A message that is a copy, with a client's text cut out, has
/// nothing before it.
[[nodiscard]] std::string_view speech_in(const formats::ReadLine& line, std::string_view text);

/// Within::line. A line of nginx's error log in which nginx itself says nothing is the rest of a record: it may begin
/// with a client's text.
[[nodiscard]] std::string_view line_in(const formats::ReadLine& line, std::string_view text);

/// Where `match` is looked for in the line.
[[nodiscard]] std::string_view span_of(const knowledge::Match& match, const formats::ReadLine& line,
                                       std::string_view text);

}  // namespace triaged::matcher
