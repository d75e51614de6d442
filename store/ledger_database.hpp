// What a Ledger holds: the open file, what is known of it in memory, and what is done when the file is damaged or gone.
// For the room's own use.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "base/mutex.hpp"
#include "store/folder_lock.hpp"
#include "store/ledger_file.hpp"
#include "store/schema.hpp"

namespace triaged::store {

/// By sink.
using OutboxLoads = std::map<std::string, OutboxLoad, std::less<>>;

/// So much free space is given back to the disk at a time: 16 MiB.
inline constexpr std::int64_t pages_freed_at_once = 4096;

/// Whoever calls holds `mutex`; clang checks it.
struct Ledger::Database {
  explicit Database(Durability wanted) : durability(wanted) {}

  mutable Mutex mutex;
  const Durability durability;
  StateFolder named TRIAGED_GUARDED_BY(mutex);
  std::filesystem::path folder TRIAGED_GUARDED_BY(mutex);  // that of `named`, in normal form; empty: in memory
  std::string path TRIAGED_GUARDED_BY(mutex) = ":memory:";
  FolderLock lock TRIAGED_GUARDED_BY(mutex);
  // nullopt: the last one is gone and there is no new one yet.
  std::optional<LedgerFile> file TRIAGED_GUARDED_BY(mutex);
  bool is_damaged TRIAGED_GUARDED_BY(mutex) = false;      // what stands at `path` cannot be used
  std::filesystem::path aside TRIAGED_GUARDED_BY(mutex);  // set aside and not yet taken over; empty: none
  OutboxLoads loads TRIAGED_GUARDED_BY(mutex);            // of what is pending
  // A row number is never given twice, not even by a new file.
  std::int64_t highest_row TRIAGED_GUARDED_BY(mutex) = 0;
  std::uint64_t settled TRIAGED_GUARDED_BY(mutex) = 0;
  std::uint64_t reported TRIAGED_GUARDED_BY(mutex) = 0;
  std::uint64_t times_set_aside TRIAGED_GUARDED_BY(mutex) = 0;
  std::uint64_t times_gone_back TRIAGED_GUARDED_BY(mutex) = 0;
  bool lacks_cursors TRIAGED_GUARDED_BY(mutex) = false;
  std::vector<std::string> messages TRIAGED_GUARDED_BY(mutex);

  /// Adds a message for the operator.
  void say(std::string message) TRIAGED_REQUIRES(mutex) { messages.push_back(named.shown(std::move(message))); }
  [[nodiscard]] Error failure(std::string message) const TRIAGED_REQUIRES(mutex) {
    return error(named.shown(std::move(message)));
  }

  [[nodiscard]] std::optional<OpenFailure> open_file() TRIAGED_REQUIRES(mutex);
  [[nodiscard]] Result<void> measure_outbox() TRIAGED_REQUIRES(mutex);
  [[nodiscard]] Result<void> make_usable() TRIAGED_REQUIRES(mutex);
  [[nodiscard]] Result<void> write(const Commit& commit, OutboxLoads& added) TRIAGED_REQUIRES(mutex);
  [[nodiscard]] Result<std::vector<Cursor>> read_cursors(const SqliteStatement& statement) TRIAGED_REQUIRES(mutex);
  [[nodiscard]] Result<std::vector<SavedState>> read_state(const SqliteStatement& statement) TRIAGED_REQUIRES(mutex);
  [[nodiscard]] Result<void> note_absent(AbsentSink& sink, TimePoint now) TRIAGED_REQUIRES(mutex);
  [[nodiscard]] Result<bool> settle(std::int64_t row, RowOutcome outcome, TimePoint at, std::string_view why)
      TRIAGED_REQUIRES(mutex);

  /// Both note when the file is damaged: the next call sets it aside.
  [[nodiscard]] Error write_error(const Error& why) TRIAGED_REQUIRES(mutex) { return noted("write", why); }
  [[nodiscard]] Error read_error(const Error& why) TRIAGED_REQUIRES(mutex) { return noted("read", why); }

 private:
  [[nodiscard]] std::optional<OpenFailure> open_or_replace_file() TRIAGED_REQUIRES(mutex);
  [[nodiscard]] std::optional<OpenFailure> take_over_what_was_set_aside(const LedgerFile& fresh)
      TRIAGED_REQUIRES(mutex);
  [[nodiscard]] Result<void> bring_back() TRIAGED_REQUIRES(mutex);
  [[nodiscard]] Result<void> write_places(const Commit& commit) TRIAGED_REQUIRES(mutex);
  [[nodiscard]] Result<void> write_for_operators(const Commit& commit) TRIAGED_REQUIRES(mutex);
  [[nodiscard]] Error noted(std::string_view what, const Error& why) TRIAGED_REQUIRES(mutex) {
    if (file && file->connection.last_trouble() == SqliteTrouble::damaged) is_damaged = true;
    return failure(fmt::format("cannot {} {}: {}", what, path, why.message));
  }
};

/// Makes `folder`, for the daemon's user and group only.
[[nodiscard]] Result<void> create_state_folder(const std::filesystem::path& folder);

}  // namespace triaged::store
