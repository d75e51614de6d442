// Cuts a stream of bytes into the lines of LineBatches. All readers of files share it, so that a line is the same line
// whether its file is followed, scanned or unpacked. Bytes are read straight into the buffer that becomes
// LineBatch::bytes: a line is never copied, except the unterminated one at the end of a buffer.
//
// What a line is:
//
// - It ends with "\n" or "\r\n", which is not part of its text; a lone '\r' is an ordinary byte.
// - Of a line longer than `longest_line` only the head is emitted, as soon as the line is known to be too long. The
// rest
//   is dropped as it arrives, so a line of any length costs constant memory and never the lines after it.
// - NUL bytes where a line begins are not part of it. They stand where a file was truncated under a writer that does
// not
//   append: a hole as long as the old file. NUL bytes anywhere else stay.
// - An unterminated line is kept until its end arrives. emit_tail() emits it earlier and keeps it: when its end
// arrives,
//   or when more of it is asked for, the whole line is emitted, and LineBatch::already_emitted says how much of it is
//   not new. So a text that was written in two parts is read as a whole, and nothing in its first part counts twice.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "values/line_batch.hpp"

namespace triaged::sources {

/// Capacity that the text of every batch leaves behind itself: what simdjson may read past the end of a document.
inline constexpr std::size_t padding_after_text = 64;

[[nodiscard]] std::size_t leading_nul_bytes(std::string_view text);

/// Where in a line a stream stands.
enum class InsideLine {
  no,   // at the start of a line
  cut,  // in the rest of a line that was too long: skipped up to its end
};

struct LineSplitterOptions {
  std::size_t batch_bytes = 256 * 1024;
  std::size_t longest_line = 64 * 1024;
  std::uint64_t offset = 0;  // where in the stream splitting begins
  InsideLine inside = InsideLine::no;
  std::size_t already_emitted = 0;  // of the line that begins there, so many bytes were emitted as an unterminated one
};

class LineSplitter {
 public:
  explicit LineSplitter(const LineSplitterOptions& options);

  /// Where the next bytes of the stream belong: at most `wanted` bytes, at least one. Valid until the next call.
  [[nodiscard]] std::span<char> room(std::size_t wanted);

  /// `arrived` bytes stand in room(): puts the lines that are complete now into `batch` (its bytes and lines; what it
  /// held is lost). A batch without lines is left without bytes.
  void split(std::size_t arrived, LineBatch& batch);

  /// Puts into `batch`, which has just been split, what follows its lines: the unterminated line, and `behind` it.
  void add_ahead(std::string_view behind, LineBatch& batch) const;

  /// Nothing is expected soon: the room is given back, unless an unterminated line stands in it.
  void release_room();

  /// Puts the unterminated line into `batch`, alone. False when there is none, or no more of it than was emitted.
  bool emit_tail(LineBatch& batch);

  /// `count` bytes of the stream, known to be NUL, are passed over unread. REQUIRES: at_line_start().
  void skip_nul(std::uint64_t count);

  /// Where the stream stands behind the last whole line emitted (or behind what was skipped).
  [[nodiscard]] std::uint64_t offset() const { return offset_; }
  /// Where the next bytes are to be read from: offset() and the unterminated tail.
  [[nodiscard]] std::uint64_t position() const { return offset_ + tail_; }
  [[nodiscard]] InsideLine inside() const { return inside_; }
  [[nodiscard]] bool at_line_start() const { return tail_ == 0 && already_emitted_ == 0 && inside_ == InsideLine::no; }
  [[nodiscard]] std::string_view tail() const { return std::string_view(buffer_).substr(0, tail_); }
  /// Bytes behind offset() that were emitted although their line had no end.
  [[nodiscard]] std::size_t already_emitted() const { return already_emitted_; }

  /// The last bytes of the stream before offset(), at most longest_before of them: by these a reader that comes back
  /// knows that it is still the same stream. Empty when splitting began in the middle and set_before() was not called.
  [[nodiscard]] std::string_view before() const { return before_; }
  void set_before(std::string_view bytes);
  static constexpr std::size_t longest_before = 256;

  [[nodiscard]] std::uint64_t cut_lines() const { return cut_lines_; }
  [[nodiscard]] std::uint64_t nul_bytes() const { return nul_bytes_; }

 private:
  std::size_t finish_open_line(std::size_t end, LineBatch& batch);
  std::size_t split_whole_lines(std::size_t begin, std::size_t end, LineBatch& batch);
  std::size_t cut_long_tail(std::size_t begin, std::size_t end, LineBatch& batch);
  std::size_t skip_nul_at(std::size_t begin, std::size_t end);
  void add_line(std::size_t begin, std::size_t end, LineBatch& batch);
  void consume(std::size_t count, std::size_t end, LineBatch& batch);

  const std::size_t buffer_bytes_;
  const std::size_t longest_line_;
  std::string buffer_;    // the unterminated tail, then room
  std::size_t tail_ = 0;  // bytes of the unterminated line at the start of buffer_
  std::uint64_t offset_;  // of buffer_[0] in the stream
  InsideLine inside_;
  std::size_t already_emitted_;
  std::string before_;
  std::size_t usual_lines_ = 16;  // how many lines the last full batch had: what the next one reserves
  std::uint64_t cut_lines_ = 0;
  std::uint64_t nul_bytes_ = 0;
};

}  // namespace triaged::sources
