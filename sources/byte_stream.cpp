#include "sources/byte_stream.hpp"

#include <string_view>

#include "sources/unpack/unpacking_stream.hpp"

namespace triaged::sources {

namespace {

class PlainStream final : public ByteStream {
 public:
  explicit PlainStream(PackedBytes packed) : packed_(std::move(packed)) {}
  Result<std::size_t> read(std::span<char> into) override { return packed_.read(into); }
  std::uint64_t bytes_done() const override { return packed_.done(); }

 private:
  PackedBytes packed_;
};

/// The level, and then the mark of a block or, in an empty file, of the end: "BZh" alone may begin a line.
bool is_bzip2(std::string_view head) {
  if (!head.starts_with("BZh") || head.size() < recognised_bytes || head[3] < '1' || head[3] > '9') return false;
  const auto mark = head.substr(4, 6);
  return mark == "\x31\x41\x59\x26\x53\x59" || mark == "\x17\x72\x45\x38\x50\x90";
}

}  // namespace

Compression compression_of(std::span<const char> bytes) {
  const std::string_view head(bytes.data(), bytes.size());
  if (head.starts_with("\x1f\x8b")) return Compression::gzip;
  if (head.starts_with("\x28\xb5\x2f\xfd")) return Compression::zstd;
  if (head.starts_with("\xfd"
                       "7zXZ")) {
    return Compression::xz;
  }
  return is_bzip2(head) ? Compression::bzip2 : Compression::none;
}

Result<std::unique_ptr<ByteStream>> open_byte_stream(Descriptor file, std::string name) {
  PackedBytes packed(std::move(file), std::move(name));
  const auto compression = packed.recognise();
  if (!compression) return compression.error();
  switch (*compression) {
    case Compression::gzip:
      return unpack_gzip(std::move(packed));
    case Compression::zstd:
      return unpack_zstd(std::move(packed));
    case Compression::xz:
      return unpack_xz(std::move(packed));
    case Compression::bzip2:
      return unpack_bzip2(std::move(packed));
    case Compression::none:
      break;
  }
  return std::unique_ptr<ByteStream>(new PlainStream(std::move(packed)));
}

std::unique_ptr<ByteStream> open_plain_stream(Descriptor file, std::string name) {
  return std::make_unique<PlainStream>(PackedBytes(std::move(file), std::move(name)));
}

}  // namespace triaged::sources
