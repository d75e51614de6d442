#include "sources/pipe/uncommitted_batches.hpp"

#include <string>
#include <string_view>
#include <utility>

#include "sources/line_splitter.hpp"

namespace triaged::sources {

namespace {

std::size_t size_of(const LineBatch& batch) {
  return batch.bytes.size() + batch.ahead.size() + batch.lines.size() * sizeof(LineSpan) +
         batch.envelopes.size() * sizeof(Envelope) + sizeof(LineBatch);
}

std::string padded_copy(std::string_view text) {
  std::string copy;
  copy.reserve(text.size() + padding_after_text);
  copy = text;
  return copy;
}

LineBatch copy_of(const LineBatch& batch) {
  return {.source = batch.source,
          .source_name = batch.source_name,
          .bytes = padded_copy(batch.bytes),
          .ahead = padded_copy(batch.ahead),
          .lines = batch.lines,
          .envelopes = batch.envelopes,
          .ahead_envelopes = batch.ahead_envelopes,
          .cursor = batch.cursor,
          .observed_at = batch.observed_at,
          .already_emitted = batch.already_emitted,
          .is_unterminated = batch.is_unterminated};
}

}  // namespace

void UncommittedBatches::add(const LineBatch& batch, std::uint64_t reach) {
  kept_.push_back({copy_of(batch), reach});
  bytes_ += size_of(kept_.back().batch);
  given_ = kept_.size();
}

void UncommittedBatches::commit(std::uint64_t reach) {
  while (!kept_.empty() && kept_.front().reach <= reach) {
    bytes_ -= size_of(kept_.front().batch);
    kept_.pop_front();
    if (given_ > 0) --given_;
  }
}

std::optional<LineBatch> UncommittedBatches::next_again() {
  if (!has_again()) return std::nullopt;
  return copy_of(kept_[given_++].batch);
}

}  // namespace triaged::sources
