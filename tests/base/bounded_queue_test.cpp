#include "base/bounded_queue.hpp"

#include <thread>

#include <gtest/gtest.h>

namespace triaged::inline base {
namespace {

TEST(BoundedQueue, GivesValuesInTheOrderTheyCame) {
  BoundedQueue<int> queue(3);
  ASSERT_TRUE(queue.push(1));
  ASSERT_TRUE(queue.push(2));
  EXPECT_EQ(queue.pop(), 1);
  EXPECT_EQ(queue.pop(), 2);
}

TEST(BoundedQueue, RefusesAValueWhenItIsFullAndLeavesItUntouched) {
  BoundedQueue<std::string> queue(1);
  std::string first = "first", second = "second";
  EXPECT_TRUE(queue.try_push(first));
  EXPECT_FALSE(queue.try_push(second));
  EXPECT_EQ(second, "second");
}

TEST(BoundedQueue, LetsTheConsumerDrainWhatWasThereWhenItWasClosed) {
  BoundedQueue<int> queue(2);
  ASSERT_TRUE(queue.push(7));
  queue.close();
  EXPECT_FALSE(queue.push(8));
  EXPECT_FALSE(queue.is_finished());
  EXPECT_EQ(queue.pop(), 7);
  EXPECT_EQ(queue.pop(), std::nullopt);
  EXPECT_TRUE(queue.is_finished());
}

TEST(BoundedQueue, WakesAProducerThatWaitsForRoom) {
  BoundedQueue<int> queue(1);
  ASSERT_TRUE(queue.push(0));
  std::thread producer([&] {
    for (int i = 1; i <= 1000; ++i) ASSERT_TRUE(queue.push(i));
    queue.close();
  });
  int expected = 0;
  while (const auto value = queue.pop()) EXPECT_EQ(*value, expected++);
  producer.join();
  EXPECT_EQ(expected, 1001);
}

TEST(BoundedQueue, GivesUpAtTheDeadlineWithoutBeingFinished) {
  BoundedQueue<int> queue(1);
  EXPECT_EQ(queue.pop_until(std::chrono::steady_clock::now()), std::nullopt);
  EXPECT_FALSE(queue.is_finished());
}

}  // namespace
}  // namespace triaged::inline base
