#include "sources/file_scan.hpp"

#include <cerrno>
#include <cstring>
#include <ctime>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include "sources/byte_stream.hpp"
#include "sources/line_splitter.hpp"
#include "sources/look_ahead.hpp"

namespace triaged::sources {

namespace {

TimePoint time_from(const timespec& time) {
  return TimePoint(std::chrono::seconds(time.tv_sec) +
                   std::chrono::floor<Microseconds>(std::chrono::nanoseconds(time.tv_nsec)));
}

struct OpenFile {
  Descriptor file;
  std::string name;
  struct stat status {};
};

Result<OpenFile> open_file(const std::filesystem::path& path) {
  const bool standard_input = path == "-";
  OpenFile open{.name = standard_input ? "standard input" : path.string()};
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

class LineScan final : public FileScan {
 public:
  LineScan(std::unique_ptr<ByteStream> bytes, const OpenFile& open, const FileScanOptions& options)
      : text_(std::move(bytes)),
        splitter_({.batch_bytes = options.batch_bytes, .longest_line = options.longest_line}),
        batch_bytes_(options.batch_bytes),
        name_(open.name),
        is_regular_(S_ISREG(open.status.st_mode)),
        total_bytes_(is_regular_ ? static_cast<std::uint64_t>(open.status.st_size) : 0),
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
  const bool is_regular_;
  const std::uint64_t total_bytes_;
  const TimePoint opened_at_;
  const TimePoint modified_at_;
  bool ended_ = false;
  std::optional<Error> failure_;  // returned once the lines before it have been emitted
};

}  // namespace

Result<std::unique_ptr<FileScan>> FileScan::open(const std::filesystem::path& path, FileScanOptions options) {
  auto open = open_file(path);
  if (!open) return open.error();
  auto bytes = open_byte_stream(std::move(open->file), open->name);
  if (!bytes) return bytes.error();
  return std::unique_ptr<FileScan>(new LineScan(std::move(*bytes), *open, options));
}

}  // namespace triaged::sources
