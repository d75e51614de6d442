// What a Ledger holds: the open file, what is known of it in memory, and what is done when the file is damaged or gone.
// For the room's own use.
#pragma once

#include <filesystem>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "store/folder_lock.hpp"
#include "store/ledger_file.hpp"
#include "store/schema.hpp"

namespace triaged::store {

/// By sink.
using OutboxLoads = std::map<std::string, OutboxLoad, std::less<>>;

/// So much free space is given back to the disk at a time: 16 MiB.
inline constexpr std::int64_t pages_freed_at_once = 4096;

/// REQUIRES of every member but `mutex`: mutex is held.
struct Ledger::Database {
  explicit Database(Durability wanted) : durability(wanted) {}

  mutable std::mutex mutex;
  const Durability durability;
  StateFolder named;
  std::filesystem::path folder;  // that of `named`, in normal form; empty: in memory
  std::string path = ":memory:";
  FolderLock lock;
  std::optional<LedgerFile> file;  // nullopt: the last one is gone and there is no new one yet
  bool is_damaged = false;         // what stands at `path` cannot be used
  std::filesystem::path aside;     // set aside and not yet taken over; empty: none
  OutboxLoads loads;               // of what is pending
  std::int64_t highest_row = 0;    // a row number is never given twice, not even by a new file
  std::uint64_t settled = 0, reported = 0;
  std::uint64_t times_set_aside = 0, times_gone_back = 0;
  bool lacks_cursors = false;
  std::vector<std::string> messages;

  /// For the operator.
  void say(std::string message) { messages.push_back(named.shown(std::move(message))); }
  [[nodiscard]] Error failure(std::string message) const { return error(named.shown(std::move(message))); }

  [[nodiscard]] std::optional<OpenFailure> open_file();
  [[nodiscard]] std::optional<OpenFailure> take_over_what_was_set_aside(const LedgerFile& fresh);
  [[nodiscard]] Result<void> measure_outbox();
  [[nodiscard]] Result<void> bring_back();
  [[nodiscard]] Result<void> make_usable();
  [[nodiscard]] Result<void> write(const Commit& commit, OutboxLoads& added);
  [[nodiscard]] Result<void> write_places(const Commit& commit);
  [[nodiscard]] Result<void> write_for_operators(const Commit& commit);
  [[nodiscard]] Result<std::vector<Cursor>> read_cursors(const SqliteStatement& statement);
  [[nodiscard]] Result<std::vector<SavedState>> read_state(const SqliteStatement& statement);
  [[nodiscard]] Result<void> note_absent(AbsentSink& sink, TimePoint now);
  [[nodiscard]] Result<bool> settle(std::int64_t row, RowOutcome outcome, TimePoint at, std::string_view why);

  /// Both note when the file is damaged: the next call sets it aside.
  [[nodiscard]] Error write_error(const Error& why) { return noted("write", why); }
  [[nodiscard]] Error read_error(const Error& why) { return noted("read", why); }

 private:
  [[nodiscard]] std::optional<OpenFailure> open_or_replace_file();
  [[nodiscard]] Error noted(std::string_view what, const Error& why) {
    if (file && file->connection.last_trouble() == SqliteTrouble::damaged) is_damaged = true;
    return failure(fmt::format("cannot {} {}: {}", what, path, why.message));
  }
};

/// Makes `folder`, for the daemon's user and group only.
[[nodiscard]] Result<void> create_state_folder(const std::filesystem::path& folder);

}  // namespace triaged::store
