// Reads existing files from start to end: plain, gzip, zstd, xz, bzip2 (each also with several members in one file), or
// standard input. Compression is recognised from content, not from the name.
#pragma once

#include <cstdint>
#include <filesystem>
#include <limits>
#include <memory>
#include <optional>
#include <string>

#include "base/result.hpp"
#include "base/time.hpp"
#include "values/line_batch.hpp"

namespace triaged::sources {

struct FileScanOptions {
  std::size_t batch_bytes = 256 * 1024;
  std::size_t longest_line = 64 * 1024;  // longer lines are cut; the rest is skipped and counted
  // Of a plain file only the bytes from `begin` to before `end` are read, as if the others were not there; offsets stay
  // those in the file. Of anything else all is read.
  std::uint64_t begin = 0, end = std::numeric_limits<std::uint64_t>::max();
};

/// Up to `most` bytes with which the text of a file begins, unpacked when it is compressed; fewer when it is shorter,
/// is damaged or cannot be read.
[[nodiscard]] std::string beginning_of(const std::filesystem::path& path, std::size_t most);

/// One thread at a time.
class FileScan {
 public:
  /// "-" is standard input.
  [[nodiscard]] static Result<std::unique_ptr<FileScan>> open(const std::filesystem::path& path,
                                                              FileScanOptions options = {});
  virtual ~FileScan() = default;

  /// The next batch; an empty optional at the end. An unterminated last line counts as a line. Fails on a read error or
  /// damaged compression, with the file's name in the message; lines before it have been emitted. The batch's bytes
  /// have at least 64 bytes of capacity behind their end (simdjson reads past it). Its cursor has no state: a scan is
  /// not resumed.
  [[nodiscard]] virtual Result<std::optional<LineBatch>> next() = 0;

  /// Bytes consumed of total_bytes() as they lie on disk (compressed), for a progress bar.
  [[nodiscard]] virtual std::uint64_t bytes_done() const = 0;
  /// 0 when unknown (a pipe).
  [[nodiscard]] virtual std::uint64_t total_bytes() const = 0;
  /// Time of last modification; for a pipe, when it was opened.
  [[nodiscard]] virtual TimePoint modified_at() const = 0;
  [[nodiscard]] virtual std::uint64_t cut_lines() const = 0;
  /// It is a plain file, of which a part can be read.
  [[nodiscard]] virtual bool has_parts() const = 0;
};

}  // namespace triaged::sources
