#include "sources/syslog/message_framer.hpp"

#include <algorithm>

namespace triaged::sources {

namespace {

using namespace std::string_view_literals;

constexpr std::size_t read_bytes = 64 * 1024;
// A larger number than this is no length: it would make whoever sends it drop all that follows on the connection.
constexpr std::size_t largest_count = 16 * 1024 * 1024;
constexpr std::size_t most_digits = 8;

constexpr std::string_view line_ends = "\n\0"sv;

struct CountedHead {
  enum class Kind { none, open, whole } kind = Kind::none;
  std::size_t size = 0;    // of the digits and the blank
  std::size_t length = 0;  // of the message
};

/// `83 <`: a length in front of a priority. A line of no such kind may well begin with digits (a time, an address).
CountedHead counted_head(std::string_view text) {
  std::size_t digits = 0, length = 0;
  for (; digits < text.size() && text[digits] >= '0' && text[digits] <= '9'; ++digits) {
    if (digits == most_digits) return {};
    length = length * 10 + static_cast<std::size_t>(text[digits] - '0');
  }
  if (digits == 0 || text[0] == '0' || length > largest_count) return {};
  const auto behind = text.substr(digits);
  if (behind.size() < 2)
    return {!behind.starts_with(' ') && !behind.empty() ? CountedHead::Kind::none : CountedHead::Kind::open};
  if (!behind.starts_with(" <")) return {};
  return {CountedHead::Kind::whole, digits + 1, length};
}

}  // namespace

std::span<char> MessageFramer::room() {
  buffer_.erase(0, begin_);
  end_ -= begin_;
  begin_ = 0;
  if (buffer_.size() < end_ + read_bytes) buffer_.resize(end_ + read_bytes);
  return std::span(buffer_).subspan(end_, read_bytes);
}

void MessageFramer::take(std::size_t bytes) {
  begin_ += bytes;
  searched_ = 0;
}

bool MessageFramer::skip_rest_of_long_message() {
  const auto here = rest();
  if (skipping_ == Skipping::counted) {
    const auto skipped = std::min(to_skip_, here.size());
    take(skipped);
    to_skip_ -= skipped;
    if (to_skip_ > 0) return false;
  } else if (skipping_ == Skipping::line) {
    const auto end = here.find_first_of(line_ends);
    take(std::min(end, here.size()));
    if (end == std::string_view::npos) return false;
  }
  skipping_ = Skipping::no;
  return true;
}

std::optional<FramedMessage> MessageFramer::counted(std::size_t head, std::size_t length) {
  const auto shown = std::min(length, longest_);
  if (rest().size() < head + shown) return std::nullopt;
  const auto text = rest().substr(head, shown);
  take(head + shown);
  if (shown < length) {
    skipping_ = Skipping::counted;
    to_skip_ = length - shown;
  }
  return FramedMessage{text, true, shown < length};
}

std::optional<FramedMessage> MessageFramer::line() {
  const auto here = rest();
  const auto end = here.find_first_of(line_ends, searched_);
  const bool is_open = end == std::string_view::npos;
  auto text = here.substr(0, end);
  searched_ = text.size();
  if (is_open && text.size() <= longest_ + 1) return std::nullopt;  // one more byte may be the '\r' of its end
  if (!is_open && text.ends_with('\r')) text.remove_suffix(1);
  const bool is_cut = text.size() > longest_;
  take(is_open ? text.size() : end + 1);
  if (is_open) skipping_ = Skipping::line;
  return FramedMessage{text.substr(0, longest_), false, is_cut};
}

std::optional<FramedMessage> MessageFramer::next() {
  if (!skip_rest_of_long_message()) return std::nullopt;
  if (const auto ends = std::min(rest().find_first_not_of(line_ends), rest().size()); ends > 0) take(ends);
  const auto head = counted_head(rest());
  if (head.kind == CountedHead::Kind::open) return std::nullopt;
  return head.kind == CountedHead::Kind::whole ? counted(head.size, head.length) : line();
}

std::optional<FramedMessage> MessageFramer::finish() {
  const auto here = rest();
  begin_ = end_;
  if (skipping_ != Skipping::no || here.empty()) return std::nullopt;
  const auto head = counted_head(here);
  if (head.kind == CountedHead::Kind::whole) return FramedMessage{here.substr(head.size), true, true};
  return FramedMessage{here.substr(0, longest_), false, here.size() > longest_};
}

}  // namespace triaged::sources
