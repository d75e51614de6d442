// The ledger: everything that must survive a crash, in one SQLite file. Cursors, incidents and outbox rows are
// committed in one transaction, so a line is never counted twice and a notification never decided twice.
//
// Safe to call from any thread: the diagnosis thread commits, each sink's thread reads and settles its own rows. Calls
// are short and serialised by a mutex.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"
#include "values/line_batch.hpp"
#include "values/notification.hpp"

namespace triaged {

/// What a commit survives. process: a crash or kill -9 of the daemon. power: also of the machine (every commit waits
/// for the disk).
enum class Durability { process, power };

/// The diagnosis stage's own state of one open incident, opaque to the store.
struct StoredIncident {
  std::string id;
  std::string state;  // JSON, the diagnosis stage's own
};

/// One group of changes that becomes true together or not at all.
struct Commit {
  std::vector<Cursor> cursors;
  std::vector<StoredIncident> open_incidents;  // inserted or replaced
  std::vector<std::string> closed_incidents;   // ids whose state is forgotten
  std::vector<Notification> notifications;     // put in the outbox of their sink
};

/// Settled rows older than this many newer ones are deleted, so the file stays bounded; pending ones never are.
inline constexpr std::int64_t outbox_rows_kept = 10'000;

class Ledger {
 public:
  /// Opens or creates `folder`/triaged.db (and `folder`, mode 0750) and locks the folder against a second daemon.
  /// Refused with a message that says so: a folder in use, a damaged file, a file of a later version.
  [[nodiscard]] static Result<std::unique_ptr<Ledger>> open(const std::filesystem::path& folder, Durability durability);
  /// In memory, for `scan` and tests.
  [[nodiscard]] static Result<std::unique_ptr<Ledger>> in_memory();
  ~Ledger();

  [[nodiscard]] Result<void> commit(const Commit& commit);

  [[nodiscard]] Result<std::vector<Cursor>> cursors() const;
  [[nodiscard]] Result<std::vector<StoredIncident>> open_incidents() const;

  /// Up to `limit` undelivered notifications of `sink`, oldest first. A row that cannot be read becomes a dead letter,
  /// so that it does not stop those behind it.
  [[nodiscard]] Result<std::vector<Notification>> pending(std::string_view sink, std::size_t limit) const;
  /// Settled rows are kept as a record for a while: the newest outbox_rows_kept rows of the outbox, whatever their
  /// sink.
  [[nodiscard]] Result<void> mark_delivered(std::int64_t row, TimePoint at);
  /// Keeps the row as a dead letter, with why.
  [[nodiscard]] Result<void> mark_rejected(std::int64_t row, TimePoint at, std::string_view why);

  /// A notification that its sink will never take, with what the sink said.
  struct DeadLetter {
    Notification notification;
    TimePoint at;
    std::string why;
  };
  /// The newest `limit` dead letters of `sink`, newest first.
  [[nodiscard]] Result<std::vector<DeadLetter>> dead_letters(std::string_view sink, std::size_t limit) const;

  /// `delivered` and `rejected` count since the ledger was made, also what is no longer kept.
  struct OutboxCounts {
    std::uint64_t pending = 0, delivered = 0, rejected = 0;
  };
  [[nodiscard]] Result<OutboxCounts> outbox_counts(std::string_view sink) const;

 private:
  struct Database;
  explicit Ledger(std::unique_ptr<Database> database);
  std::unique_ptr<Database> database_;
};

}  // namespace triaged
