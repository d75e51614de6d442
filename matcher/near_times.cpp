#include "matcher/near_times.hpp"

#include <algorithm>

namespace triaged::matcher {

void NearTimes::begin_batch() {
  last_.reset();
  waiting_.clear();
  found_.clear();
  first_open_ = 0;
}

void NearTimes::see_time(std::uint64_t offset, std::uint32_t stream, TimePoint at) {
  last_ = {offset, stream, at};
  for (auto i = first_open_; i < waiting_.size(); ++i) {
    auto& waiting = waiting_[i];
    if (waiting.stream == stream && !waiting.below) waiting.below = last_;
  }
  while (first_open_ < waiting_.size() && waiting_[first_open_].below) ++first_open_;
}

void NearTimes::see_finding(std::uint64_t offset, std::uint32_t stream) {
  if (!waiting_.empty() && waiting_.back().offset == offset) return;  // another rule knows the same line
  const bool is_of_stream = last_ && last_->stream == stream;
  waiting_.push_back({.offset = offset, .stream = stream, .above = is_of_stream ? last_ : std::nullopt, .below = {}});
}

const std::vector<NearTime>& NearTimes::found() {
  for (const auto& [offset, stream, above, below] : waiting_) {
    const bool is_below = below && (!above || below->offset - offset < offset - above->offset);
    if (above || below) found_.push_back({offset, is_below ? below->at : above->at});
  }
  waiting_.clear();
  first_open_ = 0;
  std::ranges::sort(found_, {}, &NearTime::offset);  // lines in parts begin before others that ended before them
  return found_;
}

std::optional<TimePoint> NearTimes::last() const { return last_ ? std::optional(last_->at) : std::nullopt; }

}  // namespace triaged::matcher
