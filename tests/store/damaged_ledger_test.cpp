// A damaged file never costs a line: bytes are flipped at random in real files, and every line that was ever read must
// be found again, in an open incident, in a notification, or behind the cursor, where it is read once more.
#include <algorithm>
#include <fstream>
#include <random>
#include <set>

#include <gtest/gtest.h>

#include "store/ledger.hpp"
#include "tests/support/must.hpp"
#include "tests/support/sample_incidents.hpp"
#include "tests/support/state_rows.hpp"
#include "tests/support/temporary_folder.hpp"

namespace triaged::store {
namespace {

namespace fs = std::filesystem;

/// What a daemon does to its ledger when each line is an incident of its own, which is notified a while later and
/// delivered a while after that.
class Story {
 public:
  explicit Story(const fs::path& folder) : ledger_(must(Ledger::open(folder, Durability::process))) {}

  void read_lines(int count, int notified_after, int delivered_after) {
    Commit commit;
    for (int i = 0; i < count; ++i) {
      const auto line = std::to_string(++last);
      commit.state.push_back(saved_incident(line, "the state of " + line + std::string(300, 'x')));
      if (last <= notified_after) continue;
      const auto old = std::to_string(last - notified_after);
      auto incident = samples::killed_worker();
      incident.id = old;
      commit.state.push_back(ended_incident(old));
      commit.notifications.push_back({0, "sink", old + "/1", incident});
    }
    const auto line = std::to_string(last);
    commit.cursors = {{"log", line}};
    commit.state.push_back({StateKind::reader, "log", line});
    if (last % 10 == 0 && delivered > 0) {
      commit.safe_cursors = {{"log", std::to_string(delivered)}};
      commit.safe_state = {{StateKind::reader, "log", std::to_string(delivered)}};
    }
    must(ledger_->commit(commit));
    for (const auto& notification : must(ledger_->pending("sink", 1000))) {
      const int number = std::stoi(notification.incident.id);
      if (number > last - delivered_after) break;
      EXPECT_TRUE(must(ledger_->mark_delivered(notification.row, TimePoint{})));
      delivered = number;
    }
  }

  int last = 0, delivered = 0;

 private:
  std::unique_ptr<Ledger> ledger_;
};

class DamagedLedger : public testing::Test {
 protected:
  DamagedLedger() {
    Story story(folder_.path() / "state");
    for (int i = 0; i < 60; ++i) story.read_lines(3, 20, 60);
    last = story.last;
    delivered = story.delivered;
    // As a kill leaves it: with its write-ahead log.
    for (const auto* ending : {"", "-wal"}) {
      fs::copy_file(folder_.path() / "state" / ("triaged.db" + std::string(ending)),
                    folder_.path() / ("killed" + std::string(ending)));
    }
  }

  /// A new state folder with the files of the killed daemon, of which `ending` is changed by `damage`.
  template <typename Damage>
  fs::path damaged(const std::string& name, const std::string& ending, Damage damage) const {
    const auto state = folder_.path() / name;
    fs::create_directory(state);
    for (const auto* other : {"", "-wal"}) {
      fs::copy_file(folder_.path() / ("killed" + std::string(other)), state / ("triaged.db" + std::string(other)));
    }
    std::fstream file(state / ("triaged.db" + ending), std::ios::in | std::ios::out | std::ios::binary);
    damage(file, fs::file_size(state / ("triaged.db" + ending)));
    return state;
  }

  static void flip(std::fstream& file, std::streamoff at, char mask) {
    file.seekg(at);
    const auto byte = static_cast<char>(file.get());
    file.seekp(at);
    file.put(static_cast<char>(byte ^ mask));
  }

  /// Lines that are nowhere.
  [[nodiscard]] std::set<int> lost_in(const fs::path& state) const {
    const auto ledger = must(Ledger::open(state, Durability::process));
    int cursor = 0;
    for (const auto& known : must(ledger->cursors())) {
      if (known.stream == "log") cursor = std::stoi(known.state);
    }
    std::set<int> lost;
    for (int line = delivered + 1; line <= std::min(cursor, last); ++line) lost.insert(line);
    EXPECT_LE(cursor, last);
    for (const auto& row : must(ledger->state())) {
      if (row.kind == StateKind::incident) lost.erase(std::stoi(row.id));
      if (row.kind == StateKind::reader) {
        EXPECT_EQ(row.value, std::to_string(cursor));
      }
    }
    for (const auto& notification : must(ledger->pending("sink", 1000)))
      lost.erase(std::stoi(notification.incident.id));
    return lost;
  }

