// Finds places in the logs before which everything is finished: every incident that came of those lines is over, and
// every notification of it was delivered. When the ledger is damaged and cannot prove what it holds, reading goes back
// to such a place, so that everything that may be missing is found again and as little as possible twice.
//
// One candidate at a time: the cursors as they stood at a moment, with what was open then. When the last of it has
// ended, and what was put into the outbox until then is delivered, the candidate has become a safe place.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "store/ledger.hpp"

namespace triaged::daemon {

class SafePlace {
 public:
  using Clock = std::chrono::steady_clock;
  using Cursors = std::map<std::string, std::string>;  // stream -> state

  /// A candidate is taken at most so often: each costs a copy of all cursors.
  static constexpr auto shortest_time = std::chrono::seconds(30);
  /// Windows of conditions over several lines go on for ever where lines come regularly. So long is waited for what
  /// they hold, which is enough for every rule that is shipped (five minutes); of a rule that waits longer, lines that
  /// were older when the ledger was damaged are not found again.
  static constexpr auto longest_window = std::chrono::hours(1);

  /// Nothing is known, and nothing is open.
  SafePlace() = default;
  /// `safe` are the safe cursors of the ledger, `open` what it holds of open incidents.
  SafePlace(const std::vector<Cursor>& safe, const std::vector<store::StoredIncident>& open);

  /// Whether what is saved under `id` may be the only trace of lines: an incident, or a window of a condition over
  /// several lines. What is usual on this host and which process has which address is not.
  [[nodiscard]] static bool holds_lines(const std::string& id);

  /// What changed, in the order in which it is committed.
  void on_commit(const store::Commit& commit);

  /// The safe cursors, for a ledger that must be written anew.
  [[nodiscard]] std::vector<Cursor> all() const;

  /// REQUIRES: everything that was given to on_commit() is committed; `cursors` are those of the ledger. `highest_row`
  /// is the newest row of the outbox; `has_pending` says whether one up to a row is undelivered.
  ///
  /// What is to be committed as Commit::safe_cursors; empty: nothing has changed.
  [[nodiscard]] std::vector<Cursor> advance(const Cursors& cursors, std::int64_t highest_row,
                                            const std::function<bool(std::int64_t row)>& has_pending,
                                            Clock::time_point now);

 private:
  struct Candidate {
    Cursors cursors;
    std::set<std::string> open;  // when it was taken, and since
    Clock::time_point taken, windows_until;
    std::optional<std::int64_t> row;  // what was in the outbox when the last of `open` ended
  };

  [[nodiscard]] static bool is_over(const std::string& id, const store::Commit& commit);

  Cursors safe_;
  std::set<std::string> open_;
  std::optional<Candidate> candidate_;
};

}  // namespace triaged::daemon
