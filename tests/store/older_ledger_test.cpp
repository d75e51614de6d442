// A ledger of schema 4, as triaged wrote it over a recorded failure (tests/store/schema4.sql): an incident that
// somebody acknowledged, windows, usual shares, addresses of processes and what readers remember, still among the
// cursors and the open incidents.
#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/read_file.hpp"
#include "store/ledger.hpp"
#include "store/sqlite.hpp"
#include "store/stored_incidents.hpp"
#include "tests/support/must.hpp"
#include "tests/support/state_rows.hpp"
#include "tests/support/temporary_folder.hpp"

namespace triaged::store {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

using Values = std::map<std::string, std::string>;

class OlderLedger : public testing::Test {
 protected:
  OlderLedger() {
    const auto connection = must(SqliteConnection::open(path_));
    must(connection.execute(must(read_plain_file(TRIAGED_SOURCE_DIR "/tests/store/schema4.sql", 1 << 20)).text));
  }

  void change(const std::string& sql) const { must(must(SqliteConnection::open(path_)).execute(sql)); }

  /// The first two columns.
  [[nodiscard]] Values rows(std::string_view query) const {
    const auto connection = must(SqliteConnection::open(path_));
    const auto statement = must(connection.prepare(query));
    auto run = statement.run();
    Values rows;
    while (must(run.step())) rows.emplace(run.text(0), run.text(1));
    return rows;
  }
  [[nodiscard]] std::int64_t number(std::string_view query) const {
    return must(must(SqliteConnection::open(path_)).number(query));
  }
  [[nodiscard]] std::unique_ptr<Ledger> opened() const {
    return must(Ledger::open(folder_.path(), Durability::process));
  }

  static Values of_kind(const std::vector<SavedState>& state, StateKind kind) {
    Values values;
    for (const auto& row : state) {
      if (row.kind == kind) values.emplace(row.id, row.value);
    }
    return values;
  }
  static Values by_stream(const std::vector<Cursor>& cursors) {
    Values states;
    for (const auto& cursor : cursors) states.emplace(cursor.stream, cursor.state);
    return states;
  }

