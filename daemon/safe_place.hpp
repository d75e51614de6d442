// Finds places in the logs before which everything is finished: every incident that came of those lines is over, and
// every notification of it was delivered. When the ledger is damaged and cannot prove what it holds, reading goes back
// to such a place, so that everything that may be missing is found again and as little as possible twice.
//
// One candidate at a time: the streams as they stood at a moment, with what was open then. When the last of it has
// ended, and what was put into the outbox until then is delivered, the candidate has become a safe place.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "daemon/stream_row.hpp"
#include "store/ledger.hpp"

namespace triaged::daemon {

/// Where all streams stand at a moment: how far each is read, and what its reader remembers of the lines before. A copy
/// costs nothing: places share what is the same in both, so that thousands of quiet streams are kept once.
class Place {
 public:
  Place() = default;
  /// Of `state`, what readers remember.
  Place(const std::vector<Cursor>& cursors, const std::vector<SavedState>& state) { go_to(cursors, state); }

  /// Takes what changed; what is empty is forgotten.
  void go_to(const std::vector<Cursor>& cursors, const std::vector<SavedState>& state);

  [[nodiscard]] std::vector<Cursor> cursor_rows() const;
  [[nodiscard]] std::vector<SavedState> reader_rows() const;

  /// What must be written over `before` to make it this one.
  struct Changes {
    std::vector<Cursor> cursors;
    std::vector<SavedState> readers;
  };
  [[nodiscard]] Changes since(const Place& before) const;

  /// Keeps no more than differs from `other`, which was made apart from this one.
  void share_with(const Place& other);

 private:
  using Rows = std::vector<StreamRow>;
  using Part = std::string StreamRow::Parts::*;

  [[nodiscard]] const StreamRow* find(std::string_view stream) const;
  void put(std::map<std::string_view, StreamRow::Parts> changed);
  /// What differs in `part` from `before`; empty: it is not there any more.
  [[nodiscard]] std::vector<std::pair<std::string, std::string>> difference(const Place& before, Part part) const;

  std::shared_ptr<Rows> rows_ = std::make_shared<Rows>();  // by stream; those of copies, too, until one is changed
};

class SafePlace {
 public:
  using Clock = std::chrono::steady_clock;

  /// A candidate is taken at most so often: each costs a copy of all cursors.
  static constexpr auto shortest_time = std::chrono::seconds(30);
  /// Windows of conditions over several lines go on for ever where lines come regularly. So long is waited for what
  /// they hold, which is enough for every rule that is shipped (five minutes); of a rule that waits longer, lines that
  /// were older when the ledger was damaged are not found again.
  static constexpr auto longest_window = std::chrono::hours(1);

  /// Nothing is known, and nothing is open.
  SafePlace() = default;
  /// `safe` is the safe place of the ledger, `state` its state.
  SafePlace(Place safe, const std::vector<SavedState>& state);

  /// Whether rows of that kind may be the only trace of lines: incidents, and windows of conditions over several lines.
  [[nodiscard]] static bool holds_lines(StateKind kind) {
    return kind == StateKind::incident || kind == StateKind::window;
  }

  /// What changed, in the order in which it is committed.
  void on_commit(const store::Commit& commit);

  /// The safe place, for a ledger that must be written anew.
  [[nodiscard]] store::Commit all() const;

  /// As Place's; `place` is that of the ledger.
  void share_with(const Place& place) { safe_.share_with(place); }

  /// REQUIRES: everything that was given to on_commit() is committed; `place` is that of the ledger. `highest_row` is
  /// the newest row of the outbox; `has_pending` says whether one up to a row is undelivered.
  ///
  /// The safe cursors and state that are to be committed; none: nothing has changed.
  [[nodiscard]] store::Commit advance(const Place& place, std::int64_t highest_row,
                                      const std::function<bool(std::int64_t row)>& has_pending, Clock::time_point now);

 private:
  struct Candidate {
    Place place;
    std::set<std::string> open;  // incidents, when it was taken and since
    Clock::time_point taken, windows_until;
    std::optional<std::int64_t> row;  // what was in the outbox when the last of `open` ended
  };

  [[nodiscard]] static bool is_over(const std::string& id, const store::Commit& commit);

  Place safe_;
  std::set<std::string> open_, windows_;  // ids of the ledger's incidents and windows
  std::optional<Candidate> candidate_;
};

}  // namespace triaged::daemon
