// What happens to a damaged triaged.db: it is renamed, and what can be read of it is copied into a new one.
#pragma once

#include <filesystem>

#include "store/ledger_file.hpp"

namespace triaged::store {

/// `path`.corrupt-TIME, which is not there yet.
[[nodiscard]] std::filesystem::path name_to_set_aside(const std::filesystem::path& path);
/// Renames the database at `path` and its -wal and -shm to `aside` with these endings.
[[nodiscard]] Result<void> set_aside(const std::filesystem::path& path, const std::filesystem::path& aside);

struct TakenOver {
  std::size_t cursors = 0, safe_cursors = 0, incidents = 0, notifications = 0;
  bool is_proved = true;  // cursors, state and notifications are all there; else `into` has gone back
};

/// Cursors and state become the safe ones. Inside a transaction.
[[nodiscard]] Result<void> go_back(const SqliteConnection& connection);

/// Copies cursors, state, undelivered notifications (with their rows) and what operators see and say from the damaged
/// file at `from`, as far as they can be read and their checksums are right, and goes back when they are not proved to
/// be all. Of a file of an older schema nothing is proved. Fails only when `into` cannot be written; nothing is taken
/// over then.
[[nodiscard]] Result<TakenOver> take_over(const std::filesystem::path& from, const LedgerFile& into);

}  // namespace triaged::store