  TemporaryFolder folder_;
  const std::string path_ = (folder_.path() / "triaged.db").string();
};

TEST_F(OlderLedger, HasItsRowsSortedByKind) {
  const auto cursors = rows("SELECT stream, state FROM cursors WHERE stream LIKE 'file:%'");
  const auto safe = rows("SELECT stream, state FROM safe_cursors WHERE stream LIKE 'file:%'");
  const auto safe_readers = rows("SELECT substr(stream, 8), state FROM safe_cursors WHERE stream LIKE 'reader:%'");
  const std::map<StateKind, Values> before = {
      {StateKind::incident, rows("SELECT id, state FROM open_incidents WHERE id LIKE '01%'")},
      {StateKind::window, rows("SELECT substr(id, 7), state FROM open_incidents WHERE id LIKE 'timed:%'")},
      {StateKind::usual_share, rows("SELECT substr(id, 7), state FROM open_incidents WHERE id LIKE 'usual:%'")},
      {StateKind::process_addresses, rows("SELECT 'all', state FROM open_incidents WHERE id = 'process-addresses'")},
      {StateKind::notified, rows("SELECT substr(stream, 6), state FROM cursors WHERE stream LIKE 'told:%'")},
      {StateKind::reader, rows("SELECT substr(stream, 8), state FROM cursors WHERE stream LIKE 'reader:%'")},
  };
  const auto ledger = opened();
  EXPECT_THAT(ledger->take_messages(), IsEmpty());
  EXPECT_EQ(by_stream(must(ledger->cursors())), cursors);
  EXPECT_EQ(by_stream(must(ledger->safe_cursors())), safe);
  EXPECT_FALSE(safe.empty());
  const auto state = must(ledger->state());
  std::size_t sorted = 0;
  for (const auto& [kind, values] : before) {
    EXPECT_FALSE(values.empty()) << name_of(kind);
    EXPECT_EQ(of_kind(state, kind), values) << name_of(kind);
    sorted += values.size();
  }
  EXPECT_THAT(state, SizeIs(sorted));
  EXPECT_EQ(of_kind(must(ledger->safe_state()), StateKind::reader), safe_readers);
  EXPECT_FALSE(safe_readers.empty());
}

TEST_F(OlderLedger, ProvesWhatItHoldsFromThenOn) {
  opened().reset();
  EXPECT_EQ(number("PRAGMA user_version"), 5);
  EXPECT_EQ(number("SELECT rows FROM digests WHERE name = 'schema'"), 5);
  auto ledger = opened();
  EXPECT_EQ(ledger->times_set_aside(), 0U);
  must(ledger->commit({.state = {saved_incident("01Z"), {StateKind::process_addresses, "all", ""}}}));
  ledger.reset();
  EXPECT_EQ(opened()->times_set_aside(), 0U);
}

TEST_F(OlderLedger, KeepsAnAcknowledgementOfAnOpenIncidentAndWhatIsUndelivered) {
  const auto before = number("SELECT count(*) FROM outbox WHERE outcome = 0");
  EXPECT_GT(before, 0);
  const auto ledger = opened();
  const auto story = must(must(StoredIncidents::open(folder_.path(), StoredFor::reading)).all()).at(0);
  EXPECT_EQ(story.state(), "acknowledged");
  const auto notified = of_kind(must(ledger->state()), StateKind::notified);
  ASSERT_THAT(notified, SizeIs(1));
  EXPECT_EQ(notified.begin()->first, story.incident.id);
  EXPECT_THAT(notified.begin()->second, testing::Not(HasSubstr("\"acknowledged_at\":null")));
  EXPECT_EQ(must(ledger->pending("hook", 10)).size(), static_cast<std::size_t>(before));
}

TEST_F(OlderLedger, StaysAsItWasWhenTheStepCannotBeTaken) {
  const auto cursors = rows("SELECT stream, state FROM cursors");
  const auto open = rows("SELECT id, state FROM open_incidents");
  change("CREATE TABLE safe_state (x)");  // the second table that the step makes
  const auto refused = Ledger::open(folder_.path(), Durability::process);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message, "cannot prepare " + path_ + ": table safe_state already exists");
  EXPECT_EQ(number("PRAGMA user_version"), 4);
  EXPECT_EQ(rows("SELECT stream, state FROM cursors"), cursors);
  EXPECT_EQ(rows("SELECT id, state FROM open_incidents"), open);
  change("DROP TABLE safe_state");
  const auto ledger = opened();
  EXPECT_EQ(must(ledger->state()).size() + must(ledger->cursors()).size(), open.size() + cursors.size());
}

TEST_F(OlderLedger, IsProvedBeforeItIsChanged) {
  const auto safe = rows("SELECT stream, state FROM safe_cursors WHERE stream LIKE 'file:%'");
  const auto safe_readers = rows("SELECT substr(stream, 8), state FROM safe_cursors WHERE stream LIKE 'reader:%'");
  change("UPDATE open_incidents SET state = replace(state, 'oom', 'oon') WHERE id LIKE '01%'");
  const auto ledger = opened();
  const auto messages = ledger->take_messages();
  ASSERT_THAT(messages, SizeIs(2));
  EXPECT_EQ(messages[0], path_ + " is damaged: table open_incidents fails its checksum");
  EXPECT_THAT(messages[1], HasSubstr("recovered: 1 undelivered notifications, others may be missing"));
  EXPECT_EQ(ledger->times_gone_back(), 1U);
  EXPECT_TRUE(ledger->lacks_cursors());
  EXPECT_EQ(by_stream(must(ledger->cursors())), safe);
  EXPECT_EQ(by_stream(must(ledger->safe_cursors())), safe);
  const auto state = must(ledger->state());
  EXPECT_EQ(of_kind(state, StateKind::reader), safe_readers);
  EXPECT_THAT(state, SizeIs(safe_readers.size()));
  EXPECT_THAT(must(must(StoredIncidents::open(folder_.path(), StoredFor::reading)).all()), SizeIs(1));
}

}  // namespace
}  // namespace triaged::store
