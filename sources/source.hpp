// Where lines come from: the interface of every kind of source. make_source.hpp makes sources from the configuration;
// the daemon's source stage runs each in a coroutine of its own.
//
// Thread: everything here is called on the io thread and never waits. A source has no thread of its own: descriptor()
// and next_deadline() say when to call next() again. A source that is not called does not read, so when the road is
// full, writers wait.
//
// Cursors: the cursor of a batch stands after its last line, and never before one that was emitted earlier. A source
// confirms nothing by itself: lines count as read only when their cursor is committed, together with what they caused.
//
// Errors: a running source does not fail. What it cannot open or read now it reports in a message and tries again.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/time.hpp"
#include "values/line_batch.hpp"
#include "values/metric.hpp"

namespace triaged::sources {

/// What the end of a source means for the daemon.
enum class Ending {
  of_itself,  // nothing, or it never ends: the daemon goes on
  awaited,    // the daemon ends with it, and it has not ended yet
  reached,    // it has ended, and everything that it emitted is committed
};

class Source {
 public:
  virtual ~Source() = default;

  /// The next batch; nullopt when nothing is there, or when a call has done much work without completing a line
  /// (next_deadline() is then `now`). Sets source_name and cursor; LineBatch::source counts the entries of the
  /// configuration that the source was made from: whoever reads it puts the index of the whole list there.
  [[nodiscard]] virtual std::optional<LineBatch> next(TimePoint now) = 0;

  /// Readable when next() may have something; -1: next_deadline() is enough. The same for as long as the source lives:
  /// one with several descriptors, or with changing ones, gives an epoll of its own.
  [[nodiscard]] virtual int descriptor() const = 0;

  /// When to call next() although the descriptor is not readable.
  [[nodiscard]] virtual TimePoint next_deadline() const = 0;

  /// Messages for the operator since the last call. Each problem is reported once, and once more when it is over.
  [[nodiscard]] virtual std::vector<std::string> take_messages() = 0;

  /// Adds what it counts, to metrics of the same name that others have added.
  virtual void add_to(std::vector<Metric>& metrics) const = 0;

  /// What it follows, for the status of the service: "3 files", "standard input".
  [[nodiscard]] virtual std::string summary() const = 0;

  /// True: its origin forgets what was read (a pipe), so the source needs on_committed().
  [[nodiscard]] virtual bool wants_commits() const { return false; }
  /// These cursors, of any source, are in the ledger now.
  virtual void on_committed(std::span<const Cursor> cursors) { static_cast<void>(cursors); }

  [[nodiscard]] virtual Ending ending() const { return Ending::of_itself; }
};

/// What a source leaves to its successor in a reload, such as an open pipe and what was read of it. Each kind derives
/// its own.
struct KeptState {
  virtual ~KeptState() = default;
};

/// The kept states of all sources, by stream. Lives as long as the daemon; io thread only.
class KeptStates {
 public:
  /// That of `stream`; a new one when there is none.
  template <class State, class... Arguments>
  [[nodiscard]] std::shared_ptr<State> of(const std::string& stream, const Arguments&... of_a_new_one) {
    auto& known = states_[stream];
    auto state = std::dynamic_pointer_cast<State>(known);
    if (!state) known = state = std::make_shared<State>(of_a_new_one...);
    return state;
  }

  /// Drops those that no source holds any more.
  void forget_unused() {
    std::erase_if(states_, [](const auto& entry) { return entry.second.use_count() == 1; });
  }

 private:
  std::map<std::string, std::shared_ptr<KeptState>> states_;
};

}  // namespace triaged::sources
