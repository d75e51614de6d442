// SQLite as this room uses it: a connection, prepared statements, transactions; results instead of return codes, and
// every handle frees itself. Not safe to share between threads: whoever owns the connection holds a mutex.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.hpp"

struct sqlite3;
struct sqlite3_stmt;

namespace triaged::store {

struct SqliteClose {
  void operator()(sqlite3* connection) const noexcept;
  void operator()(sqlite3_stmt* statement) const noexcept;
};

/// One run of a prepared statement. Parameters are numbered from 1 as SQLite does, columns from 0. Bound text is not
/// copied and must live until the run ends. Ending the run makes the statement ready for the next.
class SqliteRun {
 public:
  explicit SqliteRun(sqlite3_stmt* statement) : statement_(statement) {}
  ~SqliteRun();
  SqliteRun(const SqliteRun&) = delete;
  SqliteRun& operator=(const SqliteRun&) = delete;

  SqliteRun& bind(int parameter, std::string_view text);
  SqliteRun& bind(int parameter, std::int64_t number);

  /// True: a row is there to be read. False: the statement is done.
  [[nodiscard]] Result<bool> step();
  /// Runs a statement that gives no rows that matter to the end.
  [[nodiscard]] Result<void> finish();

  [[nodiscard]] std::string text(int column) const;
  [[nodiscard]] std::int64_t number(int column) const;

 private:
  sqlite3_stmt* statement_;
};

class SqliteStatement {
 public:
  SqliteStatement() = default;
  explicit SqliteStatement(sqlite3_stmt* statement) : statement_(statement) {}
  [[nodiscard]] SqliteRun run() const { return SqliteRun(statement_.get()); }

 private:
  std::unique_ptr<sqlite3_stmt, SqliteClose> statement_;
};

/// What a failure means for what comes next.
enum class SqliteTrouble {
  none,
  passing,    // the disk is full, another process holds the lock, a read or write failed: it may work later
  damaged,    // the file is not a whole database
  duplicate,  // a row of that key is there
  misfit,     // the file does not have the tables that the SQL names
  other,
};

/// A connection has one more SQL function: row_sum(VALUE, …), a checksum in 31 bits of the bytes of its values. Its
/// results are stored, so it must never change.
class SqliteConnection {
 public:
  /// Opens or creates the file; ":memory:" is a database in memory.
  [[nodiscard]] static Result<SqliteConnection> open(const std::string& path);
  /// Opens a file that must be there and changes nothing in it.
  [[nodiscard]] static Result<SqliteConnection> open_to_read(const std::string& path);

  /// One or more statements whose rows do not matter.
  [[nodiscard]] Result<void> execute(const std::string& sql) const;
  [[nodiscard]] Result<SqliteStatement> prepare(std::string_view sql) const;
  /// The first column of the first row.
  [[nodiscard]] Result<std::int64_t> number(std::string_view sql) const;

  /// What kind of failure the last call that failed had. Ask before the next call.
  [[nodiscard]] SqliteTrouble last_trouble() const;
  /// How long a call waits for another process that holds the file.
  void wait_when_busy(std::chrono::milliseconds longest) const;
  /// Leaves the write-ahead log as it is when the connection ends.
  void keep_log_on_close() const;
  /// The first bytes of the open file as they stand on the disk, as far as there are any. Read through SQLite's own
  /// descriptor: POSIX drops all locks of a process on a file when it closes any descriptor of it, and without them the
  /// next program that closes the database takes itself for the last one and deletes the write-ahead log.
  [[nodiscard]] std::string beginning(std::size_t bytes) const;
  /// Writes all that this connection sees to the new file `path`.
  [[nodiscard]] Result<void> copy_to(const std::string& path) const;

 private:
  [[nodiscard]] static Result<SqliteConnection> open_with(const std::string& path, int flags);
  explicit SqliteConnection(std::unique_ptr<sqlite3, SqliteClose> connection) : connection_(std::move(connection)) {}
  std::unique_ptr<sqlite3, SqliteClose> connection_;
};

/// Rolled back at the end of its life unless commit() succeeded.
class SqliteTransaction {
 public:
  [[nodiscard]] static Result<std::unique_ptr<SqliteTransaction>> begin(const SqliteConnection& connection);
  ~SqliteTransaction();
  SqliteTransaction(const SqliteTransaction&) = delete;
  SqliteTransaction& operator=(const SqliteTransaction&) = delete;

  [[nodiscard]] Result<void> commit();

 private:
  explicit SqliteTransaction(const SqliteConnection& connection) : connection_(connection) {}
  const SqliteConnection& connection_;
  bool is_open_ = true;
};

}  // namespace triaged::store
