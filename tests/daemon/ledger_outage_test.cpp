#include "daemon/ledger_outage.hpp"

#include <gtest/gtest.h>

namespace triaged::daemon {
namespace {

using namespace std::chrono_literals;

class LedgerOutageTest : public testing::Test {
 protected:
  std::optional<Incident> fails_after(std::chrono::seconds passed, LedgerOutage::Waiting waiting = {}) {
    return outage.on_failed("the disk is full", waiting, begin + passed, wall + passed);
  }

  LedgerOutage outage{"web-1"};
  const LedgerOutage::Clock::time_point begin{};
  const TimePoint wall{1795221366s};
};

TEST_F(LedgerOutageTest, IsTriedAgainAfterASecond) {
  EXPECT_TRUE(outage.may_try(begin));
  EXPECT_FALSE(fails_after(0s));
  EXPECT_FALSE(outage.may_try(begin + 999ms));
  EXPECT_TRUE(outage.may_try(begin + 1s));
}

TEST_F(LedgerOutageTest, IsToldOnceWhenItHasLastedTenSecondsAndSoIsItsEnd) {
  EXPECT_FALSE(fails_after(0s));
  EXPECT_FALSE(fails_after(9s));
  const auto opened = fails_after(10s);
  ASSERT_TRUE(opened);
  EXPECT_EQ(opened->change, Change::opened);
  EXPECT_EQ(opened->first_seen, wall);
  EXPECT_EQ(opened->causes.front().cause, "disk-full");
  EXPECT_FALSE(fails_after(11s));
  EXPECT_EQ(outage.failures_in_a_row(), 4);
  const auto resolved = outage.on_stored(wall + 12s);
  ASSERT_TRUE(resolved);
  EXPECT_EQ(resolved->change, Change::resolved);
  EXPECT_EQ(resolved->id, opened->id);
  EXPECT_EQ(outage.failures_in_a_row(), 0);
  EXPECT_FALSE(outage.on_stored(wall + 13s));
}

TEST_F(LedgerOutageTest, IsNotToldWhenItIsShort) {
  EXPECT_FALSE(fails_after(0s));
  EXPECT_FALSE(outage.on_stored(wall + 1s));
  EXPECT_FALSE(fails_after(20s)) << "another one, which has just begun";
}

TEST_F(LedgerOutageTest, SaysHowMuchWaits) {
  EXPECT_EQ(outage.trouble(), "");
  (void)fails_after(0s, {.bytes = 3 * 1024});
  EXPECT_EQ(outage.trouble(), "the disk is full: 3 KiB wait in memory");
  (void)fails_after(1s, {.bytes = 32 * 1024 * 1024, .do_files_wait = true});
  EXPECT_EQ(outage.trouble(), "the disk is full: 32768 KiB wait in memory, and reading is paused");
  (void)outage.on_stored(wall + 2s);
  EXPECT_EQ(outage.trouble(), "");
}

}  // namespace
}  // namespace triaged::daemon
