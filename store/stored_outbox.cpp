#include "store/stored_outbox.hpp"

#include <algorithm>
#include <utility>

namespace triaged::store {

namespace {

bool is_meant(const DeadLetter& letter, const DeadLetterChoice& choice) {
  if (choice.sink && *choice.sink != letter.sink) return false;
  return choice.rows.empty() || std::find(choice.rows.begin(), choice.rows.end(), letter.row) != choice.rows.end();
}

}  // namespace

Result<StoredOutbox> StoredOutbox::open(const StateFolder& folder, For purpose) {
  auto file = open_stored_file(folder, purpose);
  if (!file) return file.error();
  return StoredOutbox(std::move(*file));
}

Result<std::vector<SinkTotals>> StoredOutbox::sinks() const {
  const auto statement = file_.connection.prepare(
      "SELECT name, (SELECT count(*) FROM outbox WHERE sink = name AND outcome = 0), coalesce(delivered, 0), "
      "coalesce(rejected, 0) FROM (SELECT sink AS name FROM sink_totals UNION SELECT DISTINCT sink FROM outbox) "
      "LEFT JOIN sink_totals ON sink = name ORDER BY name");
  if (!statement) return file_.failure("read", statement.error());
  std::vector<SinkTotals> sinks;
  auto run = statement->run();
  while (true) {
    const auto has_row = run.step();
    if (!has_row) return file_.failure("read", has_row.error());
    if (!*has_row) return sinks;
    const auto count = [&](int column) { return static_cast<std::uint64_t>(run.number(column)); };
    sinks.push_back({run.text(0), count(1), count(2), count(3)});
  }
}

Result<std::vector<DeadLetter>> StoredOutbox::dead_letters(const DeadLetterChoice& choice) const {
  const auto statement = file_.connection.prepare(
      "SELECT row, sink, idempotency_key, incident, settled_at, why FROM outbox WHERE outcome = 2 ORDER BY row");
  if (!statement) return file_.failure("read", statement.error());
  std::vector<DeadLetter> letters;
  auto run = statement->run();
  while (true) {
    const auto has_row = run.step();
    if (!has_row) return file_.failure("read", has_row.error());
    if (!*has_row) return letters;
    DeadLetter letter{run.number(0), run.text(1), run.text(2), run.text(3), TimePoint(Microseconds(run.number(4))),
                      run.text(5)};
    if (is_meant(letter, choice)) letters.push_back(std::move(letter));
  }
}

Result<std::vector<std::int64_t>> StoredOutbox::retry(const DeadLetterChoice& choice) const {
  return change(
      "UPDATE outbox SET outcome = 0, settled_at = NULL, why = NULL, bytes = length(CAST(incident AS BLOB)) "
      "WHERE row = ?1 AND outcome = 2",
      choice);
}

Result<std::vector<std::int64_t>> StoredOutbox::drop(const DeadLetterChoice& choice) const {
  return change("DELETE FROM outbox WHERE row = ?1 AND outcome = 2", choice);
}

Result<std::vector<std::int64_t>> StoredOutbox::change(const char* one_row, const DeadLetterChoice& choice) const {
  auto transaction = SqliteTransaction::begin(file_.connection);
  if (!transaction) return file_.failure("write", transaction.error());
  const auto letters = dead_letters(choice);
  if (!letters) return letters.error();
  const auto statement = file_.connection.prepare(one_row);
  if (!statement) return file_.failure("write", statement.error());
  std::vector<std::int64_t> rows;
  for (const auto& letter : *letters) {
    const auto changed = statement->run().bind(1, letter.row).finish();
    if (!changed) return file_.failure("write", changed.error());
    rows.push_back(letter.row);
  }
  const auto committed = (*transaction)->commit();
  if (!committed) return file_.failure("write", committed.error());
  return rows;
}

}  // namespace triaged::store
