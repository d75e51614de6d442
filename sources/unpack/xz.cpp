#include <lzma.h>

#include "sources/unpack/unpacking_stream.hpp"

namespace triaged::sources {

namespace {

// What xz -9 needs is 65 MiB; a file may claim up to 4 GiB.
constexpr std::uint64_t most_memory = std::uint64_t{256} << 20;

std::string_view words_for(lzma_ret status) {
  switch (status) {
    case LZMA_MEMLIMIT_ERROR:
      return "it needs more than 256 MiB of memory; unpack it with xz -d first";
    case LZMA_FORMAT_ERROR:
      return "this is not xz";
    case LZMA_OPTIONS_ERROR:
      return "it uses an option of xz that is not known";
    case LZMA_BUF_ERROR:
      return "the file ends in the middle of it";
    default:
      return "its checksum or its structure is wrong";
  }
}

struct EndDecoder {
  void operator()(lzma_stream* stream) const noexcept {
    lzma_end(stream);
    delete stream;
  }
};

/// Several streams one behind the other, and zeros between them, are one file: `cat a.xz b.xz`.
class XzStream final : public UnpackingStream {
 public:
  explicit XzStream(PackedBytes packed) : UnpackingStream(std::move(packed), "xz") {
    constexpr lzma_stream unused = LZMA_STREAM_INIT;
    *stream_ = unused;
    if (lzma_stream_decoder(stream_.get(), most_memory, LZMA_CONCATENATED) != LZMA_OK) throw std::bad_alloc();
  }

 private:
  Result<std::size_t> unpack(std::span<char> into) override {
    if (failure_) return *failure_;
    stream_->next_in = reinterpret_cast<const std::uint8_t*>(waiting_.data());
    stream_->avail_in = waiting_.size();
    stream_->next_out = reinterpret_cast<std::uint8_t*>(into.data());
    stream_->avail_out = into.size();
    const auto status = lzma_code(stream_.get(), at_end_ ? LZMA_FINISH : LZMA_RUN);
    waiting_ = waiting_.last(stream_->avail_in);
    const std::size_t count = into.size() - stream_->avail_out;
    ended_ = status == LZMA_STREAM_END;
    const bool is_good = ended_ || status == LZMA_OK || (status == LZMA_BUF_ERROR && !at_end_);
    if (!is_good) failure_ = damaged(words_for(status));
    if (failure_ && count == 0) return *failure_;
    return count;
  }

  std::unique_ptr<lzma_stream, EndDecoder> stream_{new lzma_stream};
  std::optional<Error> failure_;  // returned once the text before it has been
};

}  // namespace

std::unique_ptr<ByteStream> unpack_xz(PackedBytes packed) { return std::make_unique<XzStream>(std::move(packed)); }

}  // namespace triaged::sources
