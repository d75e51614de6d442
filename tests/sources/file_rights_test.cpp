// Files and folders that may not be read for a while, over a restart.
#include <gmock/gmock.h>

#include "sources/file/file_follower.hpp"
#include "tests/support/followed_folder.hpp"

namespace triaged::sources {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

class FileRights : public FollowedFolder {
 protected:
  FileRights() {
    allow("");
    append("error.log", "1\n2\n");
    start();
    EXPECT_EQ(lines(), (Lines{"1", "2"}));
    stop();
  }
  void forbid(std::string_view name) const { std::filesystem::permissions(path(name), std::filesystem::perms(0)); }
  void allow(std::string_view name) const { std::filesystem::permissions(path(name), std::filesystem::perms(0755)); }
};

TEST_F(FileRights, ReadsAFileThatCameAndWentBeforeOneThatMayNotBeReadForAWhile) {
  remove("error.log");
  append("error.log", "3\n");
  rename("error.log", "error.log.1");
  append("error.log", "4\n");
  forbid("error.log");
  without_rights([&] {
    start();
    for (int i = 0; i < 5; ++i) EXPECT_THAT(lines_after(2s), IsEmpty());
  });
  allow("error.log");
  EXPECT_THAT(lines_after(2s), ElementsAre("3", "4"));
}

TEST_F(FileRights, KeepsItsPlaceInAFileThatMayNotBeReadForAWhile) {
  append("error.log", "3\n");
  forbid("error.log");
  without_rights([&] {
    start();
    EXPECT_THAT(lines_after(10s), IsEmpty());
  });
  allow("error.log");
  EXPECT_THAT(lines(), ElementsAre("3"));
}

TEST_F(FileRights, ReadsTheRestOfAFileThatWasRotatedWhileItMightNotBeRead) {
  append("error.log", "3\n");
  forbid("error.log");
  without_rights([&] {
    start();
    EXPECT_THAT(lines_after(2s), IsEmpty());
  });
  EXPECT_THAT(follower->take_messages(),
              ElementsAre("cannot read " + path("error.log") + ": Permission denied (will try again)"));
  rename("error.log", "error.log.1");
  append("error.log", "4\n");
  without_rights([&] { EXPECT_THAT(lines_after(2s), ElementsAre("4")); });
  EXPECT_THAT(follower->take_messages(),
              ElementsAre(path("error.log") + " can be read now",
                          "cannot read " + path("error.log.1") + ": Permission denied (will try again)"));
  allow("error.log.1");
  without_rights([&] { EXPECT_THAT(lines_after(2s), ElementsAre("3")); });
  EXPECT_THAT(follower->take_messages(), testing::Contains(path("error.log.1") + " can be read now"));
}

// Compressed, it is another file, which may not be read either, nor be known by its text.
TEST_F(FileRights, ReadsTheRestOfAFileThatWasRotatedAndCompressedWhileItMightNotBeRead) {
  append("error.log", "3\n");
  rename("error.log", "error.log.1");
  compress("error.log.1");
  append("error.log", "4\n");
  forbid("error.log.1.gz");
  without_rights([&] {
    start();
    EXPECT_THAT(lines_after(2s), ElementsAre("4"));
    restart();
    EXPECT_THAT(lines_after(2s), IsEmpty());
  });
  allow("error.log.1.gz");
  without_rights([&] { EXPECT_THAT(lines_after(2s), ElementsAre("3")); });
  restart();
  EXPECT_THAT(lines_after(2s), IsEmpty());
  EXPECT_EQ(follower->counts().unknown_losses, 0u);
}

TEST_F(FileRights, ReadsTheRestOfACompressedFileThatMayBeReadAgainAtAStart) {
  append("error.log", "3\n");
  rename("error.log", "error.log.1");
  compress("error.log.1");
  append("error.log", "4\n");
  forbid("error.log.1.gz");
  without_rights([&] {
    start();
    EXPECT_THAT(lines_after(2s), ElementsAre("4"));
  });
  allow("error.log.1.gz");
  restart();
  EXPECT_THAT(lines_after(2s), ElementsAre("3"));
}

// While it is being made a compressed file is as young as anything.
TEST_F(FileRights, ReadsACompressedFileThatGrewWhileItMightNotBeRead) {
  rename("error.log", "error.log.1");
  append("error.log", "");
  forbid("error.log");
  without_rights([&] {
    start();
    EXPECT_THAT(lines_after(2s), IsEmpty());
  });
  let_clock_tick();
  append("error.log", "3\n");
  without_rights([&] { EXPECT_THAT(lines_after(2s), IsEmpty()); });
  let_clock_tick();
  append("error.log.1", "late\n");
  append("unrelated", "");  // so that the folder has changed since
  without_rights([&] { EXPECT_THAT(lines_after(2s), ElementsAre("late")); });
  stop();
  rename("error.log.1", "error.log.2");
  rename("error.log", "error.log.1");
  compress("error.log.1");
  append("error.log", "4\n");
  without_rights([&] {
    start();
    EXPECT_THAT(lines_after(2s), ElementsAre("3", "4"));
  });
}

TEST_F(FileRights, TakesNoCompressedFileForOneThatStandsThereAndMayNotBeRead) {
  rename("error.log", "error.log.1");
  append("error.log", "3\n");
  forbid("error.log");
  without_rights([&] {
    start();
    EXPECT_THAT(lines_after(10s), IsEmpty());
  });
  append("error.log.1", "late\n");
  without_rights([&] { EXPECT_THAT(lines_after(2s), ElementsAre("late")); });
  stop();
  copy("error.log.1", "packed");
  std::filesystem::last_write_time(path("packed"), std::filesystem::file_time_type::clock::now());
  compress("packed");
  rename("packed.gz", "error.log.1.gz");
  without_rights([&] {
    start();
    EXPECT_THAT(lines_after(10s), IsEmpty());
    restart();
  });
  remove("error.log.1");
  without_rights([&] { EXPECT_THAT(lines_after(10s), IsEmpty()); });
  allow("error.log");
  EXPECT_THAT(lines_after(2s), ElementsAre("3"));
}

// The file that was read goes on in a copy, and has another text, which nobody saw: it is as old as before.
TEST_F(FileRights, ReadsWhatCameAfterACopyBeforeAFileThatMayNotBeReadForAWhile) {
  const std::string longer_than_a_header(2000, '2');
  append("error.log", longer_than_a_header + "\n");
  start();
  EXPECT_THAT(lines(), ElementsAre(longer_than_a_header));
  stop();
  append("error.log", "3\n");
  copy("error.log", "error.log.2");
  truncate("error.log");
  append("error.log", "4\n");
  rename("error.log", "error.log.1");
  append("error.log", "5\n");
  forbid("error.log");
  without_rights([&] {
    start();
    EXPECT_THAT(lines_after(2s), ElementsAre("3"));
    restart();
    EXPECT_THAT(lines_after(2s), IsEmpty());
  });
  allow("error.log");
  EXPECT_THAT(lines_after(2s), ElementsAre("4", "5"));
  restart();
  EXPECT_THAT(lines_after(10s), IsEmpty());
}

TEST_F(FileRights, ReadsAFileThatWasNeverReadableWhenItsCompressedOneIsMatchedItself) {
  source.globs = {path("error.log*")};
  rename("error.log", "error.log.2");
  append("error.log", "3\n");
  forbid("error.log");
  without_rights([&] {
    start();
    EXPECT_THAT(lines_after(10s), IsEmpty());
  });
  append("error.log.2", "late\n");
  without_rights([&] { EXPECT_THAT(lines_after(2s), ElementsAre("late")); });
  rename("error.log", "error.log.1");
  append("error.log", "4\n");
  without_rights([&] { EXPECT_THAT(lines_after(2s), ElementsAre("4")); });
  compress("error.log.1");
  forbid("error.log.1.gz");
  without_rights([&] {
    EXPECT_THAT(lines_after(10s), IsEmpty());
    restart();
    EXPECT_THAT(lines_after(10s), IsEmpty());
  });
  allow("error.log.1.gz");
  EXPECT_THAT(lines_after(10s), ElementsAre("3"));
  EXPECT_EQ(follower->counts().unknown_losses, 0u);
}

TEST_F(FileRights, SearchesAFolderOfRotatedFilesThatMayNotBeListedAtFirst) {
  std::filesystem::create_directory(path("old"));
  source.rotated = {path("old/*")};
  restart();
  append("error.log", "3\n");
  EXPECT_THAT(lines_after(2s), ElementsAre("3"));
  stop();
  append("error.log", "4\n");
  rename("error.log", "old/error.log.2");
  append("error.log", "5\n");
  rename("error.log", "old/error.log.1");
  append("error.log", "6\n");
  forbid("old");
  without_rights([&] {
    start();
    EXPECT_THAT(lines_after(2s), ElementsAre("6"));
    restart();
  });
  append("error.log", "7\n");
  without_rights([&] { EXPECT_THAT(lines_after(2s), ElementsAre("7")); });
  for (int number = 1; number < 8; ++number) {  // more than are remembered otherwise
    rename("error.log", "error.log-2026112" + std::to_string(number));
    append("error.log", "after " + std::to_string(number) + "\n");
    without_rights([&] {
      EXPECT_THAT(lines_after(10s), ElementsAre("after " + std::to_string(number)));
      EXPECT_THAT(lines_after(10s), IsEmpty());
    });
  }
  allow("old");
  without_rights([&] {
    EXPECT_THAT(follower->take_messages(),
                ElementsAre("cannot list " + path("old") +
                            ": Permission denied; rotated files there are read once it can be listed"));
    EXPECT_THAT(lines_after(10s), ElementsAre("4", "5"));
  });
  restart();
  EXPECT_THAT(lines_after(10s), IsEmpty());
}

// It is known by its inode, wherever it went, also when all that came since then is accounted for.
TEST_F(FileRights, ReadsAFileThatMightNotBeReadAtThePathAndWasRenamedBeforeARestart) {
  append("error.log", "3\n");
  rename("error.log", "error.log.1");
  append("error.log", "4\n");
  forbid("error.log");
  without_rights([&] {
    start();
    EXPECT_THAT(lines_after(2s), ElementsAre("3"));
    let_clock_tick();
  });
  append("error.log.7", "");  // the folder changes
  append("error.log.1", "5\n");
  without_rights([&] { EXPECT_THAT(lines_after(2s), ElementsAre("5")); });
  rename("error.log.1", "error.log.2");
  rename("error.log", "error.log.1");
  append("error.log", "6\n");
  without_rights([&] {
    restart();
    EXPECT_THAT(lines_after(2s), ElementsAre("6"));
  });
  allow("error.log.1");
  without_rights([&] { EXPECT_THAT(lines_after(2s), ElementsAre("4")); });
}

class LinkedFileRights : public FollowedFolder {
 protected:
  LinkedFileRights() {
    std::filesystem::permissions(path(""), std::filesystem::perms(0755));
    std::filesystem::create_directory(path("pod"));
    append("pod/0.log", "1\n");
    link_to("pod/0.log");
    start();
    EXPECT_EQ(lines(), (Lines{"1"}));
    stop();
  }
  void link_to(std::string_view name) const {
    std::filesystem::create_symlink(path(name), path("fresh"));
    rename("fresh", "error.log");
  }
};

// The place that was kept of the file before it named the one that may not be read, too.
TEST_F(LinkedFileRights, ReadsAFileThatCameAndWentBeforeOneThatMayNotBeReadUntilARestart) {
  append("pod/0.log", "2\n");
  append("pod/1.log", "3\n");
  append("pod/2.log", "4\n");
  std::filesystem::permissions(path("pod/2.log"), std::filesystem::perms(0));
  link_to("pod/2.log");
  without_rights([&] {
    start();
    EXPECT_THAT(lines_after(2s), ElementsAre("2"));
    restart();
    EXPECT_THAT(lines_after(2s), IsEmpty());
  });
  std::filesystem::permissions(path("pod/2.log"), std::filesystem::perms(0644));
  restart();
  EXPECT_THAT(lines_after(2s), ElementsAre("3", "4"));
}

}  // namespace
}  // namespace triaged::sources
