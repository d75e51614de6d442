// One file that is being followed, open, from a place in it onwards: the bytes that one inode holds, whatever it is
// called by now. It emits what was added since it was last asked, and notices when its text is no longer the one
// that it had been reading. When to look, what the file's name means and what comes after it is FollowedPath's
// business.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/descriptor.hpp"
#include "sources/byte_stream.hpp"
#include "sources/file/file_follower.hpp"
#include "sources/file/file_identity.hpp"
#include "sources/line_splitter.hpp"

namespace triaged::sources {

class FollowedFile {
 public:
  enum class Outcome {
    lines,      // the batch has some
    progress,   // bytes were read or skipped, but no line is complete: ask again
    caught_up,  // nothing new is there now
    rewritten,  // what was read is not in the file any more: it was truncated, and perhaps filled again
    failed,     // the system refuses to read it
  };

  virtual ~FollowedFile() = default;

  /// Puts complete lines into `batch`: bytes and lines; the rest is the caller's.
  [[nodiscard]] virtual Outcome read(LineBatch& batch, FollowCounts& counts) = 0;

  /// The next read() looks at the bytes before its place even when size and time of the file are as they were.
  virtual void look_closely() {}

  /// Notes the marks of a file that waits for its turn: nothing of it has been read, and it may have grown.
  virtual void note_head() {}

  /// Where the file is now; empty when it has been deleted.
  [[nodiscard]] virtual std::string path_now() const = 0;

  /// Bytes that were there at the last read() and have not been emitted.
  [[nodiscard]] virtual std::uint64_t unread_bytes() const = 0;

  /// Where the file ended at the last read(), 0 before that.
  [[nodiscard]] virtual std::uint64_t size_seen() const { return 0; }

  /// Why the last read() failed.
  [[nodiscard]] const std::string& failure() const { return failure_; }

  /// The open file, for somebody who goes on with it. This one is of no use afterwards.
  [[nodiscard]] virtual Descriptor release() { return {}; }
  /// -1 when the file is compressed: its bytes are not its text.
  [[nodiscard]] virtual int descriptor() const { return -1; }

  /// Emits the unterminated line at the end; false when there is none, or no more of it than was emitted.
  bool emit_tail(LineBatch& batch, FollowCounts& counts);
  [[nodiscard]] bool has_tail() const { return splitter_.tail().size() > splitter_.already_emitted(); }
  /// That line is the end of what the file has: its own end may be long in coming.
  [[nodiscard]] bool ends_with_tail() const { return has_tail() && splitter_.position() >= size_seen(); }

  /// As in LineBatch.
  [[nodiscard]] std::uint64_t followed_from() const { return start_.followed_from; }

  /// Behind the last line emitted.
  [[nodiscard]] virtual FilePlace place() const;

 protected:
  FollowedFile(FilePlace& place, const FileFollowerOptions& options);
  void split(std::size_t arrived, LineBatch& batch, FollowCounts& counts);

  LineSplitter splitter_;
  FilePlace& start_;  // identity and path of the file; its place is in splitter_
  std::string failure_;
};

/// A plain file, from `place` onwards, where the caller knows that it is the right one. `place` must outlive it and is
/// its own until then: the marks of the file grow in it.
[[nodiscard]] std::unique_ptr<FollowedFile> follow_plain(Descriptor file, FilePlace& place,
                                                         const FileFollowerOptions& options);

/// A compressed file, from a place in its text onwards. That it has the text up to there is checked on the way; when it
/// has not, read() answers `rewritten`. A file that was never read has a place at offset 0. Of `place` the same is
/// true.
[[nodiscard]] std::unique_ptr<FollowedFile> follow_compressed(std::unique_ptr<ByteStream> text, FilePlace& place,
                                                              const FileFollowerOptions& options);

/// The place of the end of `file`: behind its last complete line, at most `longest_line` bytes before its last byte.
[[nodiscard]] FilePlace place_at_end(int file, const FileStatus& status, std::uint64_t size, std::size_t longest_line);

}  // namespace triaged::sources
