#include "scan/find_logs.hpp"

#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "tests/support/temporary_folder.hpp"

namespace triaged::scan {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class FindLogs : public testing::Test {
 protected:
  FindLogs() : before_(std::filesystem::current_path()) { std::filesystem::current_path(folder_.path()); }
  ~FindLogs() override { std::filesystem::current_path(before_); }

  static void write(const std::string& path, const std::string& text = "a line\n") {
    const auto folder = std::filesystem::path(path).parent_path();
    if (!folder.empty()) std::filesystem::create_directories(folder);
    std::ofstream(path, std::ios::binary) << text;
  }
  void find(const std::vector<std::string>& given) { found = find_logs(given); }

  FoundLogs found;

 private:
  TemporaryFolder folder_;
  std::filesystem::path before_;
};

TEST_F(FindLogs, TakesWhatIsNamed) {
  write("a.log");
  write("odd[1].log");
  write("truncated.log", std::string(5000, '\0') + "a line\n");
  find({"a.log", "odd[1].log", "truncated.log", "-"});
  EXPECT_THAT(found.paths, ElementsAre("a.log", "odd[1].log", "truncated.log", "-"));
  EXPECT_THAT(found.warnings, IsEmpty());
  EXPECT_EQ(found.not_read, 0u);
}

TEST_F(FindLogs, SaysOfWhatIsNamedAndNoLogWhatItIsAndGoesOn) {
  write("a.log");
  write("wtmp", std::string("\0\1\2", 3));
  write("b.lz4", "\x04\x22\x4d\x18");
  write("c.lz4", "\x04\x22\x4d\x18");
  find({"wtmp", "b.lz4", "c.lz4", "a.log"});
  EXPECT_THAT(found.paths, ElementsAre("a.log"));
  EXPECT_THAT(found.warnings,
              ElementsAre("left out, not text: wtmp",
                          "left out, compressed with lz4: b.lz4, c.lz4; read it with: lz4 -dc b.lz4 | triaged scan -"));
  EXPECT_EQ(found.not_read, 3u);
}

TEST_F(FindLogs, ExpandsAPatternThatTheShellDidNot) {
  write("logs/b.log");
  write("logs/a.log");
  write("logs/a.txt");
  find({"logs/*.log"});
  EXPECT_THAT(found.paths, ElementsAre("logs/a.log", "logs/b.log"));
}

TEST_F(FindLogs, WalksAFolder) {
  write("logs/b/deep/error.log.1");
  write("logs/a.log");
  write("logs/.hidden.log");
  write("logs/.git/config");
  find({"logs"});
  EXPECT_THAT(found.paths, ElementsAre("logs/a.log", "logs/b/deep/error.log.1"));
  EXPECT_THAT(found.warnings, IsEmpty());
}

TEST_F(FindLogs, LeavesOutOfAFolderWhatIsNoLog) {
  write("logs/a.log");
  write("logs/wtmp", std::string("\1\0\0\0", 4));
  write("logs/lastlog", std::string(64, '\0'));
  write("logs/x1", std::string("x\0", 2));
  write("logs/x2", std::string("x\0", 2));
  write("logs/crashed.log", "a line\n" + std::string(4, '\0') + std::string(200, 'x') + "\n");
  write("logs/state/triaged.db");
  write("logs/incidents.jsonl", R"({"schema":1,"incident":"01","key":"k"})");
  ::mkfifo("logs/pipe", 0600);
  find({"logs"});
  EXPECT_THAT(found.paths, ElementsAre("logs/a.log", "logs/crashed.log"));
  EXPECT_THAT(found.warnings, ElementsAre("left out, not text: logs/lastlog, logs/wtmp, logs/x1 and 1 more",
                                          "left out, triaged writes it: logs/state, logs/incidents.jsonl"));
}

TEST_F(FindLogs, SaysHowToReadAJournal) {
  write("journal/system.journal", std::string("LPKSHHRH\0\0", 10));
  find({"journal/system.journal"});
  EXPECT_THAT(found.paths, IsEmpty());
  EXPECT_THAT(found.warnings,
              ElementsAre("left out, a journal of systemd: journal/system.journal; read it with: journalctl --file "
                          "journal/system.journal -o short-iso-precise | triaged scan -"));
}

TEST_F(FindLogs, TakesALinkBesideItsFileForTheSame) {
  write("logs/pods/web.log");
  std::filesystem::create_symlink("pods/web.log", "logs/web.log");
  std::filesystem::create_directory_symlink(".", "logs/again");
  find({"logs"});
  EXPECT_THAT(found.paths, ElementsAre("logs/pods/web.log"));
}

TEST_F(FindLogs, GoesOnWithoutWhatIsNotThere) {
  write("nginx/error.log");
  write("empty/sub/.keep");
  find({"nginx/error.log", "nginx/*.gz", "ngnix/*.log", "nginx/eror.log", "empty", "/nowhere/at/all.log"});
  EXPECT_THAT(found.paths, ElementsAre("nginx/error.log"));
  EXPECT_THAT(found.warnings,
              ElementsAre("no file at nginx/*.gz: no name in nginx fits the pattern",
                          "no file at ngnix/*.log: there is no such folder in the current folder; did you mean nginx?",
                          "no file at nginx/eror.log: there is no such file in nginx; did you mean nginx/error.log?",
                          "empty holds no log", "no file at /nowhere/at/all.log: there is no such folder in /"));
  EXPECT_EQ(found.not_read, 4u);
}

}  // namespace
}  // namespace triaged::scan
