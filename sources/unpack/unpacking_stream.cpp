#include "sources/unpack/unpacking_stream.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include <fmt/format.h>
#include <unistd.h>

namespace triaged::sources {

Result<std::size_t> PackedBytes::read(std::span<char> into) {
  if (head_done_ < head_.size()) {
    const std::size_t count = std::min(into.size(), head_.size() - head_done_);
    std::memcpy(into.data(), head_.data() + head_done_, count);
    head_done_ += count;
    return count;
  }
  const auto count = read_file(into);
  if (count) done_ += *count;
  return count;
}

Result<Compression> PackedBytes::recognise() {
  std::array<char, recognised_bytes> magic;
  while (head_.size() < magic.size()) {
    const auto count = read_file(std::span(magic).subspan(head_.size()));
    if (!count) return count.error();
    if (*count == 0) break;
    head_.append(magic.data() + head_.size(), *count);
  }
  done_ = head_.size();
  return compression_of(head_);
}

Result<std::size_t> PackedBytes::read_file(std::span<char> into) const {
  for (;;) {
    const ssize_t count = ::read(file_.get(), into.data(), into.size());
    if (count >= 0) return static_cast<std::size_t>(count);
    if (errno != EINTR) return error(fmt::format("cannot read {}: {}", name_, std::strerror(errno)));
  }
}

Result<std::size_t> UnpackingStream::read(std::span<char> into) {
  while (!ended_) {
    if (waiting_.empty() && !at_end_) {
      const auto count = packed_.read(chunk_);
      if (!count) return count.error();
      at_end_ = *count == 0;
      waiting_ = std::span(chunk_).first(*count);
    }
    const auto count = unpack(into);
    if (!count) return count.error();
    text_bytes_ += *count;
    if (*count > 0) return *count;
  }
  return std::size_t{0};
}

Error UnpackingStream::damaged(std::string_view why) const {
  return error(fmt::format("{}: damaged {} data at byte {}: {}; the {} bytes of text before it were read",
                           packed_.name(), kind_, bytes_done(), why, text_bytes_));
}

}  // namespace triaged::sources
