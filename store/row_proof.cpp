#include "store/row_proof.hpp"

namespace triaged::store {

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
