#include "daemon/stream_row.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <malloc.h>

namespace triaged::daemon {
namespace {

/// As the follower and the reader of an access log wrote them.
const StreamRow::Parts of_access_log{
    .cursor =
        R"({"files":[{"path":"/var/log/nginx/shop/access.log","device":65024,"inode":5385418,"born":1796093141528867083,)"
        R"("head":"1f7ffc91ae197d17","head_length":206,"offset":206,"before":"1f7ffc91ae197d17","before_length":206,)"
        R"("head_hashes":"6a3d51e50ccf3bdcde23db32","modified":1796093291620129747,"followed_from":103}],)"
        R"("base":"/var/log/nginx/shop/access.log","folder_changed":1796093291620129747})",
    .reader = R"({"last":"nginx.access","bytes_read":206,"nginx_homes":[[0,4]]})"};

bool comes_back(const StreamRow::Parts& parts) {
  const StreamRow row("file:/var/log/nginx/shop/access.log", parts);
  const auto back = row.parts();
  return row.stream() == "file:/var/log/nginx/shop/access.log" && back.cursor == parts.cursor &&
         back.reader == parts.reader;
}

TEST(StreamRow, GivesBackWhatItWasMadeOf) {
  EXPECT_TRUE(comes_back(of_access_log));
  EXPECT_TRUE(comes_back({.cursor = of_access_log.cursor, .reader = {}}));
  EXPECT_TRUE(comes_back({.cursor = {}, .reader = of_access_log.reader}));
  EXPECT_TRUE(comes_back({}));
  std::string bytes;
  for (int i = 0; i < 70'000; ++i) bytes += static_cast<char>(i * 7919 >> 5);
  EXPECT_TRUE(comes_back({.cursor = bytes, .reader = std::string(1, '\0')})) << "any bytes, of any length";
}

TEST(StreamRow, IsEqualToOneOfTheSameParts) {
  const StreamRow row("a", of_access_log), copy = row, same("a", of_access_log);
  EXPECT_TRUE(copy.is_copy_of(row));
  EXPECT_FALSE(same.is_copy_of(row));
  EXPECT_EQ(same, row);
  EXPECT_NE(StreamRow("b", of_access_log), row);
  EXPECT_NE(StreamRow("a", {.cursor = "1", .reader = "2"}), StreamRow("a", {.cursor = "12", .reader = ""}));
}

TEST(StreamRow, IsEmptyWhenItHasNoParts) {
  EXPECT_TRUE(StreamRow("a", {}).is_empty());
  EXPECT_FALSE(StreamRow("a", {.cursor = "1", .reader = {}}).is_empty());
  EXPECT_FALSE(StreamRow("a", {.cursor = {}, .reader = "1"}).is_empty());
}

TEST(StreamRow, TakesHalfOfWhatItIsMadeOf) {
  if (::mallinfo2().uordblks == 0) GTEST_SKIP() << "this allocator does not count";
  const auto before = ::mallinfo2().uordblks;
  const StreamRow row("file:/var/log/nginx/shop/access.log", of_access_log);
  EXPECT_LT(2 * (::mallinfo2().uordblks - before), of_access_log.cursor.size() + of_access_log.reader.size());
}

}  // namespace
}  // namespace triaged::daemon
