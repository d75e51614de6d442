#include "daemon/recent_readers.hpp"

#include <gtest/gtest.h>

namespace triaged::daemon {
namespace {

formats::LineReader reader() {
  return formats::LineReader({.source_name = "error.log", .format = std::nullopt, .zone = {}, .reference = {}});
}

TEST(RecentReaders, ForgetsTheOneThatWasUsedLongestAgo) {
  RecentReaders readers(2);
  readers.add("a", reader());
  readers.add("b", reader());
  EXPECT_NE(readers.find("a"), nullptr);
  readers.add("c", reader());
  EXPECT_EQ(readers.find("b"), nullptr);
  EXPECT_NE(readers.find("a"), nullptr);
  EXPECT_NE(readers.find("c"), nullptr);
}

TEST(RecentReaders, HasRoomAgainWhenOneHasEnded) {
  RecentReaders readers(2);
  readers.add("a", reader());
  readers.add("b", reader());
  readers.erase("b");
  readers.add("c", reader());
  EXPECT_NE(readers.find("a"), nullptr);
  EXPECT_EQ(readers.find("b"), nullptr);
}

}  // namespace
}  // namespace triaged::daemon
