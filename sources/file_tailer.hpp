// Follows files: globs, rotation by rename and by copytruncate, files that appear later, restarts. Reads on whoever's
// thread calls it, never waits, and starts no thread: descriptor() and next_deadline() tell when to look again.
//
// Every complete line of a followed file is given out once, in the file's order, and the cursor of its batch stands
// behind it: after a restart reading goes on there, in the same file whatever it is called by then. A file is known
// again by several marks together (file_identity.hpp), so a reused inode, a copy or a common header does not mislead
// it. Rotated files are read to their end before the file that took their place; several rotations between two looks
// are found; after copytruncate the copy is searched for what had not been read. Compressed files are followed only as
// far as they are the rest of one that was read before.
//
// An unterminated line is given out as it is when nothing was added to it for partial_line_wait. When its end comes
// later it is given out again, whole, and the batch says how much of it is not new (LineBatch::told), also after a
// restart: a program that writes its lines in pieces is understood, and nothing is recognised twice.
//
// Text of a batch leaves at least 64 bytes of capacity behind its end (simdjson reads past it).
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
  std::vector<std::string> globs;           // absolute paths with * ? [ ] in any component
  std::vector<std::string> left_to_others;  // globs: what matches one, or was rotated from it, is not followed
  StartAt start = StartAt::checkpoint;
  std::size_t batch_bytes = 256 * 1024;
  std::size_t longest_line = 64 * 1024;  // longer lines are cut to this; the rest is skipped and counted
  Microseconds partial_line_wait = std::chrono::milliseconds(500);  // an unterminated last line is given out after this
  Microseconds rotated_wait =
      std::chrono::seconds(5);  // a renamed or deleted file is read until it is silent this long
  Microseconds rescan_every = std::chrono::seconds(2);  // globs are looked at anew at least this often
};

struct FileTailerCounts {
  std::uint64_t files = 0;  // open now
  std::uint64_t bytes = 0;  // read since the start
  std::uint64_t rotations = 0;
  std::uint64_t truncations = 0;
  std::uint64_t cut_lines = 0;         // longer than longest_line
  std::uint64_t nul_bytes = 0;         // skipped
  std::uint64_t unreadable_files = 0;  // match a glob and cannot be read now
  std::uint64_t rotated_files = 0;     // of the open ones: renamed or deleted, and still being read
  std::uint64_t unread_bytes = 0;      // seen in the open files and not given out: the lag
  std::uint64_t lost_bytes = 0;        // seen, then truncated before they were read
};

/// io thread only.
class FileTailer {
 public:
  /// `checkpoint` are the cursors of an earlier run, of any source; those of other sources are ignored. Fails when a
  /// glob is not absolute.
  [[nodiscard]] static Result<std::unique_ptr<FileTailer>> open(FileTailerOptions options,
                                                                const std::vector<Cursor>& checkpoint, TimePoint now);

  /// One tailer a source, which know of each other: a file that two of them reach under different names (a symbolic
  /// link, say) is read by the one that came to it first, of several the first in order, and the other says so. Two of
  /// them must not match the same name, because its cursor would be one for both: left_to_others. They end together.
  [[nodiscard]] static Result<std::vector<std::unique_ptr<FileTailer>>> open_all(std::vector<FileTailerOptions> sources,
                                                                                 const std::vector<Cursor>& checkpoint,
                                                                                 TimePoint now);
  virtual ~FileTailer() = default;

  /// The next batch of one file, the files in turn so that none starves another; nullopt when nothing is there to be
  /// read, or when a call has done much work without completing a line (next_deadline() is then `now`). Sets
  /// source_name and cursor; `source` is left to the caller.
  ///
  /// A batch without lines and with an empty cursor state says that its stream has ended (the file is gone and read to
  /// its end): once it is committed the store may forget that cursor.
  [[nodiscard]] virtual std::optional<LineBatch> next(TimePoint now) = 0;

  /// Readable when something may have changed; -1 when the system gives no inotify (next_deadline() is enough then).
  [[nodiscard]] virtual int descriptor() const = 0;

  /// When next() should be called although nothing moved: a partial line, a rescan (every second when changes cannot be
  /// watched) or a rotated file is due.
  [[nodiscard]] virtual TimePoint next_deadline() const = 0;

  /// Messages for the operator since the last call: "cannot read /var/log/x: Permission denied (will try again)". Each
  /// trouble is told once, and its end.
  [[nodiscard]] virtual std::vector<std::string> take_messages() = 0;

  [[nodiscard]] virtual FileTailerCounts counts() const = 0;
};

}  // namespace triaged
