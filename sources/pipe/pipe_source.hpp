// The source of kinds `stdin` and `pipe`: lines of standard input or of a named pipe.
//
// Back-pressure: it reads only when it is called, and not while more than max_uncommitted_bytes of what it emitted are
// not committed. Then the pipe fills, and its writers wait.
//
// What can be lost: a pipe forgets what was read from it, so each batch is kept in memory until it is committed, and a
// reload emits again what the old road had not committed. When the process dies (kill -9), lines that were read and not
// committed are lost, usually those of the last tenth of a second. What was not read stays in the pipe as long as
// some process has it open.
//
// An unterminated line is emitted when nothing was added to it for partial_line_wait, and again when there is more of
// it, as in files. When the last writer closes the pipe, that ends the line.
//
// The cursor is the number of bytes emitted since the pipe was first read: it names a line and never goes back, but
// nothing can be read again from there.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "sources/pipe/pipe_options.hpp"
#include "sources/source.hpp"

namespace triaged::sources {

inline constexpr std::size_t max_uncommitted_bytes = 8 * 1024 * 1024;

/// The part of a stream that a reload keeps.
struct PipeState;

/// io thread only.
class PipeSource final : public Source {
 public:
  /// Goes on where the source of the same stream in `origin.kept` stopped, or else opens the stream. Throws
  /// std::system_error when no descriptor is left.
  [[nodiscard]] static Result<std::unique_ptr<Source>> open(const PipeOptions& options, const SourceOrigin& origin);
  ~PipeSource() override;

  [[nodiscard]] std::optional<LineBatch> next(TimePoint now) override;
  [[nodiscard]] int descriptor() const override;
  [[nodiscard]] TimePoint next_deadline() const override;
  [[nodiscard]] std::vector<std::string> take_messages() override;
  void add_to(std::vector<Metric>& metrics) const override;
  [[nodiscard]] std::string summary() const override { return name_; }
  [[nodiscard]] bool wants_commits() const override { return true; }
  void on_committed(std::span<const Cursor> cursors) override;
  [[nodiscard]] Ending ending() const override;

 private:
  PipeSource(const PipeOptions& options, std::shared_ptr<PipeState> state, TimePoint now);

  void begin(const std::vector<Cursor>& checkpoint);
  [[nodiscard]] bool try_to_open();
  [[nodiscard]] std::optional<LineBatch> read();
  [[nodiscard]] std::optional<LineBatch> read_nothing();
  [[nodiscard]] std::optional<LineBatch> read_end();
  void look_ahead(LineBatch& batch);
  void look_at_path();
  void go_on_after_end();
  [[nodiscard]] LineBatch finished(LineBatch batch);
  [[nodiscard]] bool has_open_line() const;
  void say_trouble();
  void say_that_trouble_is_over();

  const PipeOptions options_;
  const std::string name_;  // what a person calls it
  const std::string stream_;
  const std::shared_ptr<PipeState> state_;
  TimePoint now_;
  Microseconds elapsed_{0};   // since it was made; never goes back
  Microseconds read_at_{0};   // when the last bytes came
  Microseconds open_at_{0};   // when to try again to open one that is not open
  Microseconds look_at_{0};   // when to check what stands at the path
  bool must_go_on_ = false;   // next() has done a lot of work and is to be called again
  std::string said_trouble_;  // empty: it can be read
  std::vector<std::string> messages_;
};

}  // namespace triaged::sources
