// Follows files: globs, rotation by rename and by copytruncate, files that appear later, restarts. Reads on whoever's
// thread calls it, never waits, and starts no thread: descriptor() tells when to look again.
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"
#include "values/line_batch.hpp"

namespace triaged {

enum class StartAt {
  checkpoint,  // where the last run stopped; a file that was never read starts at its beginning
  end,  // where the last run stopped; a file that is there when following begins and was never read starts at its end
};

struct FileTailerOptions {
  std::vector<std::string> globs;  // absolute paths with * ? [ ] in any component
  StartAt start = StartAt::checkpoint;
  std::size_t batch_bytes = 256 * 1024;
  std::size_t longest_line = 64 * 1024;  // longer lines are cut to this; the rest is skipped and counted
  Microseconds partial_line_wait = std::chrono::milliseconds(500);  // an unterminated last line is given out after this
  Microseconds rotated_wait = std::chrono::seconds(5);              // a renamed file is read this much longer
  Microseconds rescan_every = std::chrono::seconds(2);              // globs are looked at anew at least this often
};

struct FileTailerCounts {
  std::uint64_t files = 0;  // open now
  std::uint64_t bytes = 0;  // read since the start
  std::uint64_t rotations = 0;
  std::uint64_t truncations = 0;
  std::uint64_t cut_lines = 0;         // longer than longest_line
  std::uint64_t nul_bytes = 0;         // skipped
  std::uint64_t unreadable_files = 0;  // match a glob and cannot be opened now
};

/// io thread only.
class FileTailer {
 public:
  /// `checkpoint` are the cursors of an earlier run, of any source; those of other sources are ignored.
  [[nodiscard]] static Result<std::unique_ptr<FileTailer>> open(FileTailerOptions options,
                                                                const std::vector<Cursor>& checkpoint, TimePoint now);
  virtual ~FileTailer() = default;

  /// The next batch of one file, the files in turn so that none starves another; nullopt when nothing is there to be
  /// read. Sets source_name and cursor; `source` is left to the caller.
  [[nodiscard]] virtual std::optional<LineBatch> next(TimePoint now) = 0;

  /// Readable when something may have changed; -1 when the system gives no inotify (look again every second then).
  [[nodiscard]] virtual int descriptor() const = 0;

  /// When next() should be called although nothing moved (partial line due, rescan, rotated file due).
  [[nodiscard]] virtual TimePoint next_deadline() const = 0;

  /// Messages for the operator since the last call: "cannot read /var/log/x: Permission denied (will try again)".
  [[nodiscard]] virtual std::vector<std::string> take_messages() = 0;

  [[nodiscard]] virtual FileTailerCounts counts() const = 0;
};

}  // namespace triaged
