// Copies of a file that was truncated then, whatever their times say, and files that are empty when they are found.
#include <gmock/gmock.h>

#include "sources/file/file_follower.hpp"
#include "tests/support/followed_folder.hpp"

namespace triaged::sources {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

class FileCopies : public FollowedFolder {
 protected:
  FileCopies() {
    options.batch_bytes = 64;
    append("error.log", first_);
    start();
    EXPECT_THAT(lines(), ElementsAre(first_.substr(0, first_.size() - 1)));
  }
  void set_time(std::string_view name, std::string_view of) const {
    std::filesystem::last_write_time(path(name), std::filesystem::last_write_time(path(of)));
  }

  const std::string first_ = "the first line, which is long enough for a head of sixty-four bytes and some more\n";
};

// logrotate gives the compressed file the time that it saw when it began.
TEST_F(FileCopies, AreReadOnCompressedWithATimeBeforeTheLastLineThatWasRead) {
  let_clock_tick();
  append("time", "");
  let_clock_tick();
  append("error.log", "2\n");
  EXPECT_THAT(lines_after(2s), ElementsAre("2"));
  stop();
  append("error.log", "3\n");
  set_time("error.log", "time");
  rename("error.log", "error.log.1");
  compress("error.log.1");
  append("error.log", "4\n");
  start();
  EXPECT_THAT(lines_after(2s), ElementsAre("3", "4"));
  EXPECT_EQ(follower->counts().unknown_losses, 0u);
}

// Such a line makes the older file look like the younger one, and so the numbers as if they went up.
TEST_F(FileCopies, AreReadOnCompressedWithALateLineThatIsYoungerThanTheNextFile) {
  rename("error.log", "error.log.1");
  let_clock_tick();
  append("error.log", "4\n");
  EXPECT_THAT(lines_after(2s), ElementsAre("4"));
  restart();  // from now on its number is known
  append("error.log", "and more\n");
  EXPECT_THAT(lines_after(2s), ElementsAre("and more"));
  stop();
  let_clock_tick();
  append("error.log.1", "3\n");
  rename("error.log.1", "error.log.2");
  rename("error.log", "error.log.1");
  compress("error.log.2");
  append("error.log", "5\n");
  start();
  EXPECT_THAT(lines_after(2s), ElementsAre("3", "5"));
  EXPECT_EQ(follower->counts().unknown_losses, 0u);
}

// A line that came between the copy and the truncation is in no file, but it made the one that was read the younger.
TEST_F(FileCopies, AreReadOnWhenTheyAreOlderThanTheFileWasWhenItWasReadLast) {
  append("error.log", std::string(60, '2') + "\n" + std::string(60, '3') + "\n");
  let_clock_tick();
  copy("error.log", "error.log.1");
  let_clock_tick();
  append("error.log", std::string(60, '4') + "\n");
  wait(2s);
  const auto batch = next();
  ASSERT_TRUE(batch);
  Lines read;
  append_lines(*batch, read);
  EXPECT_THAT(read, ElementsAre(std::string(60, '2')));
  stop();
  truncate("error.log");
  append("error.log", "5\n");
  start();
  EXPECT_THAT(lines_after(2s), ElementsAre(std::string(60, '3'), "5"));
  EXPECT_EQ(follower->counts().unknown_losses, 0u);
}

// The truncated file is older than its copy and has the younger name: that does not say that numbers go up.
TEST_F(FileCopies, AreFoundWhenTheTruncatedFileWasRotatedBehindThem) {
  stop();
  append("error.log", "2\n");
  let_clock_tick();
  copy("error.log", "error.log.1");
  truncate("error.log");
  append("error.log", "3\n");
  rename("error.log.1", "error.log.2");
  rename("error.log", "error.log.1");
  append("error.log", "4\n");
  start();
  EXPECT_THAT(lines(), ElementsAre("2", "3", "4"));
  EXPECT_EQ(follower->counts().unknown_losses, 0u);
}

// Nothing of it had been read when it was truncated, but it was known by its head, with a line that came too late for
// the copy.
TEST_F(FileCopies, AreReadWhenTheyAreShorterThanTheHeadOfTheFileWas) {
  const std::string second = "the second line, which is long enough for a head of sixty-four bytes and some more";
  stop();
  truncate("error.log");
  append("error.log", second + "\n");
  copy("error.log", "error.log.1");
  append("error.log", "too late\n");
  start();
  truncate("error.log");
  append("error.log", "3\n");
  EXPECT_THAT(lines_after(2s), ElementsAre(second, "3"));
}

// Nothing but the empty file was known of its path.
TEST_F(FileCopies, AreFoundWhenTheFileWasEmptyAsFollowingBegan) {
  stop();
  committed.clear();
  truncate("error.log");
  start();
  EXPECT_THAT(lines(), IsEmpty());
  stop();
  let_clock_tick();
  append("error.log", "2\n");
  copy("error.log", "error.log.1");
  truncate("error.log");
  append("error.log", "3\n");
  start();
  EXPECT_THAT(lines(), ElementsAre("2", "3"));
}

// In a folder that nobody watches.
TEST_F(FileCopies, AreFoundElsewhereAlsoWhenTheFileWasFilledAgainBeforeItWasLookedAt) {
  std::filesystem::create_directory(path("old"));
  source.rotated = {path("old/*")};
  restart();
  truncate("error.log");
  EXPECT_THAT(lines_after(10s), IsEmpty());
  let_clock_tick();
  append("error.log", "2\n");
  copy("error.log", "old/error.log.1");
  truncate("error.log");
  append("error.log", "3\n");
  EXPECT_THAT(lines(), ElementsAre("2", "3"));
  EXPECT_THAT(lines_after(10s), IsEmpty());
}

TEST_F(FileCopies, AreFoundElsewhereWhenTheyWereEmptyAtFirst) {
  std::filesystem::create_directory(path("old"));
  source.rotated = {path("old/*")};
  restart();
  truncate("error.log");
  EXPECT_THAT(lines_after(10s), IsEmpty());
  let_clock_tick();
  append("error.log", "");
  append("old/error.log.1", "");  // logrotate has created the copy and has not begun to fill it
  EXPECT_THAT(lines_after(10s), IsEmpty());
  append("error.log", "2\n");
  append("old/error.log.1", "2\n");
  truncate("error.log");
  append("error.log", "3\n");
  EXPECT_THAT(lines(), ElementsAre("2", "3"));
  EXPECT_THAT(lines_after(10s), IsEmpty());
}

TEST_F(FileCopies, AreNotWhatAnEmptyRotatedFileIsTakenForWhenAProgramStillWritesToIt) {
  rename("error.log", "error.log.2");
  let_clock_tick();
  append("error.log.1", "");  // it came and went, empty, and the path stands empty
  EXPECT_THAT(lines_after(2s), IsEmpty());
  append("error.log.1", "late\n");
  EXPECT_THAT(lines_after(2s), ElementsAre("late"));
  append("error.log", "2\n");
  EXPECT_THAT(lines_after(2s), ElementsAre("2"));
}

}  // namespace
}  // namespace triaged::sources
