#include <algorithm>

#include <bzlib.h>

#include "sources/unpack/unpacking_stream.hpp"

namespace triaged::sources {

namespace {

struct EndDecompressor {
  void operator()(bz_stream* stream) const noexcept {
    BZ2_bzDecompressEnd(stream);
    delete stream;
  }
};

/// `cat a.bz2 b.bz2` is one file, and so is what pbzip2 writes: a member for each block.
class Bzip2Stream final : public UnpackingStream {
 public:
  explicit Bzip2Stream(PackedBytes packed) : UnpackingStream(std::move(packed), "bzip2") { begin_member(); }

 private:
  void begin_member() {
    stream_.reset();
    auto stream = std::make_unique<bz_stream>();
    if (BZ2_bzDecompressInit(stream.get(), 0, 0) != BZ_OK) throw std::bad_alloc();
    stream_.reset(stream.release());
    between_members_ = false;
  }

  Result<std::size_t> unpack(std::span<char> into) override {
    if (failure_) return *failure_;
    if (between_members_ && waiting_.empty()) {
      ended_ = at_end_;
      return std::size_t{0};
    }
    if (between_members_) begin_member();
    constexpr std::size_t most = std::size_t{1} << 30;
    const auto packed = static_cast<unsigned>(std::min(waiting_.size(), most));
    const auto room = static_cast<unsigned>(std::min(into.size(), most));
    stream_->next_in = waiting_.data();
    stream_->avail_in = packed;
    stream_->next_out = into.data();
    stream_->avail_out = room;
    const int status = BZ2_bzDecompress(stream_.get());
    waiting_ = waiting_.subspan(packed - stream_->avail_in);
    const std::size_t count = room - stream_->avail_out;
    between_members_ = status == BZ_STREAM_END;
    if (status != BZ_OK && !between_members_) {
      failure_ =
          damaged(status == BZ_MEM_ERROR ? "there is no memory for it" : "its checksum or its structure is wrong");
    } else if (status == BZ_OK && at_end_ && waiting_.empty() && count == 0) {
      failure_ = ends_early();
    }
    if (failure_ && count == 0) return *failure_;
    return count;
  }

  std::unique_ptr<bz_stream, EndDecompressor> stream_;
  bool between_members_ = false;
  std::optional<Error> failure_;  // returned once the text before it has been
};

}  // namespace

std::unique_ptr<ByteStream> unpack_bzip2(PackedBytes packed) {
  return std::make_unique<Bzip2Stream>(std::move(packed));
}

}  // namespace triaged::sources
