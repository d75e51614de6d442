// Cuts the bytes of a connection into syslog messages (RFC 6587). Each message is framed in one of two ways, and its
// first bytes say in which; a connection may mix them:
//
//   83 <134>1 2026-11-21T01:08:11Z …       counted: its length in bytes, a blank, the message. RFC 5425 (TLS) knows
//                                          this one only, and only here may a message hold line feeds
//   <134>Nov 21 01:08:11 haproxy[24684]: …\n    ended by a line feed, or by a NUL byte (Python's SysLogHandler)
//
// Of a message longer than `longest` only the head is given out; the rest is dropped as it arrives.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace triaged::sources {

struct FramedMessage {
  std::string_view text;    // without what ends it
  bool is_counted = false;  // its length was given: whatever stands in it belongs to it
  bool is_cut = false;      // it was too long, or the connection ended inside it
};

class MessageFramer {
 public:
  explicit MessageFramer(std::size_t longest = 64 * 1024) : longest_(longest) {}

  /// Where the next bytes of the connection belong. Ends the life of what next() returned.
  [[nodiscard]] std::span<char> room();
  /// So many of them have come.
  void add(std::size_t arrived) { end_ += arrived; }

  /// The next whole message; nullopt: its end has not come. REQUIRES: to be called until nullopt before room().
  [[nodiscard]] std::optional<FramedMessage> next();
  /// The connection has ended: what has come of its last message, when there is anything. REQUIRES: next() gave
  /// nullopt.
  [[nodiscard]] std::optional<FramedMessage> finish();

 private:
  enum class Skipping { no, counted, line };

  [[nodiscard]] std::string_view rest() const { return std::string_view(buffer_).substr(begin_, end_ - begin_); }
  void take(std::size_t bytes);
  [[nodiscard]] bool skip_rest_of_long_message();
  [[nodiscard]] std::optional<FramedMessage> counted(std::size_t head, std::size_t length);
  [[nodiscard]] std::optional<FramedMessage> line();

  const std::size_t longest_;
  std::string buffer_;
  std::size_t begin_ = 0, end_ = 0;  // what has come and is not given out
  std::size_t searched_ = 0;         // so much of it holds no end of a line
  Skipping skipping_ = Skipping::no;
  std::size_t to_skip_ = 0;  // Skipping::counted
};

}  // namespace triaged::sources
