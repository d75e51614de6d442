#include "sources/byte_stream.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <optional>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

namespace triaged::sources {

namespace {

constexpr std::size_t magic_bytes = 4;
constexpr std::size_t packed_chunk = 128 * 1024;

bool starts_with(std::span<const char> head, std::string_view magic) {
  return std::string_view(head.data(), head.size()).starts_with(magic);
}

// The file as it lies on disk, with the few bytes that were read to recognise it put back in front.
class PackedBytes {
 public:
  PackedBytes(Descriptor file, std::string name) : file_(std::move(file)), name_(std::move(name)) {}

  Result<std::size_t> read(std::span<char> into) {
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

  Result<Compression> recognise() {
    std::array<char, magic_bytes> magic;
    while (head_.size() < magic.size()) {
      const auto count = read_file(std::span(magic).subspan(head_.size()));
      if (!count) return count.error();
      if (*count == 0) break;
      head_.append(magic.data() + head_.size(), *count);
    }
    done_ = head_.size();
    return compression_of(head_);
  }

  const std::string& name() const { return name_; }
  std::uint64_t done() const { return done_; }

 private:
  Result<std::size_t> read_file(std::span<char> into) const {
    for (;;) {
      const ssize_t count = ::read(file_.get(), into.data(), into.size());
      if (count >= 0) return static_cast<std::size_t>(count);
      if (errno != EINTR) return error(fmt::format("cannot read {}: {}", name_, std::strerror(errno)));
    }
  }

  Descriptor file_;
  std::string name_;
  std::string head_;
  std::size_t head_done_ = 0;
  std::uint64_t done_ = 0;
};

class PlainStream final : public ByteStream {
 public:
  explicit PlainStream(PackedBytes packed) : packed_(std::move(packed)) {}
  Result<std::size_t> read(std::span<char> into) override { return packed_.read(into); }
  std::uint64_t bytes_done() const override { return packed_.done(); }

 private:
  PackedBytes packed_;
};

// What gzip and zstd have in common: a chunk of packed bytes at a time, and text that comes out of it.
class UnpackingStream : public ByteStream {
 public:
  UnpackingStream(PackedBytes packed, std::string_view kind) : packed_(std::move(packed)), kind_(kind) {}

  Result<std::size_t> read(std::span<char> into) final {
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

  std::uint64_t bytes_done() const final { return packed_.done() - waiting_.size(); }

 protected:
  /// Takes from waiting() and fills the start of `into`; sets ended() when there will be no more text.
  virtual Result<std::size_t> unpack(std::span<char> into) = 0;

  Error damaged(std::string_view why) const {
    return error(
        fmt::format("{}: damaged {} data after {} bytes of text: {}", packed_.name(), kind_, text_bytes_, why));
  }
  Error ends_early() const { return damaged("the file ends in the middle of it"); }

  std::span<char> waiting_;  // packed bytes that are not taken yet
  bool at_end_ = false;      // the file has no more packed bytes than those
  bool ended_ = false;

 private:
  PackedBytes packed_;
  std::string_view kind_;
  std::vector<char> chunk_ = std::vector<char>(packed_chunk);
  std::uint64_t text_bytes_ = 0;
};

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

Compression compression_of(std::span<const char> head) {
  if (starts_with(head, "\x1f\x8b")) return Compression::gzip;
  if (starts_with(head, "\x28\xb5\x2f\xfd")) return Compression::zstd;
  return Compression::none;
}

Result<std::unique_ptr<ByteStream>> open_byte_stream(Descriptor file, std::string name) {
  PackedBytes packed(std::move(file), std::move(name));
  const auto compression = packed.recognise();
  if (!compression) return compression.error();
  switch (*compression) {
    case Compression::gzip:
      return std::unique_ptr<ByteStream>(new GzipStream(std::move(packed)));
    case Compression::zstd:
      return std::unique_ptr<ByteStream>(new ZstdStream(std::move(packed)));
    case Compression::none:
      break;
  }
  return std::unique_ptr<ByteStream>(new PlainStream(std::move(packed)));
}

}  // namespace triaged::sources
