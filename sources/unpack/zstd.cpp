#include <zstd.h>

#include "sources/unpack/unpacking_stream.hpp"

namespace triaged::sources {

namespace {

struct FreeDecompressor {
  void operator()(ZSTD_DStream* stream) const noexcept { ZSTD_freeDStream(stream); }
};

class ZstdStream final : public UnpackingStream {
 public:
  explicit ZstdStream(PackedBytes packed) : UnpackingStream(std::move(packed), "zstd") {
    if (!stream_) throw std::bad_alloc();
  }

 private:
  Result<std::size_t> unpack(std::span<char> into) override {
    if (failure_) return *failure_;
    if (waiting_.empty() && between_frames_) {
      ended_ = at_end_;
      return std::size_t{0};
    }
    ZSTD_inBuffer in{waiting_.data(), waiting_.size(), 0};
    ZSTD_outBuffer out{into.data(), into.size(), 0};
    const std::size_t status = ZSTD_decompressStream(stream_.get(), &out, &in);
    if (ZSTD_isError(status)) failure_ = damaged(ZSTD_getErrorName(status));
    if (failure_ && out.pos == 0) return *failure_;
    if (waiting_.empty() && at_end_ && out.pos == 0 && status != 0) return ends_early();
    waiting_ = waiting_.subspan(in.pos);
    between_frames_ = status == 0;
    return out.pos;
  }

  std::unique_ptr<ZSTD_DStream, FreeDecompressor> stream_{ZSTD_createDStream()};
  bool between_frames_ = false;
  std::optional<Error> failure_;  // returned once the text before it has been
};

}  // namespace

std::unique_ptr<ByteStream> unpack_zstd(PackedBytes packed) { return std::make_unique<ZstdStream>(std::move(packed)); }

}  // namespace triaged::sources
