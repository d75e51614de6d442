// A stack says behind what failed where in the program's code that was; a traceback says it before its exception, but
// behind the record's first line ("Error handling request /cart"). With the line that says it, the findings of the
// record above it know it, too. A program writes a record at once, so where a batch ends inside of one, the rest is in
// what goes with the batch (LineBatch::ahead). A head has no place only when its stack was not written yet by then, or
// is longer. Private to this room.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "formats/line_reader.hpp"
#include "values/finding.hpp"

namespace triaged::matcher {

/// `line` was just read, and what was found before it in its batch is in `findings`.
void place_record(const formats::ReadLine& line, const std::function<bool(const MatchedLine&)>& is_in_its_stream,
                  std::vector<Finding>& findings);

/// Lines of LineBatch::ahead that may begin a record. They make no findings, so that only these lines tell when a stack
/// there is of another record that begins with the same words as one in the batch.
class LinesAhead {
 public:
  void add(const formats::ReadLine& line);
  /// One of them may be the head of the record that `line` continues.
  [[nodiscard]] bool hold_head_of(const formats::ReadLine& line) const;

 private:
  std::vector<std::pair<std::uint32_t, std::string>> lines_;  // with their streams
};

}  // namespace triaged::matcher
