// What the streams over a file share: its bytes as they lie on disk, and the loop that takes text out of compressed
// ones. Private to this room.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/descriptor.hpp"
#include "sources/byte_stream.hpp"

namespace triaged::sources {

/// The file as it lies on disk, with the few bytes that were read to recognise it put back in front.
class PackedBytes {
 public:
  PackedBytes(Descriptor file, std::string name) : file_(std::move(file)), name_(std::move(name)) {}

  [[nodiscard]] Result<std::size_t> read(std::span<char> into);
  [[nodiscard]] Result<Compression> recognise();

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] std::uint64_t done() const { return done_; }

 private:
  [[nodiscard]] Result<std::size_t> read_file(std::span<char> into) const;

  Descriptor file_;
  std::string name_;
  std::string head_;
  std::size_t head_done_ = 0;
  std::uint64_t done_ = 0;
};

/// A chunk of packed bytes at a time, and the text that comes out of it. Text of any length takes constant memory.
class UnpackingStream : public ByteStream {
 public:
  UnpackingStream(PackedBytes packed, std::string_view kind) : packed_(std::move(packed)), kind_(kind) {}

  [[nodiscard]] Result<std::size_t> read(std::span<char> into) final;
  [[nodiscard]] std::uint64_t bytes_done() const final { return packed_.done() - waiting_.size(); }

 protected:
  /// Takes from the start of waiting_ and fills the start of `into`; sets ended_ when there will be no more text.
  virtual Result<std::size_t> unpack(std::span<char> into) = 0;

  [[nodiscard]] Error damaged(std::string_view why) const;
  [[nodiscard]] Error ends_early() const { return damaged("the file ends in the middle of it"); }

  std::span<char> waiting_;  // packed bytes that are not taken yet
  bool at_end_ = false;      // the file has no more packed bytes than those
  bool ended_ = false;

 private:
  PackedBytes packed_;
  std::string_view kind_;
  std::vector<char> chunk_ = std::vector<char>(std::size_t{128} * 1024);
  std::uint64_t text_bytes_ = 0;
};

[[nodiscard]] std::unique_ptr<ByteStream> unpack_gzip(PackedBytes packed);
[[nodiscard]] std::unique_ptr<ByteStream> unpack_zstd(PackedBytes packed);
[[nodiscard]] std::unique_ptr<ByteStream> unpack_xz(PackedBytes packed);
[[nodiscard]] std::unique_ptr<ByteStream> unpack_bzip2(PackedBytes packed);

}  // namespace triaged::sources
