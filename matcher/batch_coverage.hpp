// Which time the lines of a batch cover, for each format and host: what no line says happened in that time did not
// happen there, as far as that log would say it. Private to this room.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "formats/line_reader.hpp"
#include "values/finding.hpp"

namespace triaged::matcher {

class BatchCoverage {
 public:
  static constexpr std::size_t most_logs = 64;  // of one batch; further hosts are left out

  /// triaged's own lines and those that a client may have written cover nothing.
  void add(const formats::ReadLine& line, std::string_view source);
  /// No more lines come; those without a time were written when they were read.
  void end_batch(TimePoint observed_at);
  [[nodiscard]] std::vector<CoveredTime> take();

 private:
  struct Log {
    formats::Format format = formats::Format::text;
    CoveredTime time;
  };
  [[nodiscard]] Log* log_of(const formats::ReadLine& line, std::string_view source);

  std::vector<Log> logs_;
  std::size_t latest_ = 0;  // in logs_: the next line is most likely of the same
};

}  // namespace triaged::matcher
