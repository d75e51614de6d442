// Follows the files of all sources: globs, rotation by rename and by copytruncate, files that appear later, restarts.
// Reads on the calling thread, never waits, and starts no thread: descriptor() and next_deadline() say when to call
// next() again.
//
// Every complete line of a followed file is emitted once, in the file's order, and the cursor of its batch stands
// behind it: after a restart reading goes on there, in the same file whatever it is called by then. A file is known
// again by several marks together (file_identity.hpp), so a reused inode, a copy or a common header does not mislead
// it. Rotated files are read to their end before the file that took their place; several rotations between two looks
// are found (rotated_files.hpp says by which evidence); after copytruncate the copy is searched for what had not been
// read. Compressed files are followed only as far as they are the rest of one that was read before.
//
// What a file holds when following begins, and nothing of it was read before, is its past: of each batch the follower
// says up to where that reaches (LineBatch::followed_from). It stands in the cursor and goes with the file through
// rotation, copies and restarts. A file that comes later, or takes the place of one that was followed, has none.
//
// There is one follower for all sources, with one table of known files. A path belongs to the first source that matches
// it, and a file that two paths reach (a symbolic link, say) is read by the path that came to it first.
//
// An unterminated line is emitted as it is when nothing was added to it for partial_line_wait. When its end comes
// later it is emitted again, whole, and the batch says how much of it is not new (LineBatch::already_emitted), also
// after a restart: a line that its program writes in pieces is read as a whole, and nothing is recognised twice.
//
// Bounds. At most max_open_files are open at a time: when more are followed, they take turns, and the place of a closed
// one is remembered. Of each path are remembered: the file that stands there, rotated ones that have something to read,
// those that another followed name leads to, and the last four of the others; everything older is told from new files
// by one point in time (FileCursor::known_until), not by a list. A search for rotated files reads the folders concerned
// once for all paths. At most 1,000 messages wait for take_messages().
//
// What cannot be found (a rotated file in a folder that the configuration does not name) is reported once and counted
// in unknown_losses.
//
// Text of a batch leaves at least 64 bytes of capacity behind its end (simdjson reads past it).
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"
#include "sources/source.hpp"
#include "values/line_batch.hpp"

namespace triaged::sources {

enum class StartAt {
  checkpoint,  // where the last run stopped; a file that was never read starts at its beginning
  end,  // where the last run stopped; a file that is there when following begins and was never read starts at its end
};

/// In a file that a person wrote; counted from 1.
struct PlaceInText {
  unsigned line = 0, column = 0;
};

/// What one source follows.
struct FollowedSource {
  std::vector<std::string> globs;    // absolute paths with * ? [ ] in any component
  std::vector<std::string> rotated;  // likewise: where rotated files go, when that is not the folder of the file
  StartAt start = StartAt::checkpoint;
  /// Whether a path that a glob matches is followed; empty: every one.
  std::function<bool(const std::string& path)> is_wanted = {};
  std::vector<PlaceInText> places = {};  // of each of `globs` in the configuration, when it stands there
};

struct FileFollowerOptions {
  std::vector<FollowedSource> sources;
  std::vector<std::string> own_files = {};  // absolute paths that this process writes: they are left out (OwnFiles)
  bool has_lost_cursors = false;            // what has no cursor may have been followed nevertheless
  std::size_t batch_bytes = 64 * 1024;      // the least that is committed: what follows it must fit between two crashes
  std::size_t longest_line = 64 * 1024;     // longer lines are cut to this; the rest is skipped and counted
  Microseconds partial_line_wait = std::chrono::milliseconds(500);  // an unterminated last line is emitted after this
  Microseconds rotated_wait =
      std::chrono::seconds(5);  // a renamed or deleted file is read until it is silent this long
  Microseconds rescan_every = std::chrono::seconds(2);  // globs and files are looked at anew; thousands less often
  std::size_t max_open_files = 0;                       // 0: what the process may open, less what the rest of it needs
};

struct FollowCounts {
  std::uint64_t files = 0;  // followed now, open or waiting for their turn
  std::uint64_t bytes = 0;  // read since the start
  std::uint64_t rotations = 0;
  std::uint64_t truncations = 0;
  std::uint64_t cut_lines = 0;         // longer than longest_line
  std::uint64_t nul_bytes = 0;         // skipped
  std::uint64_t unreadable_files = 0;  // match a glob and cannot be read now
  std::uint64_t rotated_files = 0;     // of the followed ones: renamed or deleted, and still being read
  std::uint64_t waiting_files = 0;     // of the followed ones: closed, because too many are followed
  std::uint64_t unread_bytes = 0;      // seen in the open files and not emitted: the lag
  std::uint64_t lost_bytes = 0;        // seen, then truncated before they were read
  std::uint64_t own_files = 0;         // match a glob and are left out
  std::uint64_t unknown_losses = 0;    // files that moved to an unknown place; what else they had is not known
};

/// The source of kind `file`. io thread only.
class FileFollower : public Source {
 public:
  /// `checkpoint` are the cursors of an earlier run, of any kind of source; those of others are ignored. Fails when a
  /// glob is not absolute. Files that cannot be opened are not a failure: they are reported and tried again.
  [[nodiscard]] static Result<std::unique_ptr<FileFollower>> open(FileFollowerOptions options,
                                                                  const std::vector<Cursor>& checkpoint, TimePoint now);

  /// A batch of one file, the files in turn so that none starves another. One without lines and with an empty cursor
  /// state says that its stream has ended (the file is gone and read to its end): once it is committed the store may
  /// forget that cursor. One without lines and with a cursor tells where a file begins that is read from its end, or
  /// that an empty one is followed from now on.
  [[nodiscard]] std::optional<LineBatch> next(TimePoint now) override = 0;

  /// -1 when the system gives no inotify.
  [[nodiscard]] int descriptor() const override = 0;

  /// A partial line, a rescan (every second when changes cannot be watched) or a rotated file is due.
  [[nodiscard]] TimePoint next_deadline() const override = 0;

  /// Such as "cannot read /var/log/x: Permission denied (will try again)".
  [[nodiscard]] std::vector<std::string> take_messages() override = 0;

  [[nodiscard]] virtual FollowCounts counts() const = 0;
  void add_to(std::vector<Metric>& metrics) const override;
  [[nodiscard]] std::string summary() const override;
};

}  // namespace triaged::sources
