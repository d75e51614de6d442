#include <gmock/gmock.h>

#include "sources/file/file_follower.hpp"
#include "tests/support/followed_folder.hpp"

namespace triaged::sources {
namespace {

using namespace std::chrono_literals;
using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;

class FileRestart : public FollowedFolder {
 protected:
  FileRestart() {
    append("error.log", "1\n2\n");
    start();
    EXPECT_EQ(lines(), (Lines{"1", "2"}));
    stop();
  }

  const std::string gone_ =
      ": the file that was read up to byte 4 is gone; whatever followed is lost (if rotation moves files to another "
      "folder, name it in 'rotated' of the source)";
};

TEST_F(FileRestart, GoesOnBehindTheLastCommittedLine) {
  append("error.log", "3\n");
  start();
  EXPECT_THAT(lines(), ElementsAre("3"));
}

TEST_F(FileRestart, GoesOnWhereItBeganAtTheEndAlsoWhenNoLineHadComeYet) {
  committed.clear();
  source.start = StartAt::end;
  start();
  EXPECT_THAT(lines(), IsEmpty());
  stop();
  append("error.log", "3\n");
  start();
  EXPECT_THAT(lines(), ElementsAre("3"));
}

TEST_F(FileRestart, GoesOnInTheMiddleOfWhatWasReadButNotTaken) {
  options.batch_bytes = 2048;
  options.longest_line = 100;
  for (int i = 0; i < 1000; ++i) append("error.log", "line " + std::to_string(i) + "\n");
  Lines all;
  for (bool more = true; more;) {
    start();
    const auto batch = next();
    more = batch.has_value();
    if (more) append_lines(*batch, all);
    stop();
  }
  ASSERT_EQ(all.size(), 1000u);
  EXPECT_EQ(all.front(), "line 0");
  EXPECT_EQ(all.back(), "line 999");
}

TEST_F(FileRestart, ReadsTheRestOfAFileThatWasRotatedMeanwhile) {
  append("error.log", "3\n");
  rename("error.log", "error.log-20261121");
  append("error.log", "4\n");
  start();
  EXPECT_THAT(lines(), ElementsAre("3", "4"));
}

TEST_F(FileRestart, ReadsAllFilesThatCameAndWentMeanwhile) {
  append("error.log", "3\n");
  rename("error.log", "error.log.3");
  append("error.log.2", "4\n");
  append("error.log.1", "5\n");
  append("error.log", "6\n");
  start();
  EXPECT_THAT(lines(), ElementsAre("3", "4", "5", "6"));
}

TEST_F(FileRestart, ReadsTheRestOfAFileThatWasCompressedMeanwhile) {
  append("error.log", "3\nfour");
  rename("error.log", "error.log.1");
  compress("error.log.1");
  append("error.log", "5\n");
  start();
  EXPECT_THAT(lines(), ElementsAre("3", "5"));
  EXPECT_THAT(lines_after(5s), ElementsAre("four"));
  restart();
  EXPECT_THAT(lines_after(20s), IsEmpty());
}

TEST_F(FileRestart, ReadsCompressedFilesThatCameAndWentMeanwhile) {
  append("error.log", "3\n");
  rename("error.log", "error.log.2");
  compress("error.log.2");
  append("error.log.1", "4\n");
  shell("zstd -q --rm " + path("error.log.1"));
  append("error.log", "5\n");
  start();
  EXPECT_THAT(lines(), ElementsAre("3", "4", "5"));
}

TEST_F(FileRestart, ReadsFilesThatXzAndBzip2CompressedMeanwhile) {
  append("error.log", "3\n");
  rename("error.log", "error.log.2");
  shell("xz " + path("error.log.2"));
  append("error.log.1", "4\n");  // logrotate gives the compressed file all of the time; bzip2 alone, whole seconds
  shell("cd " + path("") + " && bzip2 -k error.log.1 && touch -r error.log.1 error.log.1.bz2 && rm error.log.1");
  append("error.log", "5\n");
  start();
  EXPECT_THAT(lines(), ElementsAre("3", "4", "5"));
  restart();
  EXPECT_THAT(lines_after(20s), IsEmpty());
}

TEST_F(FileRestart, ReadsTheRestOfAFileThatXzCompressedMeanwhile) {
  append("error.log", "3\n");
  rename("error.log", "error.log.1");
  shell("xz " + path("error.log.1"));
  append("error.log", "4\n");
  start();
  EXPECT_THAT(lines(), ElementsAre("3", "4"));
}

TEST_F(FileRestart, ReadsFromTheStartWhenTheFileWasTruncatedMeanwhile) {
  truncate("error.log");
  append("error.log", "3\n");
  start();
  EXPECT_THAT(lines(), ElementsAre("3"));
}

TEST_F(FileRestart, ReadsAFileThatWasTruncatedAndThenRotatedMeanwhile) {
  truncate("error.log");
  append("error.log", "3\n");
  rename("error.log", "error.log.2");
  append("error.log.1", "4\n");
  append("error.log", "5\n");
  start();
  EXPECT_THAT(lines(), ElementsAre("3", "4", "5"));
  restart();
  EXPECT_THAT(lines_after(20s), IsEmpty());
}

TEST_F(FileRestart, NoticesAFileThatWasRewrittenWithMoreThanItHad) {
  truncate("error.log");
  append("error.log", "three\nfour\n");
  start();
  EXPECT_THAT(lines(), ElementsAre("three", "four"));
}

TEST_F(FileRestart, ReadsTheCopyOfAFileThatWasTruncatedMeanwhile) {
  append("error.log", "3\n");
  copy("error.log", "error.log.1");
  truncate("error.log");
  append("error.log", "4\n");
  start();
  EXPECT_THAT(lines(), ElementsAre("3", "4"));
}

TEST_F(FileRestart, IsNotMisledByTheSameHeadUnderTheSameName) {
  rename("error.log", "error.log.1");
  append("error.log", "1\n2\n");
  start();
  EXPECT_THAT(lines(), ElementsAre("1", "2"));
}

TEST_F(FileRestart, IsNotMisledByAnInodeThatIsUsedAgain) {
  remove("error.log");
  append("error.log", "1\n");
  append("error.log", "3\n4\n");
  start();
  EXPECT_THAT(lines(), ElementsAre("1", "3", "4"));
  EXPECT_THAT(follower->take_messages(), ElementsAre(path("error.log") + gone_));
}

TEST_F(FileRestart, ReportsAFileThatIsGoneOnceAndForgetsIt) {
  remove("error.log");
  start();
  EXPECT_THAT(lines(), IsEmpty());
  EXPECT_THAT(follower->take_messages(), ElementsAre(path("error.log") + gone_));
  EXPECT_THAT(committed, IsEmpty());
  restart();
  EXPECT_THAT(follower->take_messages(), IsEmpty());
}

TEST_F(FileRestart, KnowsAFileThatWasMovedToAnotherVolume) {
  const std::string much(1100, 'x');
  append("error.log", much + "\n");
  restart();
  EXPECT_THAT(lines(), ElementsAre(much));
  copy("error.log", "moved");
  rename("moved", "error.log");
  append("error.log", "3\n");
  restart();
  EXPECT_THAT(lines(), ElementsAre("3"));
}

TEST_F(FileRestart, ReadsAFileOfWhichOnlyTheStartOfALineStoodThere) {
  rename("error.log", "error.log.3");
  append("error.log", "2026/11/21 09:50:23 [notice] 1851#1851: 3\n");
  start();
  EXPECT_THAT(lines(), Contains("2026/11/21 09:50:23 [notice] 1851#1851: 3"));
  stop();
  rename("error.log", "error.log.2");
  append("error.log.1", "2026/11/21 09");
  append("error.log", "2026/11/21 09:50:25 [notice] 1851#1851: 5\n");
  start();
  append("error.log.1", ":50:24 [notice] 1851#1851: 4\n");
  EXPECT_THAT(lines(),
              ElementsAre("2026/11/21 09:50:24 [notice] 1851#1851: 4", "2026/11/21 09:50:25 [notice] 1851#1851: 5"));
}

TEST_F(FileRestart, StartsAtTheCheckpointAlsoWhenToldToStartAtTheEnd) {
  source.start = StartAt::end;
  append("error.log", "3\n");
  start();
  EXPECT_THAT(lines(), ElementsAre("3"));
}

TEST_F(FileRestart, GoesOnInsideALineThatWasTooLong) {
  options.longest_line = 8;
  append("error.log", "0123456789");
  start();
  EXPECT_THAT(lines(), ElementsAre("01234567"));
  restart();
  append("error.log", "abc\n3\n");
  EXPECT_THAT(lines(), ElementsAre("3"));
}

TEST_F(FileRestart, IgnoresCursorsOfOtherSourcesAndOfOtherPaths) {
  committed["journald:gunicorn.service"] = "{}";
  committed["file:/var/log/other.log"] = "{}";
  start();
  EXPECT_THAT(lines(), IsEmpty());
  EXPECT_THAT(follower->take_messages(), IsEmpty());
}

TEST_F(FileRestart, SaysThatACheckpointCannotBeUnderstood) {
  committed["file:" + path("error.log")] = "{\"files\": 3}";
  start();
  EXPECT_THAT(lines(), ElementsAre("1", "2"));
  EXPECT_THAT(follower->take_messages(),
              ElementsAre(path("error.log") + ": its saved position cannot be understood; reading starts where it "
                                              "would in a new file ('start' of the source)"));
}

// All generations begin with the same header; of the last one nothing else was read.
class FileRestartWithHeaders : public FollowedFolder {
 protected:
  FileRestartWithHeaders() {
    append("error.log", header_ + "1\n");
    start();
    EXPECT_EQ(new_lines(), Lines{"1"});
    rename("error.log", "error.log.1");
    append("error.log", header_);
    EXPECT_EQ(new_lines(), Lines{});
  }
  Lines new_lines() {
    Lines all = lines_after(2s);
    std::erase(all, header_.substr(0, 99));
    return all;
  }

