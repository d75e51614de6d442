// triaged.db while it is open: the connection, its statements, and which files on disk they belong to. For the room's
// own use; whoever owns one holds a mutex.
#pragma once

#include <array>
#include <optional>
#include <string>

#include <sys/types.h>

#include "store/ledger.hpp"
#include "store/sqlite.hpp"

namespace triaged::store {

struct LedgerStatements {
  SqliteStatement put_cursor, drop_cursor, cursors, put_safe_cursor, drop_safe_cursor, safe_cursors;
  SqliteStatement put_state, drop_state, state, put_safe_state, drop_safe_state, safe_state;
  SqliteStatement put_notification, has_pending, pending;
  SqliteStatement settle, count_delivered, count_rejected, prune, loads;
  SqliteStatement absent, present, give_up, version;
  SqliteStatement put_incident, prune_incidents, acknowledge, drop_request, requests, reports;
};

/// Makes an empty file at `path`, for the daemon's user and group only, where there is none; one that is there is
/// closed to others. SQLite would let everybody read it, and it holds log lines. A failure here shows when the file is
/// opened.
void keep_from_others(const std::string& path);

class LedgerFile {
 public:
  using Opened = boost::system::result<LedgerFile, OpenFailure>;
  /// Opens or creates the file at `path` (":memory:": none). OpenTrouble::damaged: it is there and not whole.
  [[nodiscard]] static Opened open(const std::string& path, Durability durability);

  /// Whether the files that were opened still stand at the path.
  [[nodiscard]] bool stands();
  /// Whether what stands at the path begins as such files do. SQLite itself may not look there again for a long time.
  [[nodiscard]] bool looks_whole() const;
  /// Gives pages that are free back to the disk; at most `most_pages`, since it takes time. A failure changes nothing.
  void shrink(std::int64_t most_pages) const;

  SqliteConnection connection;
  LedgerStatements statements;    // after connection: they end before it
  std::int64_t seen_version = 0;  // PRAGMA data_version: it changes when another connection writes

 private:
  /// Who a file is, whatever it is called.
  struct Mark {
    dev_t device = 0;
    ino_t inode = 0;
    friend bool operator==(const Mark&, const Mark&) = default;
  };
  LedgerFile(SqliteConnection sqlite, LedgerStatements prepared, std::string path);
  [[nodiscard]] std::array<Mark, 2> marks_now() const;

  std::string path_;
  std::array<Mark, 2> marks_;  // of the file and of its write-ahead log
};

}  // namespace triaged::store
