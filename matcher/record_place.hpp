// A stack says behind what failed where in the program's code that was; a traceback says it before its exception, but
// behind the record's first line ("Error handling request /cart"). With the line that says it, the findings of the
// record above it know it, too. A program writes a record at once, so where a batch ends inside of one, the rest is in
// what goes with the batch (LineBatch::ahead). A head has no place only when its stack was not written yet by then, or
// is longer. Private to this room.
#pragma once

#include <functional>
#include <vector>

#include "formats/line_reader.hpp"
#include "values/finding.hpp"

namespace triaged::matcher {

/// `line` was just read, and what was found before it in its batch is in `findings`.
void place_record(const formats::ReadLine& line, const std::function<bool(const MatchedLine&)>& is_in_its_stream,
                  std::vector<Finding>& findings);

}  // namespace triaged::matcher
