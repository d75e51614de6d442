// Reads existing files from start to end: plain, gzip (also several members in one file), zstd (also several frames),
// or standard input. Compression is recognised from content, not from the name.
#pragma once

#include <cstdint>
#include <filesystem>
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
};

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
};

}  // namespace triaged::sources
