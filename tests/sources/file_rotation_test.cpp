#include <gmock/gmock.h>

#include "sources/file/file_follower.hpp"
#include "tests/support/followed_folder.hpp"

namespace triaged::sources {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

class FileRotation : public FollowedFolder {
 protected:
  void rotate_by_rename() const {
    for (int number = 8; number >= 1; --number) {
      const std::string from = "error.log." + std::to_string(number);
      if (std::filesystem::exists(path(from))) rename(from, "error.log." + std::to_string(number + 1));
    }
    rename("error.log", "error.log.1");
    append("error.log", "");
  }
  void rotate_by_copy() const {
    copy("error.log", "error.log.1");
    truncate("error.log");
  }
};

TEST_F(FileRotation, ReadsTheRenamedFileToItsEndBeforeTheNewOne) {
  append("error.log", "1\n");
  start();
  EXPECT_THAT(lines(), ElementsAre("1"));
  append("error.log", "2\n");
  rotate_by_rename();
  append("error.log", "4\n");
  append("error.log.1", "3\n");
  EXPECT_THAT(lines(), ElementsAre("2", "3", "4"));
  EXPECT_EQ(follower->counts().rotations, 1u);
}

TEST_F(FileRotation, GoesOnReadingTheRenamedFileWhileTheProgramStillWritesToIt) {
  append("error.log", "1\n");
  start();
  EXPECT_THAT(lines(), ElementsAre("1"));
  rotate_by_rename();
  for (int second = 0; second < 8; second += 4) {
    append("error.log.1", "late\n");
    EXPECT_THAT(lines(), ElementsAre("late"));
    EXPECT_THAT(lines_after(4s), IsEmpty());
  }
  EXPECT_EQ(follower->counts().rotated_files, 1u);
  EXPECT_THAT(lines_after(1s), IsEmpty());
  EXPECT_EQ(follower->counts().rotated_files, 0u);
}

TEST_F(FileRotation, ComesBackToARotatedFileThatGrowsAfterItWasClosed) {
  append("error.log", "1\n");
  start();
  EXPECT_THAT(lines(), ElementsAre("1"));
  rotate_by_rename();
  EXPECT_THAT(lines(), IsEmpty());
  EXPECT_THAT(lines_after(60s), IsEmpty());
  EXPECT_EQ(follower->counts().rotated_files, 0u);
  append("error.log.1", "2\n");
  EXPECT_THAT(lines_after(2s), ElementsAre("2"));
}

TEST_F(FileRotation, FindsEveryFileOfSeveralRotationsBetweenTwoLooks) {
  append("error.log", "1\n");
  start();
  EXPECT_THAT(lines(), ElementsAre("1"));
  for (int i = 2; i < 6; ++i) {
    append("error.log", std::to_string(i) + "\n");
    rotate_by_rename();
  }
  append("error.log", "6\n");
  EXPECT_THAT(lines(), ElementsAre("2", "3", "4", "5", "6"));
  EXPECT_EQ(follower->counts().rotations, 4u);
}

TEST_F(FileRotation, LeavesRotatedFilesFromBeforeItsTimeAlone) {
  append("error.log", "ancient\n");
  rotate_by_rename();
  append("error.log", "old\n");
  rotate_by_rename();
  append("error.log", "1\n");
  start();
  EXPECT_THAT(lines(), ElementsAre("1"));
  rotate_by_rename();
  append("error.log", "2\n");
  EXPECT_THAT(lines(), ElementsAre("2"));
}

TEST_F(FileRotation, LeavesACompressedOldFileAlone) {
  append("error.log", "old\n");
  rotate_by_rename();
  append("error.log", "1\n");
  start();
  EXPECT_THAT(lines(), ElementsAre("1"));
  append("error.log", "2\n");
  compress("error.log.1");
  rename("error.log.1.gz", "error.log.2.gz");
  rename("error.log", "error.log.1");
  append("error.log", "3\n");
  EXPECT_THAT(lines(), ElementsAre("2", "3"));
}

TEST_F(FileRotation, DoesNotReadAgainARenamedFileThatStillMatches) {
  source.globs = {path("error.log*")};
  append("error.log", "1\n");
  start();
  EXPECT_THAT(lines(), ElementsAre("1"));
  for (int i = 2; i < 5; ++i) {
    rotate_by_rename();
    append("error.log", std::to_string(i) + "\n");
    EXPECT_THAT(lines(), ElementsAre(std::to_string(i)));
    EXPECT_THAT(lines_after(20s), IsEmpty());
  }
  restart();
  EXPECT_THAT(lines(), IsEmpty());
  EXPECT_THAT(lines_after(20s), IsEmpty());
}

TEST_F(FileRotation, ReadsADeletedFileToItsEndAndReleasesIt) {
  append("error.log", "1\n");
  start();
  EXPECT_THAT(lines(), ElementsAre("1"));
  append("error.log", "2\n3");
  remove("error.log");
  EXPECT_THAT(lines(), ElementsAre("2"));
  EXPECT_THAT(lines_after(500ms), ElementsAre("3"));
  EXPECT_THAT(lines_after(5s), IsEmpty());
  EXPECT_EQ(follower->counts().files, 0u);
  EXPECT_THAT(lines_after(2s), IsEmpty());
  EXPECT_THAT(committed, IsEmpty());  // the stream has ended
}

TEST_F(FileRotation, ReadsTheFileThatIsCreatedAfterADeletion) {
  append("error.log", "1\n");
  start();
  EXPECT_THAT(lines(), ElementsAre("1"));
  append("error.log", "2\n");
  remove("error.log");
  append("error.log", "3\n");
  EXPECT_THAT(lines(), ElementsAre("2", "3"));
}

TEST_F(FileRotation, IsNotMisledByAnInodeThatIsUsedAgain) {
  append("error.log", "same beginning\nsecond\n");
  start();
  EXPECT_THAT(lines(), ElementsAre("same beginning", "second"));
  remove("error.log");
  EXPECT_THAT(lines_after(10s), IsEmpty());
  append("error.log", "same beginning\n2econd\nthird\n");
  EXPECT_THAT(lines_after(2s), ElementsAre("same beginning", "2econd", "third"));
}

TEST_F(FileRotation, ReadsFromTheStartAfterTruncation) {
  append("error.log", "1\n2\n");
  start();
  EXPECT_THAT(lines(), ElementsAre("1", "2"));
  truncate("error.log");
  append("error.log", "3\n");
  EXPECT_THAT(lines(), ElementsAre("3"));
  EXPECT_EQ(follower->counts().truncations, 1u);
}

TEST_F(FileRotation, NoticesATruncatedFileThatHasGrownPastItsOldSize) {
  append("error.log", "1\n2\n");
  start();
  EXPECT_THAT(lines(), ElementsAre("1", "2"));
  truncate("error.log");
  append("error.log", "three\nfour\nfive\n");
  EXPECT_THAT(lines(), ElementsAre("three", "four", "five"));
  EXPECT_EQ(follower->counts().truncations, 1u);
}

TEST_F(FileRotation, NoticesATruncatedFileOfTheSameSize) {
  append("error.log", "1\n2\n");
  start();
  EXPECT_THAT(lines(), ElementsAre("1", "2"));
  truncate("error.log");
  append("error.log", "3\n4\n");
  EXPECT_THAT(lines(), ElementsAre("3", "4"));
}

TEST_F(FileRotation, ReadsInTheCopyWhatWasNotReadBeforeTheTruncation) {
  append("error.log", "1\n");
  start();
  EXPECT_THAT(lines(), ElementsAre("1"));
  append("error.log", "2\nhalf");
  EXPECT_THAT(lines(), ElementsAre("2"));
  append("error.log", " a line\n3\n");
  rotate_by_copy();
  append("error.log", "4\n");
  EXPECT_THAT(lines(), ElementsAre("half a line", "3", "4"));
  EXPECT_EQ(follower->counts().lost_bytes, 0u);
}

TEST_F(FileRotation, CountsWhatTruncationTookWithIt) {
  options.batch_bytes = 2000;
  options.longest_line = 1000;
  for (int i = 0; i < 100; ++i) append("error.log", std::string(99, 'x') + "\n");
  start();
  EXPECT_EQ(next()->lines.size(), 20u);
  truncate("error.log");
  append("error.log", "2\n");
  EXPECT_THAT(lines(), ElementsAre("2"));
  EXPECT_EQ(follower->counts().lost_bytes, 8000u);
  EXPECT_THAT(follower->take_messages(),
              ElementsAre(path("error.log") +
                          ": truncated before its last 8000 bytes were read; they are lost, no copy was found"));
}

TEST_F(FileRotation, GivesOutTheUnterminatedLineOfATruncatedFile) {
  append("error.log", "1\nlast words");
  start();
  EXPECT_THAT(lines(), ElementsAre("1"));
  truncate("error.log");
  append("error.log", "2\n");
  EXPECT_THAT(lines(), ElementsAre("last words", "2"));
}

TEST_F(FileRotation, DoesNotTakeACopyThatMatchesForANewFile) {
  source.globs = {path("error.log*")};
  append("error.log", "1\n2\n");
  start();
  EXPECT_THAT(lines(), ElementsAre("1", "2"));
  append("error.log.1", "1\n");  // a copy in the making
  EXPECT_THAT(lines_after(2s), IsEmpty());
  append("error.log", "3\n");
  append("error.log.1", "2\n3\n");
  truncate("error.log");
  append("error.log", "4\n");
  EXPECT_THAT(lines_after(2s), ElementsAre("3", "4"));
  EXPECT_THAT(lines_after(20s), IsEmpty());
  restart();
  EXPECT_THAT(lines_after(20s), IsEmpty());
}

TEST_F(FileRotation, TellsGenerationsApartThatBeginWithTheSameHeader) {
  append("error.log", "header\n1\n");
  start();
  EXPECT_THAT(lines(), ElementsAre("header", "1"));
  rotate_by_rename();
  append("error.log", "header\n");
  EXPECT_THAT(lines(), ElementsAre("header"));
  stop();
  rotate_by_rename();
  append("error.log", "header\n2\n");
  rotate_by_rename();
  append("error.log", "header\n");
  rotate_by_rename();
  append("error.log", "header\n3\n");
  start();
  // A file that has nothing but the beginning of another one counts as a copy of it.
  EXPECT_THAT(lines(), ElementsAre("header", "2", "header", "3"));
  restart();
  EXPECT_THAT(lines_after(20s), IsEmpty());
}

TEST_F(FileRotation, IsNotMisledByTheHeaderOfARotatedFileWhenTheNextOneIsTruncated) {
  for (const bool is_down : {false, true}) {
    append("error.log", "header\n1\n");
    start();
    EXPECT_THAT(lines(), ElementsAre("header", "1"));
    rotate_by_rename();
    append("error.log", "header\n");
    EXPECT_THAT(lines(), ElementsAre("header"));
    EXPECT_THAT(lines_after(20s), IsEmpty());
    if (is_down) stop();
    truncate("error.log");
    if (is_down) start();
    EXPECT_THAT(lines(), IsEmpty());
    append("error.log", "2\n");
    EXPECT_THAT(lines(), ElementsAre("2"));
    append("error.log", "3\n");
    restart();
    EXPECT_THAT(lines(), ElementsAre("3"));
    remove("error.log");
    remove("error.log.1");
    EXPECT_THAT(lines_after(20s), IsEmpty());
    EXPECT_THAT(lines_after(20s), IsEmpty());
  }
}

// A writer that does not append leaves a hole as long as the old file, and every generation begins with one.
TEST_F(FileRotation, TellsGenerationsApartThatBeginWithAHole) {
  append("error.log", std::string(2999, '1') + "\n");
  start();
  EXPECT_EQ(lines().size(), 1u);
  for (int generation = 2; generation < 6; ++generation) {
    const std::string line = std::string(100, static_cast<char>('0' + generation));
    if (generation == 3) stop();
    rename("error.log", "error.log." + std::to_string(9 - generation));
    append("error.log", "");
    truncate("error.log", 3000);
    append("error.log", line + "\n");
    if (follower) {
      EXPECT_THAT(lines(), ElementsAre(line));
    }
    if (generation == 4) compress("error.log.6");
  }
  start();
  EXPECT_THAT(lines(), ElementsAre(std::string(100, '3'), std::string(100, '4'), std::string(100, '5')));
  restart();
  EXPECT_THAT(lines_after(20s), IsEmpty());
}

TEST_F(FileRotation, KnowsACopyThatWasMadeBeforeTheLastLinesWereRead) {
  source.globs = {path("error.log*")};
  const std::string first(100, '1'), second(70, '2');
  for (const bool is_down : {false, true}) {
    append("error.log", first + "\n");
    start();
    EXPECT_THAT(lines(), ElementsAre(first));
    append("error.log", "copied\n");
    copy("error.log", "error.log.1");
    append("error.log", second + "\n");
    EXPECT_THAT(lines(), ElementsAre("copied", second));
    if (is_down) stop();
    truncate("error.log");
    append("error.log", "4\n");
    if (is_down) start();
    EXPECT_THAT(lines_after(2s), ElementsAre("4"));
    EXPECT_THAT(lines_after(20s), IsEmpty());
    rename("error.log.1", "error.log.2");
    EXPECT_THAT(lines_after(20s), IsEmpty());
    restart();
    EXPECT_THAT(lines_after(20s), IsEmpty());
    remove("error.log");
    remove("error.log.2");
    for (int i = 0; i < 4; ++i) EXPECT_THAT(lines_after(20s), IsEmpty());
    EXPECT_THAT(committed, IsEmpty());
  }
}

TEST_F(FileRotation, ReadsAFileThatCameAndWentUnderANameThatNoToolGives) {
  append("error.log", "1\n");
  start();
  EXPECT_THAT(lines(), ElementsAre("1"));
  rename("error.log", "first");
  for (const char* name : {"second", "third"}) {
    append("error.log", std::string(name) + "\n");
    rename("error.log", "passing");
    rename("passing", name);
  }
  append("error.log", "4\n");
  EXPECT_THAT(lines(), ElementsAre("second", "third", "4"));
  restart();
  EXPECT_THAT(lines_after(20s), IsEmpty());
}

TEST_F(FileRotation, ReadsAFileThatCameAndWentWhereNoneHadStood) {
  start();
  append("error.log", "1\n");
  rename("error.log", "away");
  EXPECT_THAT(lines(), ElementsAre("1"));
}

TEST_F(FileRotation, FollowsTheTargetOfASymbolicLink) {
  source.globs = {path("current.log")};
  std::filesystem::create_directory(path("pod"));
  append("pod/0.log", "1\n");
  std::filesystem::create_symlink(path("pod/0.log"), path("current.log"));
  start();
  EXPECT_THAT(lines(), ElementsAre("1"));
  append("pod/0.log", "2\n");
  EXPECT_THAT(lines(), ElementsAre("2"));
  append("pod/0.log", "3\n");
  append("pod/1.log", "4\n");
  remove("current.log");
  std::filesystem::create_symlink(path("pod/1.log"), path("current.log"));
  EXPECT_THAT(lines(), ElementsAre("3", "4"));
}

TEST_F(FileRotation, ReadsTheFilesThatALinkPassedBetweenTwoLooks) {
  source.globs = {path("current.log")};
  std::filesystem::create_directory(path("pod"));
  append("pod/2.log", "of an earlier pod\n");
  append("pod/9.log", "1\n");
  std::filesystem::create_symlink(path("pod/9.log"), path("current.log"));
  start();
  EXPECT_THAT(lines(), ElementsAre("1"));
  append("pod/11.log", "3\n");
  append("pod/10.log", "2\n");
  append("pod/13.log", "5\n");
  append("pod/12.log", "4\n");
  compress("pod/12.log");
  append("pod/14.log", "not yet\n");
  remove("current.log");
  std::filesystem::create_symlink(path("pod/13.log"), path("current.log"));
  EXPECT_THAT(lines(), ElementsAre("2", "3", "4", "5"));
  restart();
  EXPECT_THAT(lines_after(20s), IsEmpty());
}

TEST_F(FileRotation, FindsRotatedFilesBesideTheTargetOfALink) {
  source.globs = {path("current.log")};
  std::filesystem::create_directory(path("pod"));
  append("pod/0.log", "1\n");
  std::filesystem::create_symlink(path("pod/0.log"), path("current.log"));
  start();
  EXPECT_THAT(lines(), ElementsAre("1"));
  append("pod/0.log", "2\n");
  rename("pod/0.log", "pod/0.log.20261121-100000");
  append("pod/0.log", "3\n");
  rename("pod/0.log", "pod/0.log.20261121-110000");
  append("pod/0.log", "4\n");
  EXPECT_THAT(lines_after(2s), ElementsAre("2", "3", "4"));
}

TEST_F(FileRotation, KeepsReadingTheOldFileWhileTheRightsToTheNewOneAreMissing) {
  std::filesystem::permissions(path(""), std::filesystem::perms(0755));
  append("error.log", "1\n");
  start();
  EXPECT_THAT(lines(), ElementsAre("1"));
  append("error.log", "2\n");
  rename("error.log", "error.log.1");
  append("error.log", "4\n");
  std::filesystem::permissions(path("error.log"), std::filesystem::perms(0));
  without_rights([&] { EXPECT_THAT(lines(), ElementsAre("2")); });
  append("error.log.1", "3\n");
  without_rights([&] { EXPECT_THAT(lines_after(2s), ElementsAre("3")); });
  std::filesystem::permissions(path("error.log"), std::filesystem::perms(0644));
  without_rights([&] { EXPECT_THAT(lines_after(2s), ElementsAre("4")); });
}

TEST_F(FileRotation, KeepsReadingTheOldFileWhileTheNewOneMayNotBeOpened) {
  append("error.log", "1\n");
  start();
  EXPECT_THAT(lines(), ElementsAre("1"));
  rename("error.log", "error.log.1");
  std::filesystem::create_directory(path("error.log"));  // nothing that could be read
  append("error.log.1", "2\n");
  EXPECT_THAT(lines(), ElementsAre("2"));
  remove("error.log");
  append("error.log", "3\n");
  EXPECT_THAT(lines(), ElementsAre("3"));
}

}  // namespace
}  // namespace triaged::sources
