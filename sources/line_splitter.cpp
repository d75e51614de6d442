#include "sources/line_splitter.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cassert>
#include <cstring>
#include <utility>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace triaged::sources {

namespace {

// A line that is one byte too long may still turn out to fit: that byte can be the '\r' of its line end.
constexpr std::size_t slack_for_line_end = 2;

std::size_t find_newline(const char* text, std::size_t from, std::size_t end) {
  const void* newline = std::memchr(text + from, '\n', end - from);
  return newline == nullptr ? end : static_cast<std::size_t>(static_cast<const char*>(newline) - text);
}

// The places of the newlines of a window of a text. A memchr() a line would cost as much as an ordinary line has bytes;
// a mask of 64 bytes at a time finds all the newlines in them for the price of one.
class Newlines {
 public:
  static constexpr std::size_t window = 4096;

  /// Looks at [from, end), at most `window` bytes.
  std::span<const std::uint32_t> find(const char* text, std::size_t from, std::size_t end) {
    std::uint32_t* place = places_.data();
#if defined(__SSE2__)
    for (; from + 64 <= end; from += 64) {
      for (std::uint64_t mask = mask_of(text + from); mask != 0; mask &= mask - 1) {
        *place++ = static_cast<std::uint32_t>(from) + static_cast<std::uint32_t>(std::countr_zero(mask));
      }
    }
#endif
    for (; (from = find_newline(text, from, end)) != end; ++from) *place++ = static_cast<std::uint32_t>(from);
    return {places_.data(), place};
  }

 private:
#if defined(__SSE2__)
  static std::uint64_t mask_of(const char* text) {
    const __m128i newlines = _mm_set1_epi8('\n');
    const auto part = [&](int at) {
      const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text + at));
      return std::uint64_t{static_cast<unsigned>(_mm_movemask_epi8(_mm_cmpeq_epi8(bytes, newlines)))} << at;
    };
    return part(0) | part(16) | part(32) | part(48);
  }
#endif

  std::array<std::uint32_t, window> places_;
};

std::size_t without_carriage_return(const char* text, std::size_t begin, std::size_t end) {
  return end > begin && text[end - 1] == '\r' ? end - 1 : end;
}

}  // namespace

std::size_t leading_nul_bytes(std::string_view text) {
  // Compared with itself one byte further on, which is as fast as memory: a hole can be hundreds of megabytes long.
  constexpr std::size_t at_a_time = 4096;
  std::size_t at = 0;
  while (text.size() - at > at_a_time && text[at] == '\0' &&
         std::memcmp(text.data() + at, text.data() + at + 1, at_a_time) == 0) {
    at += at_a_time;
  }
  return std::min(text.find_first_not_of('\0', at), text.size());
}

LineSplitter::LineSplitter(const LineSplitterOptions& options)
    : buffer_bytes_(std::max(options.batch_bytes, options.longest_line + slack_for_line_end)),
      longest_line_(options.longest_line),
      offset_(options.offset),
      inside_(options.inside),
      already_emitted_(options.already_emitted) {}

std::span<char> LineSplitter::room(std::size_t wanted) {
  const std::size_t size = std::max(std::min(tail_ + wanted, buffer_bytes_), tail_ + 1);
  if (buffer_.capacity() < size + padding_after_text) {
    std::string larger;
    larger.reserve(size + padding_after_text);
    larger.assign(buffer_, 0, tail_);
    buffer_ = std::move(larger);
  }
  buffer_.resize(size);
  return std::span(buffer_).subspan(tail_);
}

void LineSplitter::split(std::size_t arrived, LineBatch& batch) {
  batch.lines.clear();
  batch.lines.reserve(usual_lines_);
  batch.ahead.clear();
  batch.already_emitted = 0;
  batch.is_unterminated = false;
  const std::size_t end = tail_ + arrived;
  std::size_t begin = finish_open_line(end, batch);
  begin = split_whole_lines(begin, end, batch);
  begin = cut_long_tail(begin, end, batch);
  if (end == buffer_bytes_) usual_lines_ = batch.lines.size() + batch.lines.size() / 8 + 16;
  consume(begin, end, batch);
}

// The first line of a buffer is the only one that can have begun in an earlier one: as a tail that is searched already,
// or as a line whose head was emitted. Returns where the line after it begins.
std::size_t LineSplitter::finish_open_line(std::size_t end, LineBatch& batch) {
  const char* text = buffer_.data();
  if (at_line_start()) return skip_nul_at(0, end);
  const std::size_t newline = find_newline(text, tail_, end);
  if (newline == end) return inside_ == InsideLine::cut ? end : 0;
  const bool nothing_new = already_emitted_ > 0 && without_carriage_return(text, 0, newline) <= already_emitted_;
  if (inside_ != InsideLine::cut && !nothing_new) {
    add_line(0, newline, batch);
    batch.already_emitted = static_cast<std::uint32_t>(already_emitted_);
  }
  inside_ = InsideLine::no;
  already_emitted_ = 0;
  return skip_nul_at(newline + 1, end);
}

