#include "daemon/reading_gate.hpp"

#include <gtest/gtest.h>

namespace triaged::daemon {
namespace {

class ReadingGateTest : public testing::Test {
 protected:
  bool is_open(std::size_t backlog_bytes = 0) {
    return gate.is_open(backlog_bytes, [this](const std::string& sink) { return loads[sink]; });
  }

  ReadingGate gate{{"chat", "mail"}, {.rows = 100, .bytes = 10'000}};
  std::map<std::string, store::OutboxLoad> loads;
};

TEST_F(ReadingGateTest, ClosesAtAFullOutboxAndOpensWhenATenthOfItIsFree) {
  loads["mail"].rows = 99;
  EXPECT_TRUE(is_open());
  loads["mail"].rows = 100;
  EXPECT_FALSE(is_open());
  EXPECT_EQ(gate.trouble(),
            "the outbox of sink mail is full (100 notifications, 0 KiB): reading pauses until it delivers again");
  loads["mail"].rows = 91;
  EXPECT_FALSE(is_open());
  loads["mail"].rows = 90;
  EXPECT_TRUE(is_open());
  EXPECT_EQ(gate.trouble(), "");
}

TEST_F(ReadingGateTest, CountsBytesLikewise) {
  loads["chat"].bytes = 10'000;
  EXPECT_FALSE(is_open());
  loads["chat"].bytes = 9'001;
  EXPECT_FALSE(is_open());
  loads["chat"].bytes = 9'000;
  EXPECT_TRUE(is_open());
}

TEST_F(ReadingGateTest, NamesTheOutboxThatIsFullWhenAnotherWasFirst) {
  loads["mail"].rows = 100;
  EXPECT_FALSE(is_open());
  loads["mail"].rows = 0;
  loads["chat"].rows = 100;
  EXPECT_FALSE(is_open());
  EXPECT_TRUE(gate.trouble().starts_with("the outbox of sink chat is full"));
}

TEST_F(ReadingGateTest, ClosesWhileTooMuchWaitsInMemory) {
  EXPECT_TRUE(is_open(most_backlog_bytes - 1));
  EXPECT_FALSE(is_open(most_backlog_bytes));
  EXPECT_TRUE(gate.is_backlog_full());
  EXPECT_TRUE(is_open(0));
  EXPECT_FALSE(gate.is_backlog_full());
}

}  // namespace
}  // namespace triaged::daemon