  TemporaryFolder folder_;
  int last = 0, delivered = 0;
};

TEST_F(DamagedLedger, IsNotTakenForDamagedWhenItIsWhole) {
  const auto state = damaged("whole", "", [](std::fstream&, std::uintmax_t) {});
  EXPECT_EQ(lost_in(state), std::set<int>{});
  EXPECT_EQ(must(Ledger::open(state, Durability::process))->times_set_aside(), 0U);
  EXPECT_EQ(must(must(Ledger::open(state, Durability::process))->cursors()).at(0).state, std::to_string(last));
}

TEST_F(DamagedLedger, LosesNoLineWhereverBytesAreFlipped) {
  for (unsigned seed = 0; seed < 80; ++seed) {
    std::mt19937 random(seed);
    const auto ending = seed % 3 == 0 ? "-wal" : "";
    const auto state = damaged(std::to_string(seed), ending, [&](std::fstream& file, std::uintmax_t size) {
      const auto flips = 1 + random() % 8;
      for (unsigned i = 0; i < flips; ++i) {
        flip(file, static_cast<std::streamoff>(random() % size), static_cast<char>(1 + random() % 255));
      }
    });
    EXPECT_EQ(lost_in(state), std::set<int>{}) << "seed " << seed;
    fs::remove_all(state);
  }
}

TEST_F(DamagedLedger, LosesNoLineWhereverAByteOfTheHeaderIsWrong) {
  for (int at = 0; at < 100; ++at) {
    const auto state = damaged("header", "", [&](std::fstream& file, std::uintmax_t) {
      flip(file, at, static_cast<char>(at % 2 == 0 ? 0xff : 0x01));
    });
    EXPECT_EQ(lost_in(state), std::set<int>{}) << "byte " << at;
    fs::remove_all(state);
  }
}

TEST_F(DamagedLedger, LosesNoLineWhenItsLogIsOfAnotherMoment) {
  // Some pages come of the log and are old, the others of the file and are new.
  for (std::uintmax_t kept = 32; kept < 4096 * 80; kept += 4120 * 3) {
    const auto state = damaged("log", "-wal", [](std::fstream&, std::uintmax_t) {});
    if (kept < fs::file_size(state / "triaged.db-wal")) fs::resize_file(state / "triaged.db-wal", kept);
    EXPECT_EQ(lost_in(state), std::set<int>{}) << "kept " << kept;
    fs::remove_all(state);
  }
}

TEST_F(DamagedLedger, GoesBackToTheSafePlaceAndSaysSo) {
  const auto state = damaged("text", "", [](std::fstream&, std::uintmax_t) {});
  (void)must(Ledger::open(state, Durability::process));  // takes the log into the file
  {
    std::fstream file(state / "triaged.db", std::ios::in | std::ios::out | std::ios::binary);
    std::string bytes(fs::file_size(state / "triaged.db"), '\0');
    file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    const auto at = bytes.find("the state of " + std::to_string(last));
    ASSERT_NE(at, std::string::npos);
    flip(file, static_cast<std::streamoff>(at) + 4, 0x20);
  }
  auto ledger = must(Ledger::open(state, Durability::process));
  const auto messages = ledger->take_messages();
  ASSERT_EQ(messages.size(), 2U);
  EXPECT_TRUE(messages[0].ends_with("triaged.db is damaged: table state fails its checksum"));
  EXPECT_NE(messages[1].find("Logs are read again from their last safe place (known for 1;"), std::string::npos)
      << messages[1];
  EXPECT_EQ(ledger->times_gone_back(), 1U);
  const auto cursors = must(ledger->cursors());
  ASSERT_EQ(cursors.size(), 1U);
  EXPECT_LE(std::stoi(cursors[0].state), delivered);
  EXPECT_EQ(must(ledger->state()), (std::vector<SavedState>{{StateKind::reader, "log", cursors[0].state}}));
  ledger.reset();
  ledger = must(Ledger::open(state, Durability::process));
  EXPECT_EQ(ledger->times_gone_back(), 0U) << "it was the run before";
  EXPECT_TRUE(ledger->lacks_cursors()) << "which may have been killed before it read anything again";
  must(ledger->commit({.cursors = {{"log", "1"}}}));
  EXPECT_TRUE(ledger->lacks_cursors());
  must(ledger->commit({.safe_cursors = {{"log", "1"}}}));
  EXPECT_FALSE(ledger->lacks_cursors());
  ledger.reset();
  EXPECT_FALSE(must(Ledger::open(state, Durability::process))->lacks_cursors());
}

}  // namespace
}  // namespace triaged::store
