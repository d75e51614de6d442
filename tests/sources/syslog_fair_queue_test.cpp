// What waits of several senders: whoever floods loses their own, and everybody gets a turn.
#include <map>

#include <gmock/gmock.h>

#include "sources/syslog/fair_queue.hpp"

namespace triaged::sources {
namespace {

using testing::ElementsAre;

class FairQueueOfSenders : public testing::Test {
 protected:
  static constexpr std::size_t message_size = 100 - FairQueue::message_overhead;  // 100 bytes with its overhead

  bool push(std::uint64_t sender, const std::string& text = std::string(message_size, 'x')) {
    return queue.push({0, sender}, text,
                      [&] { return Sender{.name = std::to_string(sender), .stream = {}, .host = {}}; });
  }
  int push_until_full(std::uint64_t sender) {
    int count = 0;
    while (push(sender)) ++count;
    return count;
  }
  std::vector<std::string> pop(int count) {
    std::vector<std::string> senders;
    while (count-- > 0 && queue.pop([&](const Sender& sender, std::string_view) { senders.push_back(sender.name); })) {
    }
    return senders;
  }

  FairQueue queue{100'000};
};

TEST_F(FairQueueOfSenders, GivesOutInOrder) {
  EXPECT_TRUE(push(1, "a"));
  EXPECT_TRUE(push(1, "b"));
  std::string all;
  while (queue.pop([&](const Sender&, std::string_view message) { all += message; })) {
  }
  EXPECT_EQ(all, "ab");
  EXPECT_TRUE(queue.is_empty());
  EXPECT_EQ(queue.bytes(), 0u);
  EXPECT_EQ(queue.senders(), 0u);
}

TEST_F(FairQueueOfSenders, LetsOneHaveHalfOfTheRoomAndLeavesTheRestToOthers) {
  EXPECT_EQ(push_until_full(1), 500);
  EXPECT_FALSE(push(1));
  EXPECT_EQ(push_until_full(2), 250);
  EXPECT_EQ(push_until_full(3), 125);
  EXPECT_TRUE(push(4)) << "whoever comes later finds room";
  EXPECT_LE(queue.bytes(), 100'000u);
}

TEST_F(FairQueueOfSenders, GivesEachATurn) {
  push_until_full(1);
  push_until_full(2);
  push(3);
  const int a_turn = FairQueue::turn_bytes / 100 + 1;
  std::map<std::string, int> counts;
  for (const auto& sender : pop(2 * a_turn + 1)) ++counts[sender];
  EXPECT_EQ(counts["1"], a_turn);
  EXPECT_EQ(counts["2"], a_turn);
  EXPECT_EQ(counts["3"], 1) << "one message of a quiet sender waits for one turn of each other one";
  EXPECT_THAT(pop(1), ElementsAre("1"));
}

TEST_F(FairQueueOfSenders, StaysWithinItsRoomHoweverManySendersThereAre) {
  std::uint64_t taken = 0;
  for (std::uint64_t sender = 1; sender <= 100'000; ++sender) taken += push(sender) ? 1 : 0;
  EXPECT_EQ(taken, 1000u);
  EXPECT_EQ(queue.senders(), 1000u);
  pop(1000);
  EXPECT_EQ(queue.senders(), 0u) << "nobody is remembered";
}

}  // namespace
}  // namespace triaged::sources
