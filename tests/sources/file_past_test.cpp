// What of a file is its past: what it held when it was followed for the first time, and nothing else.
#include <gmock/gmock.h>

#include "tests/support/followed_folder.hpp"

namespace triaged::sources {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

class FilePast : public FollowedFolder {
 protected:
  /// Of everything that there is now, what is past.
  Lines past() {
    Lines past;
    while (const auto batch = next()) add_past(*batch, past);
    return past;
  }
  static void add_past(const LineBatch& batch, Lines& past) {
    for (const LineSpan& line : batch.lines) {
      if (line.offset < batch.followed_from) past.emplace_back(batch.text(line));
    }
  }
};

TEST_F(FilePast, IsWhatItHoldsWhenItIsFollowedForTheFirstTime) {
  append("error.log", "1\n2\n");
  start();
  EXPECT_THAT(past(), ElementsAre("1", "2"));
  append("error.log", "3\n");
  EXPECT_THAT(past(), IsEmpty());
}

TEST_F(FilePast, EndsWithinABatchWhereTheFileEndedThen) {
  append("error.log", "1\n");
  start();
  append("error.log", "2\n");
  const auto batch = next();
  ASSERT_TRUE(batch);
  ASSERT_EQ(batch->lines.size(), 2U);
  EXPECT_EQ(batch->followed_from, batch->lines[1].offset);
}

TEST_F(FilePast, IsNoneOfAFileThatComesLater) {
  source.globs = {path("*.log")};
  start();
  append("later.log", "1\n");
  EXPECT_THAT(lines_after(2s), ElementsAre("1"));
  append("last.log", "2\n");
  wait(2s);
  EXPECT_THAT(past(), IsEmpty());
}

TEST_F(FilePast, IsNotWhatWasWrittenWhileNobodyFollowed) {
  append("error.log", "1\n");
  start();
  EXPECT_THAT(past(), ElementsAre("1"));
  stop();
  append("error.log", "2\n");
  start();
  EXPECT_THAT(past(), IsEmpty());
}

TEST_F(FilePast, IsNoneOfAFileThatWasEmpty) {
  append("error.log", "");
  start();
  EXPECT_THAT(lines(), IsEmpty());
  stop();
  append("error.log", "1\n");
  start();
  const auto batch = next();
  ASSERT_TRUE(batch);
  EXPECT_EQ(batch->lines.size(), 1U);
  EXPECT_EQ(batch->followed_from, 0U);
}

TEST_F(FilePast, IsTheSameAfterARestartInItsMiddle) {
  options.batch_bytes = 2048;
  options.longest_line = 100;
  for (int i = 0; i < 1000; ++i) append("error.log", "line " + std::to_string(i) + "\n");
  Lines past_lines;
  for (bool more = true; more;) {
    start();
    const auto batch = next();
    more = batch.has_value();
    if (more) add_past(*batch, past_lines);
    stop();
    if (past_lines.size() < 1000) append("error.log", "news\n");
  }
  ASSERT_EQ(past_lines.size(), 1000U);
  EXPECT_EQ(past_lines.back(), "line 999");
}

TEST_F(FilePast, GoesWithARotatedFileAndNotToTheNextOne) {
  options.batch_bytes = 2048;
  options.longest_line = 100;
  for (int i = 0; i < 1000; ++i) append("error.log", "line " + std::to_string(i) + "\n");
  start();
  Lines past_lines;
  add_past(*next(), past_lines);
  stop();
  rename("error.log", "error.log.1");
  append("error.log", "news\n");
  start();
  const auto rest = past();
  past_lines.insert(past_lines.end(), rest.begin(), rest.end());
  ASSERT_EQ(past_lines.size(), 1000U);
  EXPECT_EQ(past_lines.back(), "line 999");
}

TEST_F(FilePast, EndsWhenTheFileIsTruncated) {
  append("error.log", "a line that is longer than the next\n");
  start();
  EXPECT_THAT(past(), ElementsAre("a line that is longer than the next"));
  truncate("error.log");
  append("error.log", "news\n");
  EXPECT_THAT(past(), IsEmpty());
}

TEST_F(FilePast, IsUnknownWhenTheCursorsWereLost) {
  options.has_lost_cursors = true;
  options.sources = {source};
  append("error.log", "1\n");
  start();
  EXPECT_THAT(past(), IsEmpty());
}

TEST_F(FilePast, OfAFileThatMayNotBeReadEndsWhereItEndedWhenFollowingBegan) {
  using std::filesystem::perms;
  append("error.log", "1\n");
  std::filesystem::permissions(path(""), perms(0755));
  std::filesystem::permissions(path("error.log"), perms(0));
  without_rights([&] {
    start();
    EXPECT_THAT(lines_after(2s), IsEmpty());
  });
  std::filesystem::permissions(path("error.log"), perms(0644));
  append("error.log", "2\n");
  wait(2s);
  EXPECT_THAT(past(), ElementsAre("1"));
}

}  // namespace
}  // namespace triaged::sources
