#include "sources/look_ahead.hpp"

#include <algorithm>

#include "values/line_batch.hpp"

namespace triaged::sources {

LookAhead::LookAhead(std::unique_ptr<ByteStream> stream) : stream_(std::move(stream)) {}

Result<std::size_t> LookAhead::read(std::span<char> into) {
  if (!ahead_.empty()) {
    const auto count = std::min(ahead_.size(), into.size());
    std::copy_n(ahead_.begin(), count, into.begin());
    ahead_.erase(0, count);
    return count;
  }
  if (failure_) return *failure_;
  if (has_ended_) return std::size_t{0};
  return stream_->read(into);
}

Result<std::size_t> LookAhead::fill(std::span<char> into) {
  std::size_t count = 0;
  while (count < into.size()) {
    const auto more = read(into.subspan(count));
    if (!more && count == 0) return more.error();
    if (!more) failure_ = more.error();
    if (!more || *more == 0) break;
    count += *more;
  }
  return count;
}

std::string_view LookAhead::ahead() {
  if (!ahead_.empty() || has_ended_ || failure_) return ahead_;
  ahead_.resize(look_ahead_bytes);
  const auto count = stream_->read(ahead_);
  if (!count) failure_ = count.error();
  has_ended_ = !count || *count == 0;
  ahead_.resize(count ? *count : 0);
  return ahead_;
}

}  // namespace triaged::sources
