#include "store/row_proof.hpp"

namespace triaged::store {

namespace {

constexpr ProvedTable cursors = {
    "cursors", "SELECT count(*), coalesce(sum(sum), 0), total(sum <> row_sum(stream, state)) FROM cursors"};
// By the index that pending rows are found by: it may be what is damaged.
constexpr ProvedTable outbox = {
    "outbox",
    "SELECT count(*), coalesce(sum(sum), 0), total(sum <> row_sum(sink, idempotency_key, incident)) "
    "FROM outbox INDEXED BY outbox_pending WHERE outcome = 0"};

constexpr ProvedTable of_schema_4[] = {
    cursors,
    {"open_incidents", "SELECT count(*), coalesce(sum(sum), 0), total(sum <> row_sum(id, state)) FROM open_incidents"},
    outbox,
};
constexpr ProvedTable of_schema_5[] = {
    cursors,
    {"state", "SELECT count(*), coalesce(sum(sum), 0), total(sum <> row_sum(kind, id, value)) FROM state"},
    outbox,
};

}  // namespace

std::span<const ProvedTable> proved_tables_of(std::int64_t schema) {
  if (schema < 4) return {};
  return schema == 4 ? std::span<const ProvedTable>(of_schema_4) : std::span<const ProvedTable>(of_schema_5);
}

Result<Digest> digest_of(const SqliteConnection& connection, std::string_view table) {
  const auto statement = connection.prepare("SELECT rows, sum FROM digests WHERE name = ?1");
  if (!statement) return statement.error();
  auto run = statement->run();
  const auto has_row = run.bind(1, table).step();
  if (!has_row) return has_row.error();
  if (!*has_row) return error("there is no digest");
  return Digest{run.number(0), run.number(1)};
}

Result<bool> is_proved(const SqliteConnection& connection, const ProvedTable& table) {
  const auto statement = connection.prepare(table.count);
  if (!statement) return statement.error();
  auto run = statement->run();
  const auto has_row = run.step();
  if (!has_row) return has_row.error();
  const Digest found{run.number(0), run.number(1)};
  const bool are_rows_right = run.number(2) == 0;
  const auto digest = digest_of(connection, table.name);
  return are_rows_right && digest && *digest == found;
}

}  // namespace triaged::store
