#include "store/sqlite.hpp"

#include <algorithm>

#include <sqlite3.h>

namespace triaged::store {

namespace {

Error last_error(sqlite3* connection) { return error(sqlite3_errmsg(connection)); }

/// FNV-1a, folded. Each value ends with a byte that UTF-8 does not have.
void row_sum(sqlite3_context* context, int count, sqlite3_value** values) {
  constexpr std::uint64_t prime = 0x100000001b3;
  std::uint64_t hash = 0xcbf29ce484222325;
  const auto add = [&](unsigned char byte) { hash = (hash ^ byte) * prime; };
  for (int i = 0; i < count; ++i) {
    const auto* bytes = static_cast<const unsigned char*>(sqlite3_value_blob(values[i]));
    const int size = sqlite3_value_bytes(values[i]);
    for (int j = 0; j < size; ++j) add(bytes[j]);
    add(0xff);
  }
  sqlite3_result_int64(context, static_cast<sqlite3_int64>((hash >> 33) ^ (hash & 0x7fffffff)));
}

}  // namespace

void SqliteClose::operator()(sqlite3* connection) const noexcept { sqlite3_close_v2(connection); }
void SqliteClose::operator()(sqlite3_stmt* statement) const noexcept { sqlite3_finalize(statement); }

SqliteRun::~SqliteRun() {
  sqlite3_reset(statement_);
  sqlite3_clear_bindings(statement_);
}

SqliteRun& SqliteRun::bind(int parameter, std::string_view text) {
  // A null pointer would bind NULL, and an empty string_view may hold one.
  const char* data = text.data() == nullptr ? "" : text.data();
  sqlite3_bind_text64(statement_, parameter, data, text.size(), SQLITE_STATIC, SQLITE_UTF8);
  return *this;
}

SqliteRun& SqliteRun::bind(int parameter, std::int64_t number) {
  sqlite3_bind_int64(statement_, parameter, number);
  return *this;
}

Result<bool> SqliteRun::step() {
  const int status = sqlite3_step(statement_);
  if (status == SQLITE_ROW) return true;
  if (status == SQLITE_DONE) return false;
  return last_error(sqlite3_db_handle(statement_));
}

Result<void> SqliteRun::finish() {
  while (true) {
    const auto has_row = step();
    if (!has_row) return has_row.error();
    if (!*has_row) return {};
  }
}

std::string SqliteRun::text(int column) const {
  const auto* bytes = static_cast<const char*>(sqlite3_column_blob(statement_, column));
  const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement_, column));
  return bytes == nullptr ? std::string() : std::string(bytes, size);
}

std::int64_t SqliteRun::number(int column) const { return sqlite3_column_int64(statement_, column); }

Result<SqliteConnection> SqliteConnection::open(const std::string& path) {
  return open_with(path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
}

Result<SqliteConnection> SqliteConnection::open_to_read(const std::string& path) {
  return open_with(path, SQLITE_OPEN_READONLY);
}

Result<SqliteConnection> SqliteConnection::open_with(const std::string& path, int flags) {
  sqlite3* handle = nullptr;
  const int status = sqlite3_open_v2(path.c_str(), &handle, flags | SQLITE_OPEN_NOMUTEX, nullptr);
  std::unique_ptr<sqlite3, SqliteClose> connection(handle);  // set even when opening failed
  if (status != SQLITE_OK) return error(handle == nullptr ? "out of memory" : sqlite3_errmsg(handle));
  sqlite3_create_function_v2(handle, "row_sum", -1, SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS, nullptr,
                             row_sum, nullptr, nullptr, nullptr);
  return SqliteConnection(std::move(connection));
}

SqliteTrouble SqliteConnection::last_trouble() const {
  switch (sqlite3_errcode(connection_.get()) & 0xff) {
    case SQLITE_OK:
    case SQLITE_ROW:
    case SQLITE_DONE:
      return SqliteTrouble::none;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return SqliteTrouble::damaged;
    case SQLITE_CONSTRAINT:
      return SqliteTrouble::duplicate;
    case SQLITE_ERROR:
      return SqliteTrouble::misfit;
    case SQLITE_FULL:
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_IOERR:
    case SQLITE_READONLY:
    case SQLITE_PROTOCOL:
      return SqliteTrouble::passing;
    default:
      return SqliteTrouble::other;
  }
}

void SqliteConnection::wait_when_busy(std::chrono::milliseconds longest) const {
  sqlite3_busy_timeout(connection_.get(), static_cast<int>(longest.count()));
}

void SqliteConnection::keep_log_on_close() const {
  sqlite3_db_config(connection_.get(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
}

std::string SqliteConnection::beginning(std::size_t bytes) const {
  sqlite3_file* file = nullptr;
  sqlite3_file_control(connection_.get(), "main", SQLITE_FCNTL_FILE_POINTER, &file);
  if (file == nullptr || file->pMethods == nullptr) return {};
  sqlite3_int64 size = 0;
  if (file->pMethods->xFileSize(file, &size) != SQLITE_OK) return {};
  std::string text(static_cast<std::size_t>(std::min(size, static_cast<sqlite3_int64>(bytes))), '\0');
  if (file->pMethods->xRead(file, text.data(), static_cast<int>(text.size()), 0) != SQLITE_OK) return {};
  return text;
}

Result<void> SqliteConnection::copy_to(const std::string& path) const {
  auto copy = open(path);
  if (!copy) return copy.error();
  sqlite3_backup* backup = sqlite3_backup_init(copy->connection_.get(), "main", connection_.get(), "main");
  if (backup == nullptr) return last_error(copy->connection_.get());
  const int status = sqlite3_backup_step(backup, -1);
  sqlite3_backup_finish(backup);
  if (status == SQLITE_DONE) return {};
  return error(sqlite3_errstr(status));
}

Result<void> SqliteConnection::execute(const std::string& sql) const {
  if (sqlite3_exec(connection_.get(), sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK) return {};
  return last_error(connection_.get());
}

Result<SqliteStatement> SqliteConnection::prepare(std::string_view sql) const {
  sqlite3_stmt* handle = nullptr;
  const int status = sqlite3_prepare_v3(connection_.get(), sql.data(), static_cast<int>(sql.size()),
                                        SQLITE_PREPARE_PERSISTENT, &handle, nullptr);
  SqliteStatement statement(handle);
  if (status != SQLITE_OK) return last_error(connection_.get());
  return statement;
}

Result<std::int64_t> SqliteConnection::number(std::string_view sql) const {
  const auto statement = prepare(sql);
  if (!statement) return statement.error();
  auto run = statement->run();
  const auto has_row = run.step();
  if (!has_row) return has_row.error();
  return run.number(0);
}

Result<std::unique_ptr<SqliteTransaction>> SqliteTransaction::begin(const SqliteConnection& connection) {
  // IMMEDIATE: the wait for another writer happens here, not in the middle of the group.
  const auto begun = connection.execute("BEGIN IMMEDIATE");
  if (!begun) return begun.error();
  return std::unique_ptr<SqliteTransaction>(new SqliteTransaction(connection));
}

SqliteTransaction::~SqliteTransaction() {
  // Fails only when SQLite has rolled back by itself, which is what is wanted.
  if (is_open_) (void)connection_.execute("ROLLBACK");
}

Result<void> SqliteTransaction::commit() {
  const auto committed = connection_.execute("COMMIT");
  if (!committed) return committed.error();
  is_open_ = false;
  return {};
}

}  // namespace triaged::store