  const std::string header_ = std::string(99, '#') + "\n";
};

TEST_F(FileRestartWithHeaders, FindsTheCompressedFileAndNotTheNextOneWithItsHeader) {
  stop();
  append("error.log", "2\n");
  rename("error.log.1", "error.log.3");
  rename("error.log", "error.log.2");
  compress("error.log.2");
  append("error.log.1", header_ + "3\n");
  append("error.log", header_);
  start();
  EXPECT_THAT(new_lines(), ElementsAre("2", "3"));
  append("error.log", "4\n");
  restart();
  EXPECT_THAT(new_lines(), ElementsAre("4"));
}

TEST_F(FileRestartWithHeaders, ReadsATruncatedFileThatWasRotatedBeforeOneWithItsOldHeader) {
  stop();
  truncate("error.log");
  append("error.log", "2\n");
  rename("error.log.1", "error.log.2");
  rename("error.log", "error.log.1");
  append("error.log", header_ + "3\n");
  start();
  EXPECT_THAT(new_lines(), ElementsAre("2", "3"));
}

TEST_F(FileRestartWithHeaders, ReadsATruncatedFileThatWasRotatedBeforeOneOfWhichOnlyTheHeaderStandsThere) {
  stop();
  truncate("error.log");
  append("error.log", "2\n");
  rename("error.log.1", "error.log.3");
  rename("error.log", "error.log.2");
  append("error.log.1", header_);
  append("error.log", header_ + "3\n");
  start();
  EXPECT_THAT(new_lines(), ElementsAre("2", "3"));
}

TEST_F(FileRestartWithHeaders, ReadsAFileThatCameBetweenOneThatIsGoneAndOneWithItsHeader) {
  stop();
  remove("error.log");
  rename("error.log.1", "error.log.2");
  append("error.log.1", header_ + "2\n");
  append("error.log", header_ + "3\n");
  start();
  EXPECT_THAT(new_lines(), ElementsAre("2", "3"));
}

TEST_F(FileRestartWithHeaders, ReadsAFileOfWhichOnlyAHeaderAndTheStartOfALineStandThere) {
  stop();
  rename("error.log", "error.log.2");
  append("error.log.2", "2026/11/21 09:50:23 [notice] 1851#1851: 2\n");
  rename("error.log.1", "error.log.3");
  start();
  EXPECT_THAT(new_lines(), ElementsAre("2026/11/21 09:50:23 [notice] 1851#1851: 2"));
  stop();
  append("error.log.1", header_ + "2026/11/21 09");
  append("error.log", header_);
  start();
  append("error.log.1", ":50:24 [notice] 1851#1851: 3\n");
  EXPECT_THAT(new_lines(), ElementsAre("2026/11/21 09:50:24 [notice] 1851#1851: 3"));
}

TEST_F(FileRestartWithHeaders, DoesNotContinueAFileThatIsGoneInACopyOfTheNextOne) {
  EXPECT_THAT(new_lines(), IsEmpty());
  rename("error.log", "error.log.2");
  append("error.log", header_ + "2\n");
  EXPECT_THAT(new_lines(), ElementsAre("2"));
  wait(20s);
  EXPECT_THAT(new_lines(), IsEmpty());
  remove("error.log.2");
  stop();
  append("error.log", "3\n");
  remove("error.log.1");
  copy("error.log", "error.log.1");
  truncate("error.log");
  append("error.log", "4\n");
  start();
  EXPECT_THAT(new_lines(), ElementsAre("3", "4"));
}

TEST_F(FileRestartWithHeaders, DoesNotReadAnOldFileInPlaceOfATruncatedOneOfWhichOnlyTheHeaderWasSeen) {
  rename("error.log.1", "error.log.30");
  for (int age = 29; age > 20; --age) {
    const std::string line = std::to_string(age);
    append("error.log", line + "\n");
    ASSERT_THAT(new_lines(), ElementsAre(line));
    rename("error.log", "error.log." + line);
    append("error.log", header_);
    EXPECT_THAT(new_lines(), IsEmpty());
    wait(20s);
    EXPECT_THAT(new_lines(), IsEmpty());
  }
  append("error.log", "20\n");
  rename("error.log", "error.log.20");
  append("error.log", header_);
  wait(2s);
  ASSERT_TRUE(next().has_value()) << "of the rotated file; the new one stands behind it in the cursor, unread";
  stop();
  truncate("error.log");
  append("error.log", "19\n");
  start();
  EXPECT_THAT(new_lines(), ElementsAre("19"));
}

TEST_F(FileRestartWithHeaders, DoesNotReadACompressedFileAgainInPlaceOfATruncatedOneOfWhichOnlyTheHeaderWasSeen) {
  truncate("error.log");
  append("error.log", "2\n");
  EXPECT_THAT(new_lines(), ElementsAre("2"));
  rename("error.log.1", "error.log.3");
  rename("error.log", "error.log.2");
  append("error.log", header_ + "3\n");
  EXPECT_THAT(new_lines(), ElementsAre("3"));
  rename("error.log", "error.log.1");
  append("error.log", header_);
  for (int i = 0; i < 2; ++i) {
    wait(20s);
    EXPECT_THAT(new_lines(), IsEmpty());
  }
  append("error.log", "4\n");
  EXPECT_THAT(new_lines(), ElementsAre("4"));
  stop();
  compress("error.log.1");
  start();
  EXPECT_THAT(new_lines(), IsEmpty());
}

TEST_F(FileRestartWithHeaders, DoesNotReadYoungerFilesAgainInPlaceOfOneThatIsGoneOfWhichOnlyTheHeaderWasSeen) {
  source.globs.push_back(path("error.log.1?"));  // what is named is not forgotten while it is there
  remove("error.log.1");
  restart();
  rename("error.log", "error.log.12");
  append("error.log", header_);
  EXPECT_THAT(new_lines(), IsEmpty());
  for (int age = 9; age > 1; --age) {
    const std::string line = std::to_string(age);
    append("error.log", line + "\n");
    EXPECT_THAT(new_lines(), ElementsAre(line));
    rename("error.log", "error.log." + line);
    append("error.log", header_);
    EXPECT_THAT(new_lines(), IsEmpty());
    wait(20s);
    EXPECT_THAT(new_lines(), IsEmpty());
  }
  append("error.log", "1\n");
  EXPECT_THAT(new_lines(), ElementsAre("1"));
  stop();
  remove("error.log.12");
  start();
  EXPECT_THAT(new_lines(), IsEmpty());
}

TEST_F(FileRestartWithHeaders, ReadsUnseenFilesAlthoughOneThatIsGoneHadTheirHeader) {
  rename("error.log", "error.log.2");
  append("error.log", header_ + "2\n");
  EXPECT_THAT(new_lines(), ElementsAre("2"));
  wait(20s);
  EXPECT_THAT(new_lines(), IsEmpty());
  remove("error.log.2");
  rename("error.log", "error.log.4");
  append("error.log.3", header_ + "3\n");
  append("error.log.2", header_ + "4\n");
  append("error.log", header_ + "5\n");
  EXPECT_THAT(new_lines(), ElementsAre("3", "4", "5"));
}

}  // namespace
}  // namespace triaged::sources
