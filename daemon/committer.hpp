// The way into the ledger: groups of changes wait in the backlog and are committed together. Knows where every stream
// and its reader stand and which places are safe, so that a ledger whose file was set aside can be written anew. The
// diagnosis thread's own.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "daemon/backlog.hpp"
#include "daemon/safe_place.hpp"
#include "store/ledger.hpp"

namespace triaged::daemon {

class Committer {
 public:
  /// `checkpoint` are the cursors of `ledger`, which must outlive this, and `state` and `safe_place` are its own
  /// likewise.
  Committer(store::Ledger& ledger, const std::vector<Cursor>& checkpoint, const std::vector<SavedState>& state,
            SafePlace safe_place);

  /// `group` happened after everything that was added before.
  void add(store::Commit group);
  [[nodiscard]] const Backlog& backlog() const { return backlog_; }

  /// The ledger's file was set aside, and of what it held only a part may be in the new one: add_everything() is due.
  [[nodiscard]] bool needs_everything() const { return ledger_.times_set_aside() != times_set_aside_; }
  /// `state`: all but that of readers, which is known here.
  void add_everything(std::vector<SavedState> state);

  /// Commits the backlog, which is empty then. When that fails it stays as it is.
  [[nodiscard]] Result<void> commit();

  /// Reading went back in the ledger: what is in memory is not true any more, and nothing may be committed.
  [[nodiscard]] bool has_reading_gone_back() const { return ledger_.times_gone_back() != times_gone_back_; }

  /// Adds a safe place when one was found.
  void look_for_safe_place(std::chrono::steady_clock::time_point now);

 private:
  store::Ledger& ledger_;
  Place place_;
  SafePlace safe_place_;
  Backlog backlog_;
  std::uint64_t times_set_aside_;
  const std::uint64_t times_gone_back_;
};

/// Writes what the ledger wants operators to know to the log.
void say_messages_of(store::Ledger& ledger);

}  // namespace triaged::daemon
