// Finds by bisection which part of a large plain log can hold what happened in a span of time, so that "the last hour"
// of a log of many gigabytes does not read all of it.
//
// A line is written at the time that it carries or later: a proxy may log a request with the time at which it began. So
// a place is judged by the latest time in some lines there, which no late line makes earlier, and the end of the part
// by the earliest. Times may go back by `disorder`, and the part begins `margin` before the place that was found: there
// the reader learns what it needs to know of the lines before, and nothing counts.
//
// Nothing is skipped, and the whole file is read, when the times of the samples do not go up, when lines have none, or
// when what a line means depends on lines far above: an address that Gunicorn says once, at its start.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/time.hpp"
#include "formats/line_reader.hpp"

namespace triaged::scan {

struct TimeSpan {
  std::optional<TimePoint> since, until;
};

/// Bytes of a file, both ends at the beginning of a line.
struct FoundPart {
  std::uint64_t begin = 0, end = 0;
  TimePoint before;              // whatever stands before `begin` is not later
  TimePoint earliest, latest;    // of the first lines of the file, and of the last
  std::string reader_state;      // after the first lines of the file: which wrappers stand around its lines
  std::uint64_t bytes_read = 0;  // to find it
};

struct TimeSearchOptions {
  std::uint64_t smallest_file = std::uint64_t{16} << 20;  // a smaller one is read faster than searched
  std::uint64_t margin = std::uint64_t{1} << 20;
  std::size_t window = 16 * 1024;          // bytes of lines that are read to judge a place
  std::size_t widest_window = 256 * 1024;  // when the first lines have no time
  unsigned samples = 32;                   // places at which the order of times is checked
  Microseconds disorder = std::chrono::minutes(10);
};

/// nullopt: all of the file has to be read. `reading` is what the log will be read with; its reference is the file's.
[[nodiscard]] std::optional<FoundPart> find_part(const std::string& path, const formats::LineReaderOptions& reading,
                                                 const TimeSpan& span, const TimeSearchOptions& options = {});

}  // namespace triaged::scan
