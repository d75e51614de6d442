#include "scan/covered_times.hpp"

#include <algorithm>

namespace triaged::scan {

namespace {

constexpr std::size_t read_lines = 50;  // at each end of a batch

}  // namespace

CoveredTimes::CoveredTimes(const formats::LineReaderOptions& reading) : reader_(reading) {}

void CoveredTimes::note(TimePoint time) {
  earliest_ = std::min(earliest_.value_or(time), time);
  latest_ = std::max(latest_.value_or(time), time);
}

void CoveredTimes::read(const LineBatch& batch, std::size_t begin, std::size_t end) {
  formats::ReadLine line;
  for (auto i = begin; i < end; ++i) {
    reader_.read(batch.text(batch.lines[i]), line);
    if (line.time) note(*line.time);
  }
}

void CoveredTimes::note(const LineBatch& batch) {
  const auto size = batch.lines.size();
  const auto head = std::min(size, read_lines);
  read(batch, 0, head);
  read(batch, std::max(head, size - head), size);
}

}  // namespace triaged::scan
