#include "sources/file_scan.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <ctime>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sources/byte_stream.hpp"
#include "sources/line_splitter.hpp"
#include "sources/look_ahead.hpp"

namespace triaged::sources {

namespace {

TimePoint time_from(const timespec& time) {
  return TimePoint(std::chrono::seconds(time.tv_sec) +
                   std::chrono::floor<Microseconds>(std::chrono::nanoseconds(time.tv_nsec)));
}

/// Bytes of a file, from `begin` to before `end`.
struct Part {
  std::uint64_t begin = 0, end = 0;
};

struct OpenFile {
  Descriptor file;
  std::string name;
  struct stat status {};
  bool is_standard_input = false;
  bool is_plain = false;  // a regular file, not compressed
  Part part;              // that is read; of what is no regular file nobody knows it
};

Result<OpenFile> open_file(const std::filesystem::path& path) {
  const bool standard_input = path == "-";
  OpenFile open{.name = standard_input ? "standard input" : path.string(), .is_standard_input = standard_input};
  // A copy of descriptor 0, so that closing ours does not close the program's.
  open.file = Descriptor(standard_input ? ::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3)
                                        : ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
  if (!open.file.is_open()) return error(fmt::format("cannot open {}: {}", open.name, std::strerror(errno)));
  if (::fstat(open.file.get(), &open.status) != 0) {
    return error(fmt::format("cannot read the status of {}: {}", open.name, std::strerror(errno)));
  }
  if (S_ISDIR(open.status.st_mode)) return error(fmt::format("{} is a folder, not a file", open.name));
  return open;
}

/// The bytes of a stream up to some place in it.
class PartStream final : public ByteStream {
 public:
  PartStream(std::unique_ptr<ByteStream> whole, std::uint64_t size) : whole_(std::move(whole)), left_(size) {}

  Result<std::size_t> read(std::span<char> into) override {
    if (left_ == 0) return std::size_t{0};
    const auto count = whole_->read(into.first(std::min<std::uint64_t>(into.size(), left_)));
    if (count) left_ -= *count;
    return count;
  }
  std::uint64_t bytes_done() const override { return whole_->bytes_done(); }

 private:
  std::unique_ptr<ByteStream> whole_;
  std::uint64_t left_;
};

class LineScan final : public FileScan {
 public:
  LineScan(std::unique_ptr<ByteStream> bytes, const OpenFile& open, const FileScanOptions& options)
      : text_(std::move(bytes)),
        splitter_(
            {.batch_bytes = options.batch_bytes, .longest_line = options.longest_line, .offset = open.part.begin}),
        batch_bytes_(options.batch_bytes),
        name_(open.name),
        is_regular_(S_ISREG(open.status.st_mode)),
        is_plain_(open.is_plain),
        total_bytes_(open.part.end - open.part.begin),
        opened_at_(std::chrono::floor<Microseconds>(std::chrono::system_clock::now())),
        modified_at_(is_regular_ ? time_from(open.status.st_mtim) : opened_at_) {}

  Result<std::optional<LineBatch>> next() override {
    LineBatch batch;
    while (!ended_) {
      splitter_.split(fill(), batch);
      if (batch.lines.empty()) continue;
      splitter_.add_ahead(text_.ahead(), batch);
      return finished(std::move(batch));
    }
    if (splitter_.emit_tail(batch)) return finished(std::move(batch));
    if (failure_) return *failure_;
    return std::optional<LineBatch>();
  }

  std::uint64_t bytes_done() const override { return text_.bytes_done(); }
  std::uint64_t total_bytes() const override { return total_bytes_; }
  TimePoint modified_at() const override { return modified_at_; }
  std::uint64_t cut_lines() const override { return splitter_.cut_lines(); }
  bool has_parts() const override { return is_plain_; }

 private:
  // As many bytes as a batch takes; a pipe's writer is not waited for once there are some.
  std::size_t fill() {
    const std::span<char> room = splitter_.room(batch_bytes_);
    std::size_t count = 0;
    while (count < room.size()) {
      const auto read = text_.read(room.subspan(count));
      if (!read) failure_ = read.error();
      ended_ = !read || *read == 0;
      if (ended_) break;
      count += *read;
      if (!is_regular_) break;
    }
    return count;
  }

  std::optional<LineBatch> finished(LineBatch batch) const {
    batch.source_name = name_;
    batch.cursor.stream = "scan:" + name_;
    batch.observed_at = opened_at_;
    return batch;
  }

  LookAhead text_;
  LineSplitter splitter_;
  const std::size_t batch_bytes_;
  const std::string name_;
  const bool is_regular_, is_plain_;
  const std::uint64_t total_bytes_;
  const TimePoint opened_at_;
  const TimePoint modified_at_;
  bool ended_ = false;
  std::optional<Error> failure_;  // returned once the lines before it have been emitted
};

/// Not standard input, of which others have the same place in the file.
bool is_plain(const OpenFile& open) {
  std::array<char, recognised_bytes> head;
  const auto count = ::pread(open.file.get(), head.data(), head.size(), 0);
  return !open.is_standard_input && S_ISREG(open.status.st_mode) && count >= 0 &&
         compression_of(std::span(head).first(static_cast<std::size_t>(count))) == Compression::none;
}

/// The text of the file or, of a plain one, of the part that the options ask for; which part it is stands in `open`
/// then.
Result<std::unique_ptr<ByteStream>> open_part(OpenFile& open, const FileScanOptions& options) {
  const auto size = S_ISREG(open.status.st_mode) ? static_cast<std::uint64_t>(open.status.st_size) : 0;
  open.is_plain = is_plain(open);
  open.part = {0, size};
  const bool is_whole = options.begin == 0 && options.end >= size;
  if (!open.is_plain || is_whole) return open_byte_stream(std::move(open.file), open.name);
  open.part.end = std::min(options.end, size);
  open.part.begin = std::min(options.begin, open.part.end);
  if (::lseek(open.file.get(), static_cast<off_t>(open.part.begin), SEEK_SET) < 0) {
    return error(fmt::format("cannot read {}: {}", open.name, std::strerror(errno)));
  }
  auto plain = open_plain_stream(std::move(open.file), open.name);
  return std::unique_ptr<ByteStream>(new PartStream(std::move(plain), open.part.end - open.part.begin));
}

}  // namespace

Result<std::unique_ptr<FileScan>> FileScan::open(const std::filesystem::path& path, FileScanOptions options) {
  auto open = open_file(path);
  if (!open) return open.error();
  auto bytes = open_part(*open, options);
  if (!bytes) return bytes.error();
  return std::unique_ptr<FileScan>(new LineScan(std::move(*bytes), *open, options));
}

std::string beginning_of(const std::filesystem::path& path, std::size_t most) {
  auto open = open_file(path);
  if (!open) return {};
  auto bytes = open_byte_stream(std::move(open->file), open->name);
  if (!bytes) return {};
  std::string text(most, '\0');
  std::size_t filled = 0;
  while (filled < most) {
    const auto count = (*bytes)->read(std::span(text).subspan(filled));
    if (!count || *count == 0) break;
    filled += *count;
  }
  text.resize(filled);
  return text;
}

}  // namespace triaged::sources
