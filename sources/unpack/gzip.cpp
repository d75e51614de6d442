#include <algorithm>

#include <zlib.h>

#include "sources/unpack/unpacking_stream.hpp"

namespace triaged::sources {

namespace {

struct InflateEnd {
  void operator()(z_stream* stream) const noexcept {
    inflateEnd(stream);
    delete stream;
  }
};

class GzipStream final : public UnpackingStream {
 public:
  explicit GzipStream(PackedBytes packed) : UnpackingStream(std::move(packed), "gzip") {
    constexpr int gzip_only = 16 + MAX_WBITS;
    if (inflateInit2(stream_.get(), gzip_only) != Z_OK) throw std::bad_alloc();
  }

 private:
  // A gzip file is one or more members; `cat a.gz b.gz` is one too. Zeros may follow them (tapes and block devices are
  // padded so), and gzip(1) does not mind either.
  Result<std::size_t> unpack(std::span<char> into) override {
    if (between_members_) {
      while (!waiting_.empty() && waiting_.front() == '\0') waiting_ = waiting_.subspan(1);
      if (waiting_.empty()) {
        ended_ = at_end_;
        return std::size_t{0};
      }
      inflateReset(stream_.get());
      between_members_ = false;
    }
    stream_->next_in = reinterpret_cast<Bytef*>(waiting_.data());
    stream_->avail_in = static_cast<uInt>(waiting_.size());
    stream_->next_out = reinterpret_cast<Bytef*>(into.data());
    stream_->avail_out = static_cast<uInt>(std::min(into.size(), std::size_t{1} << 30));
    const uInt room = stream_->avail_out;
    const int status = inflate(stream_.get(), Z_NO_FLUSH);
    waiting_ = waiting_.last(stream_->avail_in);
    const std::size_t count = room - stream_->avail_out;
    between_members_ = status == Z_STREAM_END;
    if (status == Z_BUF_ERROR && at_end_ && count == 0) return ends_early();
    if (status == Z_OK || status == Z_STREAM_END || status == Z_BUF_ERROR || count > 0) return count;
    return damaged(stream_->msg != nullptr ? stream_->msg : "not gzip");
  }

  std::unique_ptr<z_stream, InflateEnd> stream_{new z_stream{}};
  bool between_members_ = false;
};

}  // namespace

std::unique_ptr<ByteStream> unpack_gzip(PackedBytes packed) { return std::make_unique<GzipStream>(std::move(packed)); }

}  // namespace triaged::sources
