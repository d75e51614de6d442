// Which times the lines of a log cover, for whoever asked for a span of time in which none of them lies. Some lines at
// both ends of each batch are read once more; logs are nearly in order.
#pragma once

#include <cstddef>
#include <optional>

#include "base/time.hpp"
#include "formats/line_reader.hpp"
#include "values/line_batch.hpp"

namespace triaged::scan {

class CoveredTimes {
 public:
  /// `reading` is what the log is read with.
  explicit CoveredTimes(const formats::LineReaderOptions& reading);

  void set_reference(TimePoint reference) { reader_.set_reference(reference); }
  /// Batches in the order of the log.
  void note(const LineBatch& batch);
  void note(TimePoint time);

  /// nullopt: no line had a time.
  [[nodiscard]] std::optional<TimePoint> earliest() const { return earliest_; }
  [[nodiscard]] std::optional<TimePoint> latest() const { return latest_; }

 private:
  void read(const LineBatch& batch, std::size_t begin, std::size_t end);

  formats::LineReader reader_;
  std::optional<TimePoint> earliest_, latest_;
};

}  // namespace triaged::scan
