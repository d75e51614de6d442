// The reading end of standard input or of a named pipe. Never waits.
//
// A named pipe ends whenever its last writer closes it, and begins again with the next writer. It is opened again
// before the old end is closed: a writer always finds a reader, and what it wrote meanwhile stays in the pipe.
#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "base/descriptor.hpp"

namespace triaged::sources {

class ReadingEnd {
 public:
  enum class Outcome {
    bytes,
    nothing,  // now
    ended,    // all that was written is read, and nobody has it open for writing
    failed,   // failure() says why
  };
  struct Read {
    Outcome outcome = Outcome::nothing;
    std::size_t bytes = 0;
  };

  /// `path` of a named pipe; empty: standard input. Throws std::system_error when no descriptor is left.
  explicit ReadingEnd(std::string path);

  /// Opens it, also when it is open: anew. False, and failure() says why, when it cannot be; what was open stays so.
  bool open();
  void close();
  [[nodiscard]] bool is_open() const { return file_.is_open(); }

  /// REQUIRES: is_open().
  [[nodiscard]] Read read(std::span<char> into);

  [[nodiscard]] const std::string& failure() const { return failure_; }
  /// There is no standard input: it was closed when we were started. Nothing will come from it later either.
  [[nodiscard]] bool is_missing() const { return path_.empty() && is_missing_; }

  /// Another pipe, or none, stands at the path now.
  [[nodiscard]] bool has_moved() const;

  /// Readable when read() may give something, for as long as that is wanted. It stays the same however often the stream
  /// is opened.
  [[nodiscard]] int descriptor() const { return watch_.get(); }
  void want_reading(bool is_wanted);
  /// False: descriptor() says nothing about this one (a regular file): it is always to be asked.
  [[nodiscard]] bool can_be_watched() const { return can_be_watched_; }

 private:
  [[nodiscard]] Descriptor opened();
  bool fail(int why);

  std::string path_;
  std::string failure_;
  Descriptor watch_;  // an epoll with `file_` in it, when reading is wanted
  Descriptor file_;
  bool is_missing_ = false;
  bool is_watched_ = false;
  bool can_be_watched_ = true;
};

}  // namespace triaged::sources
