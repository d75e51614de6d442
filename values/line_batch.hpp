// What sources send down the road: whole lines of one source, and how far that source is read when they are done.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.hpp"
#include "values/envelope.hpp"

namespace triaged::inline values {

/// How far a stream has been read, as its source needs it to go on after a restart. Only the source reads `state`;
/// everybody else carries it, and the store commits it together with what those lines caused.
struct Cursor {
  std::string stream;  // which stream: unique and stable over restarts, for example "file:/var/log/nginx/error.log"
  std::string state;   // JSON, the source's own
};

/// One line inside LineBatch::bytes. Its text excludes the line end ("\n" or "\r\n"). A transport that frames what it
/// carries (a journal, a datagram) may give a text of several lines as one: they were written at once.
struct LineSpan {
  std::uint32_t begin = 0;  // in LineBatch::bytes
  std::uint32_t length = 0;
  std::uint64_t offset = 0;  // of the line's first byte in the stream
};

/// So much of what follows a batch goes with it. nginx gives a record 2,048 bytes, however many lines a client makes of
/// them.
inline constexpr std::size_t look_ahead_bytes = 4096;

/// Up to 256 KiB of whole lines. Owns its bytes; moved from queue to queue, never copied.
///
/// A line whose end does not come for a while is emitted without it, as the only one of a batch with is_unterminated
/// set. When there is more of it, it comes again as the first one of a batch, from its beginning: `already_emitted`
/// bytes of it are not new, and what was recognised in these counts no second time.
///
/// A batch may end between two lines of one record. `ahead` is what follows it, as far as it was there already: its
/// lines come again in the next batch, but they may say about the last ones of this batch that a client forged them.
struct LineBatch {
  std::size_t source = 0;   // index in the list of sources; from a source itself: which of its own entries
  std::string source_name;  // what a person calls it: "/var/log/nginx/error.log"
  std::string bytes;
  std::string ahead;  // at most look_ahead_bytes; empty: the stream has no more now
  std::vector<LineSpan> lines;
  std::vector<Envelope> envelopes;        // one a line, or one alone for all; none: the transport says nothing
  std::vector<Envelope> ahead_envelopes;  // one a line, of those in `ahead`
  Cursor cursor;                          // stands after the last line
  TimePoint observed_at;                  // when the bytes were read
  std::uint64_t followed_from = 0;        // lines before this offset stood there before their log was followed at all
  std::uint32_t already_emitted = 0;
  bool is_unterminated = false;

  [[nodiscard]] std::string_view text(const LineSpan& line) const {
    return std::string_view(bytes).substr(line.begin, line.length);
  }
  /// REQUIRES: `line` is one of `lines`. nullptr: the transport says nothing about it.
  [[nodiscard]] const Envelope* envelope(const LineSpan& line) const {
    if (envelopes.empty()) return nullptr;
    return &envelopes[envelopes.size() == 1 ? 0 : static_cast<std::size_t>(&line - lines.data())];
  }
};

}  // namespace triaged::inline values