std::size_t LineSplitter::split_whole_lines(std::size_t begin, std::size_t end, LineBatch& batch) {
  // Nothing to do while the first line is still open: finish_open_line() has searched it.
  if (begin == 0 && !at_line_start()) return 0;
  // Locals, because a store through a pointer could change any member for all that the compiler knows.
  const char* const text = buffer_.data();
  const std::uint64_t offset = offset_;
  const std::size_t longest = longest_line_;
  std::size_t cut = 0;
  Newlines newlines;
  for (std::size_t from = begin; from < end; from += Newlines::window) {
    const auto places = newlines.find(text, from, std::min(from + Newlines::window, end));
    batch.lines.resize(batch.lines.size() + places.size());
    LineSpan* line = batch.lines.data() + batch.lines.size() - places.size();
    for (const std::size_t newline : places) {
      std::size_t length = without_carriage_return(text, begin, newline) - begin;
      if (length > longest) length = longest, ++cut;
      *line++ = {static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(length), offset + begin};
      begin = newline + 1;
      // NUL hides no newline, so the places still to come stay right. The string's own end is a NUL too: once a batch.
      if (text[begin] == '\0') begin = skip_nul_at(begin, end);
    }
  }
  cut_lines_ += cut;
  return begin;
}

inline void LineSplitter::add_line(std::size_t begin, std::size_t end, LineBatch& batch) {
  std::size_t length = without_carriage_return(buffer_.data(), begin, end) - begin;
  if (length > longest_line_) {
    length = longest_line_;
    ++cut_lines_;
  }
  batch.lines.push_back({static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(length), offset_ + begin});
}

// Emits the head of an unterminated line that is too long whatever follows. Returns where the tail begins.
std::size_t LineSplitter::cut_long_tail(std::size_t begin, std::size_t end, LineBatch& batch) {
  const std::size_t length = without_carriage_return(buffer_.data(), begin, end) - begin;
  if (length <= longest_line_) return begin;
  if (begin == 0) batch.already_emitted = static_cast<std::uint32_t>(std::exchange(already_emitted_, 0));
  add_line(begin, end, batch);
  inside_ = InsideLine::cut;
  return end;
}

std::size_t LineSplitter::skip_nul_at(std::size_t begin, std::size_t end) {
  const std::size_t count = leading_nul_bytes(std::string_view(buffer_).substr(begin, end - begin));
  nul_bytes_ += count;
  return begin + count;
}

void LineSplitter::consume(std::size_t count, std::size_t end, LineBatch& batch) {
  set_before(count >= longest_before ? std::string_view(buffer_).substr(count - longest_before, longest_before)
                                     : std::string_view(before_.append(buffer_, 0, count)));
  offset_ += count;
  tail_ = end - count;
  if (batch.lines.empty()) {
    batch.bytes.clear();
    if (count > 0) std::memmove(buffer_.data(), buffer_.data() + count, tail_);
    return;
  }
  std::string rest(buffer_, count, tail_);
  buffer_.resize(count);
  batch.bytes = std::move(buffer_);
  buffer_ = std::move(rest);
}

void LineSplitter::add_ahead(std::string_view behind, LineBatch& batch) const {
  batch.ahead.reserve(look_ahead_bytes + padding_after_text);
  batch.ahead = tail().substr(0, look_ahead_bytes);
  batch.ahead += behind.substr(0, look_ahead_bytes - batch.ahead.size());
}

void LineSplitter::release_room() {
  if (tail_ == 0) std::string().swap(buffer_);
}

bool LineSplitter::emit_tail(LineBatch& batch) {
  batch.lines.clear();
  batch.ahead.clear();
  batch.bytes.clear();
  batch.already_emitted = static_cast<std::uint32_t>(already_emitted_);
  batch.is_unterminated = true;
  if (tail_ <= already_emitted_) return false;
  const bool only_line_end =
      already_emitted_ > 0 && without_carriage_return(buffer_.data(), 0, tail_) <= already_emitted_;
  already_emitted_ = tail_;
  if (only_line_end) return false;
  batch.bytes.reserve(tail_ + padding_after_text);
  batch.bytes.assign(buffer_, 0, tail_);
  add_line(0, tail_, batch);
  return true;
}

void LineSplitter::skip_nul(std::uint64_t count) {
  assert(at_line_start());
  offset_ += count;
  nul_bytes_ += count;
  set_before(before_.append(static_cast<std::size_t>(std::min<std::uint64_t>(count, longest_before)), '\0'));
}

void LineSplitter::set_before(std::string_view bytes) {
  if (bytes.size() > longest_before) bytes.remove_prefix(bytes.size() - longest_before);
  std::string(bytes).swap(before_);  // an assignment would keep the room of the longer one
}

}  // namespace triaged::sources
