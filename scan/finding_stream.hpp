// What is found in one existing log, in the order of its lines: reader, splitter and matcher of `triaged scan` in one.
// A log that was rotated is several files; a record may begin in one and end in the next.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "formats/line_reader.hpp"
#include "matcher/matcher.hpp"
#include "scan/covered_times.hpp"
#include "scan/time_search.hpp"
#include "sources/file_scan.hpp"
#include "values/finding.hpp"

namespace triaged::scan {

/// What the scanning threads have done so far. Another thread may look at it meanwhile.
struct ScanProgress {
  std::atomic<std::uint64_t> total_bytes{0};  // of files whose size is known
  std::atomic<std::uint64_t> bytes_done{0};
  std::atomic<std::uint64_t> lines{0};
};

/// One file of a log.
struct LogFile {
  std::unique_ptr<sources::FileScan> scan;
  std::optional<FoundPart> part;  // that is read of it; none: all
};

/// A file of a log, and where its first line stands in all of them together.
struct LogPart {
  std::string path;
  std::uint64_t begin = 0;
};

/// What was read of a log, and how well its lines were understood.
struct LogReading {
  std::string name;
  std::vector<LogPart> parts;                // oldest first
  TimePoint modified_at{};                   // of the last one
  std::uint64_t lines = 0, plain_lines = 0;  // plain: of no format, or of syslog's alone
  bool has_findings = false;
  std::string beginning;                      // some of its lines
  std::optional<TimePoint> earliest, latest;  // of its lines, when note_times() was called
};

/// One thread at a time.
class FindingStream {
 public:
  /// `files`: at least one, oldest first. When `reading` has no reference, each file's time of modification is it.
  FindingStream(std::vector<LogFile> files, std::shared_ptr<const matcher::SignatureSet> signatures,
                const formats::LineReaderOptions& reading, ScanProgress& progress,
                std::shared_ptr<const formats::Redactor> redactor = formats::usual_redactor());

  /// Also notes which times the lines cover. REQUIRES: next() was not called yet.
  void note_times(const formats::LineReaderOptions& reading);

  /// Of the next batch of lines, by time (they are nearly in order in the file); an empty optional at the end. A line
  /// without a time of its own takes that of the finding before it, or else of the one behind it; without any,
  /// TimePoint::max(). Offsets go on from one file of the log to the next.
  [[nodiscard]] Result<std::optional<std::vector<Finding>>> next();

  /// So far.
  [[nodiscard]] const LogReading& reading() const { return reading_; }

 private:
  [[nodiscard]] Result<std::optional<LineBatch>> next_batch();
  void enter(const LogFile& file);
  void keep_times();
  void note(const LineBatch& batch, const std::vector<Finding>& findings);
  void place(const LineBatch& batch, const std::string& path, std::vector<Finding>& findings);
  void complete_times(std::vector<Finding>& findings);
  void add_covered_times(std::vector<Finding>& findings);

  std::vector<LogFile> files_;
  formats::LineReaderOptions options_;
  std::size_t at_ = 0;  // in files_
  LogReading reading_;
  matcher::Matcher matcher_;
  formats::LineReader reader_;
  std::optional<CoveredTimes> covered_;
  bool has_reference_;
  ScanProgress& progress_;
  std::uint64_t bytes_counted_ = 0;
  std::uint64_t end_offset_ = 0;  // behind the last line, in all files together
  TimePoint latest_ = TimePoint::max();
};

}  // namespace triaged::scan
