// A stream of bytes of which the next ones can be seen before they are read.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "sources/byte_stream.hpp"

namespace triaged::sources {

class LookAhead {
 public:
  explicit LookAhead(std::unique_ptr<ByteStream> stream);

  /// As ByteStream::read().
  [[nodiscard]] Result<std::size_t> read(std::span<char> into);
  /// As read(), but gives fewer bytes than there is room for only at the end and before a failure.
  [[nodiscard]] Result<std::size_t> fill(std::span<char> into);
  /// The bytes that come next, at most look_ahead_bytes of them; waits for the first ones of a pipe. Empty at the end
  /// and before a failure. Valid until the next call.
  [[nodiscard]] std::string_view ahead();

  [[nodiscard]] std::uint64_t bytes_done() const { return stream_->bytes_done(); }

 private:
  std::unique_ptr<ByteStream> stream_;
  std::string ahead_;
  bool has_ended_ = false;
  std::optional<Error> failure_;  // returned once all that came before it has been read
};

}  // namespace triaged::sources
