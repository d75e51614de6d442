// What a followed file costs in memory while nothing is written to it: there may be thousands.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <malloc.h>

#include "tests/support/followed_folder.hpp"

namespace triaged {
namespace {

class FileMemory : public FollowedFolder {
 protected:
  static constexpr std::size_t files = 500;
  static constexpr std::string_view line =
      "192.0.2.1 - - [21/Nov/2026:01:15:46 +0000] \"GET /api/items?id=1750 HTTP/1.1\" 200 612 \"-\" \"curl/7.88.1\"\n";

  void SetUp() override {
    if (used() == 0) GTEST_SKIP() << "this allocator does not count";
    source.globs = {path("*.log")};
    for (std::size_t i = 0; i < files; ++i) append(fmt::format("{:03}.log", i), line);
  }
  static std::size_t used() { return ::mallinfo2().uordblks; }
  /// Of the follower alone, in bytes; `act` is what happens to it before it is quiet.
  std::size_t used_by_each(const std::function<void()>& act) {
    act();
    wait(options.rescan_every + std::chrono::seconds(60));
    while (follower->next(now)) continue;
    const auto with = used();
    stop();
    return (with - used()) / files;
  }
};

// Measured: 1,260 bytes; a hash in place of the bytes before the place, and one copy of each path and place, make it
// that.
constexpr std::size_t most = 1500;

TEST_F(FileMemory, OfAFileThatWasReadIsSmall) {
  EXPECT_LT(used_by_each([&] {
              start();
              EXPECT_EQ(lines().size(), files);
            }),
            most);
}

TEST_F(FileMemory, OfAFileThatIsReadOnAfterARestartIsSmall) {
  start();
  EXPECT_EQ(lines().size(), files);
  EXPECT_LT(used_by_each([&] {
              restart();
              EXPECT_EQ(lines().size(), 0U);
            }),
            most);
}

}  // namespace
}  // namespace triaged
