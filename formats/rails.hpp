// Lines of Rails about requests, and what stands in front of a line of Ruby's Logger. Private to this room.
#pragma once

#include <string_view>

#include "formats/line_reader.hpp"
#include "formats/reader_memory.hpp"
#include "formats/scanner.hpp"

namespace triaged::formats {

/// `I, [2021-12-06T14:28:19.736545 #2804090]  INFO -- : `
struct RubyLogHead {
  std::optional<TimePoint> time;
  std::string_view pid, level;
};
/// False: the line has none, and nothing is skipped.
[[nodiscard]] bool skip_ruby_log_head(Scanner& scanner, LogTimes& times, RubyLogHead& into);
/// `[34091cb5-3e7b-4042-aaf8-6c6510d3f14c] `, any number of them.
void skip_ruby_tags(Scanner& scanner);

[[nodiscard]] bool read_rails_request(std::string_view line, ReaderMemory& memory, ReadLine& into);

}  // namespace triaged::formats
