// The ledger: everything that must survive a crash, in one SQLite file. Cursors, the stages' state (open incidents and
// what else they remember, values/saved_state.hpp) and outbox rows are committed in one transaction, so a line is never
// counted twice and a notification never decided twice.
//
// It survives what happens to its file while it runs. A call that fails (the disk is full, another process holds the
// lock) changes nothing and may be repeated. A file that was deleted is written again from what is still open, and
// nothing is lost. A damaged file is set aside, never deleted, and what can be read of it goes into a new file.
//
// A cursor is worth nothing without the incidents and notifications that the lines before it caused. When these cannot
// be proved to be complete (row_proof.hpp), reading goes back: cursors and state become the safe ones, those of a place
// before which everything was finished. No incident was open there, so the lines of today's incidents are read again. A
// stream without a safe cursor is read from its beginning.
//
// Safe to call from any thread: the diagnosis thread commits, each sink's thread reads and settles its own rows. Calls
// are serialised by a mutex and short, except that a write waits up to a second for another process.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"
#include "store/state_folder.hpp"
#include "values/incident_request.hpp"
#include "values/line_batch.hpp"
#include "values/notification.hpp"
#include "values/saved_state.hpp"
#include "values/workaround_report.hpp"

namespace triaged::store {

/// What a commit survives. process: a crash or kill -9 of the daemon. power: also of the machine (every commit waits
/// for the disk).
enum class Durability { process, power };

struct Acknowledgement {
  std::string incident;
  TimePoint at;
};

/// One group of changes that becomes true together or not at all.
struct Commit {
  std::vector<Cursor> cursors;                // inserted or replaced; one with an empty state is forgotten
  std::vector<SavedState> state;              // likewise
  std::vector<Notification> notifications;    // put in the outbox of their sink
  std::vector<Incident> reported;             // the last report of each is kept, for operators
  std::vector<Acknowledgement> acknowledged;  // of reported incidents, also those of this commit
  std::vector<std::string> done_requests;     // ids
  std::vector<Cursor> safe_cursors;           // as cursors; everything that was read before them is finished
  std::vector<SavedState> safe_state;         // as state; what belongs to the safe cursors
};

/// Why a ledger cannot be opened.
enum class OpenTrouble {
  passing,  // the disk is full, another process holds the lock: try again
  damaged,  // cannot be read, and cannot be set aside either
  refused,  // in use, of a later version, of another program, forbidden: somebody must act
};
struct OpenFailure {
  std::string message;
  OpenTrouble trouble = OpenTrouble::refused;
};

/// What a sink has still to deliver.
struct OutboxLoad {
  std::uint64_t rows = 0, bytes = 0;
};

/// A sink that is no longer configured and has notifications left.
struct AbsentSink {
  std::string name;
  std::uint64_t pending = 0;
  TimePoint since;
  bool was_given_up = false;  // its notifications have become dead letters now
};

/// How long the notifications of a sink that is no longer configured wait for a sink of its name.
inline constexpr Microseconds absent_sink_time = std::chrono::hours(7 * 24);

/// Settled rows older than this many newer ones are deleted, so the file stays bounded; pending ones never are.
inline constexpr std::int64_t outbox_rows_kept = 10'000;

/// Resolved incidents older than this many newer ones, open or not, are forgotten.
inline constexpr std::int64_t incidents_kept = 2'000;

class Ledger {
 public:
  using Opened = boost::system::result<std::unique_ptr<Ledger>, OpenFailure>;
  /// Opens or creates triaged.db (mode 0640) in the folder `named` (made with mode 0750) and locks the folder against a
  /// second daemon. A damaged file is set aside. Refused with a message that says so: a folder in use, a file of a
  /// later version.
  [[nodiscard]] static Opened open(const StateFolder& named, Durability durability);
  /// In memory, for tests.
  [[nodiscard]] static Opened in_memory();
  ~Ledger();

  [[nodiscard]] Result<void> commit(const Commit& commit);

  /// Messages for the operator since the last call: a file set aside, a file written again, a row that cannot be read.
  [[nodiscard]] std::vector<std::string> take_messages();
  /// Grows by one when a damaged file is set aside; a commit that comes upon one fails, and changes nothing in the new
  /// one. Who keeps cursors and state in memory commits all of them then, unless reading went back.
  [[nodiscard]] std::uint64_t times_set_aside() const;
  /// Grows by one when reading goes back: what is in memory of cursors and state is not true any more.
  [[nodiscard]] std::uint64_t times_gone_back() const;

  [[nodiscard]] Result<std::vector<Cursor>> cursors() const;
  [[nodiscard]] Result<std::vector<Cursor>> safe_cursors() const;
  /// By kind and id. Rows of a kind that this version does not know are left alone.
  [[nodiscard]] Result<std::vector<SavedState>> state() const;
  [[nodiscard]] Result<std::vector<SavedState>> safe_state() const;

  /// True from when reading goes back until safe cursors are committed, also in the next run. A stream without a cursor
  /// may have been read nevertheless, and is to be read from its beginning.
  [[nodiscard]] bool lacks_cursors() const;

  /// Makes the safe cursors and their state the present ones, for whoever cannot read a row of the state.
  [[nodiscard]] Result<void> go_back();

  /// The newest notification that was ever put into the outbox; 0: none was.
  [[nodiscard]] std::int64_t highest_row() const;
  /// Whether a notification up to `row` is still to be delivered.
  [[nodiscard]] Result<bool> has_pending(std::int64_t row) const;

  /// What operators asked for and was not done yet, oldest first.
  [[nodiscard]] Result<std::vector<IncidentRequest>> requests() const;
  /// What operators have said of workarounds, oldest first.
  [[nodiscard]] Result<std::vector<WorkaroundReport>> reports() const;

  /// Up to `limit` undelivered notifications of `sink`, oldest first. A row that cannot be read becomes a dead letter,
  /// so that it does not stop those behind it.
  [[nodiscard]] Result<std::vector<Notification>> pending(std::string_view sink, std::size_t limit,
                                                          TimePoint now = {}) const;
  /// Settled rows are kept as a record for a while: the newest outbox_rows_kept rows of the outbox, whatever their
  /// sink.
  /// False: no such row is pending, because it stood in a file that was set aside.
  [[nodiscard]] Result<bool> mark_delivered(std::int64_t row, TimePoint at);
  /// Keeps the row as a dead letter, with why.
  [[nodiscard]] Result<bool> mark_rejected(std::int64_t row, TimePoint at, std::string_view why);

  /// True once after another process has written to the file (StoredOutbox): there may be more to deliver.
  [[nodiscard]] Result<bool> was_changed_by_others();

  /// From memory: never waits for the disk.
  [[nodiscard]] OutboxLoad outbox_load(std::string_view sink) const;

  /// Says which sinks are configured. What others have left waits for absent_sink_time, and then becomes dead letters;
  /// all such sinks are returned.
  [[nodiscard]] Result<std::vector<AbsentSink>> note_sinks(const std::vector<std::string>& names, TimePoint now);

 private:
  struct Database;
  explicit Ledger(std::unique_ptr<Database> database);
  std::unique_ptr<Database> database_;
};

}  // namespace triaged::store
