// Which of the files beside a path are generations of it that nobody saw, and which are old, copies, or somebody
// else's.
#include <gmock/gmock.h>

#include "sources/file/file_follower.hpp"
#include "tests/support/followed_folder.hpp"

namespace triaged::sources {
namespace {

using namespace std::chrono_literals;
using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;

class FileGenerations : public FollowedFolder {
 protected:
  void write(const std::string& text) const {
    let_clock_tick();
    append("error.log", text + "\n");
    let_clock_tick();
  }
  void rotate_to(const std::string& name) const {
    let_clock_tick();
    rename("error.log", name);
  }
  void shift(int kept = 30) const {
    let_clock_tick();
    for (int number = kept; number >= 1; --number) {
      for (const std::string ending : {"", ".gz"}) {
        const std::string from = "error.log." + std::to_string(number) + ending;
        if (std::filesystem::exists(path(from))) rename(from, "error.log." + std::to_string(number + 1) + ending);
      }
    }
  }
  void rotate_to_first() const {
    shift();
    rename("error.log", "error.log.1");
  }
  void copy_to(const std::string& name) const {
    let_clock_tick();
    copy("error.log", name);
  }
  Lines settled_lines() {
    Lines all = lines();
    for (int i = 0; i < 3; ++i) {
      for (std::string& line : lines_after(6s)) all.push_back(std::move(line));
    }
    return all;
  }
};

TEST_F(FileGenerations, AreReadOnceWhenTheirNumbersAscendAndManyWereForgotten) {
  append("error.log", "");
  start();
  for (int number = 1; number < 12; ++number) {
    const std::string line = std::to_string(number);
    write(line);
    EXPECT_THAT(lines(), ElementsAre(line));
    rotate_to("error.log." + line);
    append("error.log." + line, "late " + line + "\n");
    append("error.log", "");
    EXPECT_THAT(settled_lines(), ElementsAre("late " + line));
  }
  restart();
  EXPECT_THAT(settled_lines(), IsEmpty());
}

TEST_F(FileGenerations, AreFoundWhicheverWayNumbersGoWhenTheyCameAndWentWhileNobodyLooked) {
  for (const bool ascending : {true, false}) {
    for (const auto& entry : std::filesystem::directory_iterator(path(""))) std::filesystem::remove(entry);
    committed.clear();
    int number = 0;
    const auto rotate = [&] { ascending ? rotate_to("error.log." + std::to_string(++number)) : rotate_to_first(); };
    write("0");
    start();
    for (int round = 0; round < 9; ++round) {
      lines();
      rotate();
      write("round " + std::to_string(round));
      EXPECT_THAT(settled_lines(), ElementsAre("round " + std::to_string(round)));
    }
    stop();
    write("seen file");
    rotate();
    for (const char* text : {"unseen 1", "unseen 2", "unseen 3"}) {
      write(text);
      rotate();
    }
    write("now");
    start();
    EXPECT_THAT(settled_lines(), ElementsAre("seen file", "unseen 1", "unseen 2", "unseen 3", "now")) << ascending;
    restart();
    EXPECT_THAT(settled_lines(), IsEmpty());
  }
}

TEST_F(FileGenerations, AreNotNewWhenTheyAreCompressedLongAfterTheyWereForgotten) {
  write("0");
  start();
  for (int round = 0; round < 9; ++round) {
    lines();
    rotate_to_first();
    write("round " + std::to_string(round));
    EXPECT_THAT(settled_lines(), testing::Contains("round " + std::to_string(round)));
  }
  stop();
  for (const char* name : {"error.log.9", "error.log.7", "error.log.1"}) compress(name);
  rotate_to_first();
  write("now");
  start();
  EXPECT_THAT(settled_lines(), ElementsAre("now"));
}

TEST_F(FileGenerations, AreFoundWhileThePathStandsEmpty) {
  write("1");
  start();
  EXPECT_THAT(lines(), ElementsAre("1"));
  stop();
  rotate_to_first();
  write("2");
  rotate_to_first();
  write("3");
  rotate_to_first();
  start();
  EXPECT_THAT(settled_lines(), ElementsAre("2", "3"));
  restart();
  EXPECT_THAT(settled_lines(), IsEmpty());
  stop();
  write("4");
  rotate_to_first();
  start();
  EXPECT_THAT(settled_lines(), ElementsAre("4"));
  write("5");
  EXPECT_THAT(settled_lines(), ElementsAre("5"));
}

TEST_F(FileGenerations, AreFoundAlsoWhenThePathStoodEmptyAndTheLastOneWasCompressed) {
  write("1");
  start();
  EXPECT_THAT(lines(), ElementsAre("1"));
  rotate_to_first();
  EXPECT_THAT(settled_lines(), IsEmpty());
  compress("error.log.1");
  EXPECT_THAT(settled_lines(), IsEmpty());
  stop();
  write("2");
  rotate_to_first();
  write("3");
  start();
  EXPECT_THAT(settled_lines(), ElementsAre("2", "3"));
}

TEST_F(FileGenerations, AreNotCopiesOfTheFileThatIsAboutToBeTruncated) {
  for (const bool whole : {true, false}) {
    for (const bool is_followed : {true, false}) {
      for (const auto& entry : std::filesystem::directory_iterator(path(""))) std::filesystem::remove(entry);
      committed.clear();
      source.globs = {path(is_followed ? "error.log*" : "error.log")};
      write("1");
      start();
      EXPECT_THAT(lines(), ElementsAre("1"));
      stop();
      copy_to("error.log.1");
      truncate("error.log");
      for (const char* text : {"two", "three", "four"}) write(text);
      shift();
      copy_to("error.log.1");
      if (!whole) truncate("error.log.1", 6);
      start();
      if (!whole) append("error.log.1", "ree\nfour\n");
      Lines all = whole ? lines() : Lines();
      truncate("error.log");
      write("5");
      for (std::string& line : settled_lines()) all.push_back(std::move(line));
      EXPECT_THAT(all, ElementsAre("two", "three", "four", "5")) << whole << is_followed;
      compress("error.log.1");
      restart();
      EXPECT_THAT(settled_lines(), IsEmpty());
    }
  }
}

TEST_F(FileGenerations, AreFoundInCopiesOfTextsOfWhichNothingWasSeen) {
  write("1");
  start();
  EXPECT_THAT(lines(), ElementsAre("1"));
  copy_to("error.log.1");
  truncate("error.log");
  EXPECT_THAT(settled_lines(), IsEmpty());
  write("2");
  EXPECT_THAT(settled_lines(), ElementsAre("2"));
  for (const bool is_down : {true, false}) {
    shift();
    copy_to("error.log.1");
    truncate("error.log");
    append("error.log", is_down ? "a\n" : "b\n");  // so that the cursor knows of the truncated file
    EXPECT_THAT(settled_lines(), ElementsAre(is_down ? "a" : "b"));
    shift();
    copy_to("error.log.1");
    truncate("error.log");
    if (is_down) stop();
    const std::string text = is_down ? "unseen while down" : "unseen between looks";
    write(text);
    shift();
    copy_to("error.log.1");
    truncate("error.log");
    write("now");
    if (is_down) start();
    EXPECT_THAT(settled_lines(), ElementsAre(text, "now"));
  }
}

TEST_F(FileGenerations, AreFoundInCopiesOfAFileThatWasEmptyWhenItWasSeen) {
  write("1");
  start();
  EXPECT_THAT(lines(), ElementsAre("1"));
  rotate_to_first();
  append("error.log", "");
  EXPECT_THAT(lines_after(2s), IsEmpty());
  append("error.log.1", "2\n");
  EXPECT_THAT(lines_after(2s), ElementsAre("2"));
  stop();
  for (const char* text : {"3", "4"}) {
    write(text);
    shift();
    copy_to("error.log.1");
    truncate("error.log");
  }
  write("5");
  start();
  EXPECT_THAT(settled_lines(), ElementsAre("3", "4", "5"));
  restart();
  EXPECT_THAT(settled_lines(), IsEmpty());
}

TEST_F(FileGenerations, AreFoundInACopyOfATextThatCameAndWentBetweenTwoLooks) {
  write("1");
  start();
  EXPECT_THAT(lines(), ElementsAre("1"));
  truncate("error.log");
  EXPECT_THAT(settled_lines(), IsEmpty());
  write("2");
  copy_to("error.log.1");
  truncate("error.log");
  EXPECT_THAT(settled_lines(), ElementsAre("2"));
}

TEST_F(FileGenerations, AreFoundCompressedWhenTheyCouldNeverBeReadBefore) {
  std::filesystem::permissions(path(""), std::filesystem::perms(0755));
  write("1");
  without_rights([&] { start(); });
  EXPECT_THAT(lines(), ElementsAre("1"));
  without_rights([&] { stop(); });
  rotate_to_first();
  write("2");
  std::filesystem::permissions(path("error.log"), std::filesystem::perms(0));
  rotate_to_first();
  write("3");
  without_rights([&] {
    start();
    EXPECT_THAT(settled_lines(), ElementsAre("3"));
  });
  EXPECT_THAT(follower->take_messages(),
              ElementsAre("cannot read " + path("error.log.1") + ": Permission denied (will try again)"));
  compress("error.log.1");
  without_rights([&] { EXPECT_THAT(settled_lines(), ElementsAre("2")); });
}

TEST_F(FileGenerations, AreFoundCompressedWithTheTimeThatLogrotateSawWhenItBegan) {
  write("0");
  start();
  EXPECT_THAT(lines(), ElementsAre("0"));
  rotate_to_first();
  append("error.log", "");
  const auto begun = std::filesystem::last_write_time(path("error.log"));
  EXPECT_THAT(lines_after(2s), IsEmpty());
  let_clock_tick();
  append("unrelated", "");  // so that all that stands there now is accounted for
  EXPECT_THAT(lines_after(2s), IsEmpty());
  append("error.log.1", "late\n");
  EXPECT_THAT(lines_after(2s), ElementsAre("late"));  // and the cursor says so
  stop();
  write("1");
  shift();
  rename("error.log", "error.log.1");
  append("error.log", "");
  compress("error.log.1");
  std::filesystem::last_write_time(path("error.log.1.gz"), begun);
  start();
  EXPECT_THAT(settled_lines(), ElementsAre("1"));
  restart();
  EXPECT_THAT(settled_lines(), IsEmpty());
}

TEST_F(FileGenerations, AreFoundInACompressedCopyWithTheTimeOfTheEmptyFileThatLogrotateSaw) {
  write("0");
  start();
  EXPECT_THAT(lines(), ElementsAre("0"));
  const auto rotate_by_copy = [&](auto time) {
    shift();
    copy_to("error.log.1");
    truncate("error.log");
    compress("error.log.1");
    std::filesystem::last_write_time(path("error.log.1.gz"), time);
  };
  rotate_by_copy(std::filesystem::last_write_time(path("error.log")));
  EXPECT_THAT(lines_after(2s), IsEmpty());
  for (const std::string text : {"1", "2"}) {
    const auto when_it_was_empty = std::filesystem::last_write_time(path("error.log"));
    let_clock_tick();
    append("unrelated", "");  // so that all that stands there now is accounted for
    EXPECT_THAT(lines_after(2s), IsEmpty());
    if (text == "2") stop();
    write(text);
    rotate_by_copy(when_it_was_empty);
    rotate_by_copy(std::filesystem::last_write_time(path("error.log")));
    if (text == "2") start();
    EXPECT_THAT(settled_lines(), ElementsAre(text));
  }
  restart();
  EXPECT_THAT(settled_lines(), IsEmpty());
}

TEST_F(FileGenerations, AreFoundInACopyWhenAllThatWasKnownOfThemIsHowTheNextOneBegins) {
  write("0");
  start();
  EXPECT_THAT(lines(), ElementsAre("0"));
  copy_to("error.log.1");
  truncate("error.log");
  for (const bool is_down : {false, true}) {
    SCOPED_TRACE(is_down ? "down meanwhile" : "between two looks");
    const std::string beginning = is_down ? "2026/11/30 16:11" : "2026/11/30 15:11";
    append("error.log", beginning);
    EXPECT_THAT(lines(), IsEmpty());
    EXPECT_THAT(lines_after(2s), ElementsAre(beginning));
    if (is_down) stop();
    let_clock_tick();
    append("error.log", ":56 first\n");
    shift();
    copy_to("error.log.1");
    truncate("error.log");
    append("error.log", beginning + ":57 sec");
    if (is_down) start();
    EXPECT_THAT(lines(), Contains(beginning + ":56 first"));
    append("error.log", "ond\n");
    EXPECT_THAT(settled_lines(), ElementsAre(beginning + ":57 second"));
    shift();
    copy_to("error.log.1");
    truncate("error.log");
    EXPECT_THAT(settled_lines(), IsEmpty());
  }
}

TEST_F(FileGenerations, AreNotTakenForAnEmptyOneThatWasDeleted) {
  write("0");
  start();
  EXPECT_THAT(lines(), ElementsAre("0"));
  rotate_to_first();
  append("error.log", "");
  EXPECT_THAT(lines_after(2s), IsEmpty());
  rotate_to_first();
  constexpr int more_than_are_remembered = 8;
  for (int i = 1; i <= more_than_are_remembered; ++i) {
    write(std::to_string(i));
    EXPECT_THAT(lines_after(2s), ElementsAre(std::to_string(i)));
    rotate_to_first();
    stop();
    compress("error.log.1");
    start();
    EXPECT_THAT(lines_after(2s), IsEmpty());
  }
  stop();
  const std::string empty = "error.log." + std::to_string(more_than_are_remembered + 1);
  ASSERT_EQ(std::filesystem::file_size(path(empty)), 0U);
  remove(empty);
  start();
  EXPECT_THAT(settled_lines(), IsEmpty());
}

TEST_F(FileGenerations, AreNotTakenForTheTruncatedOneThatTheyAreACopyOf) {
  const std::string first(100, 'a'), second(100, 'b');
  write("0");
  start();
  EXPECT_THAT(lines(), ElementsAre("0"));
  rotate_to_first();
  write(first);
  EXPECT_THAT(lines_after(2s), ElementsAre(first));
  shift();
  copy_to("error.log.1");
  write(second);
  EXPECT_THAT(lines_after(2s), ElementsAre(second));
  truncate("error.log");
  EXPECT_THAT(lines_after(2s), IsEmpty());
  rotate_to_first();
  compress("error.log.2");
  write("1");
  EXPECT_THAT(lines_after(2s), ElementsAre("1"));
  stop();
  compress("error.log.1");
  start();
  EXPECT_THAT(settled_lines(), IsEmpty());
}

TEST_F(FileGenerations, AreReadOnceWhileTheyAreBeingCompressed) {
  write("1");
  start();
  EXPECT_THAT(lines(), ElementsAre("1"));
  stop();
  rotate_to_first();
  write("2");
  rotate_to_first();
  const std::string plain = path("error.log.1");
  shell("gzip -k " + plain);
  write("3");
  start();
  EXPECT_THAT(settled_lines(), ElementsAre("2", "3"));
  remove("error.log.1");
  EXPECT_THAT(settled_lines(), IsEmpty());
  restart();
  EXPECT_THAT(settled_lines(), IsEmpty());
}

TEST_F(FileGenerations, AreFoundInAnotherFolderWhenOneWasSeenToGoThere) {
  std::filesystem::create_directory(path("old"));
  write("1");
  start();
  EXPECT_THAT(lines(), ElementsAre("1"));
  rotate_to("old/error.log-1764400001");
  write("2");
  EXPECT_THAT(settled_lines(), ElementsAre("2"));
  stop();
  write("3");
  rotate_to("old/error.log-1764400002");
  write("4");
  rotate_to("old/error.log-1764400003");
  write("5");
  start();
  EXPECT_THAT(settled_lines(), ElementsAre("3", "4", "5"));
  EXPECT_THAT(follower->take_messages(), IsEmpty());
}

TEST_F(FileGenerations, AreFoundWhereTheSourceSaysThatTheyGo) {
  std::filesystem::create_directories(path("elsewhere/2026-11-28"));
  std::filesystem::create_directories(path("elsewhere/2026-11-29"));
  source.rotated = {path("elsewhere/*/*")};
  write("1");
  start();
  EXPECT_THAT(lines(), ElementsAre("1"));
  stop();
  write("2");
  rotate_to("elsewhere/2026-11-28/error.log");
  write("3");
  rotate_to("elsewhere/2026-11-29/error.log");
  write("4");
  start();
  EXPECT_THAT(settled_lines(), ElementsAre("2", "3", "4"));
}

TEST_F(FileGenerations, AreSaidToBeLostWhenTheyWentToAFolderThatNobodyNamed) {
  std::filesystem::create_directories(path("far/away"));
  write("1");
  start();
  EXPECT_THAT(lines(), ElementsAre("1"));
  stop();
  write("2");
  rotate_to("far/away/error.log.1");
  write("3");
  start();
  EXPECT_THAT(settled_lines(), ElementsAre("3"));
  EXPECT_EQ(follower->counts().unknown_losses, 1u);
  EXPECT_THAT(
      follower->take_messages(),
      ElementsAre(path("error.log") + ": the file that was read up to byte 2 is gone; whatever followed is lost (if "
                                      "rotation moves files to another folder, name it in 'rotated' of the source)"));
}

TEST_F(FileGenerations, AreFoundUnderTheNamesOfSvlogd) {
  source.globs = {path("current")};
  append("current", "1\n");
  start();
  EXPECT_THAT(lines(), ElementsAre("1"));
  stop();
  append("current", "2\n");
  remove("error.log");
  const std::string label = "@400000006928b0c50fd5b4d";
  for (const char* end : {"1.s", "2.u", "3.s"}) {
    let_clock_tick();
    rename("current", label + end);
    let_clock_tick();
    append("current", "after " + std::string(end) + "\n");
  }
  start();
  EXPECT_THAT(settled_lines(), ElementsAre("2", "after 1.s", "after 2.u", "after 3.s"));
  restart();
  EXPECT_THAT(settled_lines(), IsEmpty());
}

}  // namespace
}  // namespace triaged::sources
