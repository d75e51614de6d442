#include "sinks/file_sink.hpp"

#include <csignal>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "tests/support/sample_incidents.hpp"
#include "tests/support/temporary_folder.hpp"

namespace triaged::sinks {
namespace {

class FileSinkInAFolder : public testing::Test {
 protected:
  [[nodiscard]] std::filesystem::path path() const { return folder_.path() / "incidents.jsonl"; }
  [[nodiscard]] std::filesystem::path old(int number) const { return path().string() + "." + std::to_string(number); }

  static Notification numbered(int number) {
    auto incident = samples::killed_worker();
    incident.count = static_cast<std::uint64_t>(number);
    return {0, "file", "key", incident};
  }
  static std::string line(int number) { return to_json(numbered(number).incident) + "\n"; }

  static std::string content(const std::filesystem::path& file) {
    std::ostringstream text;
    text << std::ifstream(file, std::ios::binary).rdbuf();
    return text.str();
  }

  static void expect_delivered(FileSink& sink, int number) {
    const auto delivery = sink.deliver(numbered(number));
    EXPECT_EQ(delivery.outcome, Outcome::delivered) << delivery.detail;
  }

  TemporaryFolder folder_;
};

TEST_F(FileSinkInAFolder, AppendsALineOfJsonForEach) {
  std::ofstream(path()) << "kept\n";
  FileSink sink({.path = path()});
  expect_delivered(sink, 1);
  expect_delivered(sink, 2);
  EXPECT_EQ(content(path()), "kept\n" + line(1) + line(2));
}

TEST_F(FileSinkInAFolder, GivesTheFileToItsOwnerAndGroup) {
  ::umask(0022);
  FileSink sink({.path = path()});
  expect_delivered(sink, 1);
  struct stat status {};
  ASSERT_EQ(::stat(path().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0640U);
}

TEST_F(FileSinkInAFolder, WritesANewFileAfterTheOldOneWasMovedAway) {
  FileSink sink({.path = path()});
  expect_delivered(sink, 1);
  std::filesystem::rename(path(), old(1));
  expect_delivered(sink, 2);
  std::filesystem::remove(path());
  expect_delivered(sink, 3);
  EXPECT_EQ(content(old(1)), line(1));
  EXPECT_EQ(content(path()), line(3));
}

TEST_F(FileSinkInAFolder, StartsANewLineAfterOneThatAPowerCutTore) {
  std::ofstream(path()) << R"({"schema":1,"inc)";
  FileSink sink({.path = path()});
  expect_delivered(sink, 1);
  EXPECT_EQ(content(path()), "{\"schema\":1,\"inc\n" + line(1));
}

TEST_F(FileSinkInAFolder, RotatesBeforeTheFileGrowsPastItsSize) {
  FileSink sink({.path = path(), .rotate_size = 2 * line(1).size(), .rotate_keep = 2});
  for (int number = 1; number <= 7; ++number) expect_delivered(sink, number);
  EXPECT_EQ(content(path()), line(7));
  EXPECT_EQ(content(old(1)), line(5) + line(6));
  EXPECT_EQ(content(old(2)), line(3) + line(4));
  EXPECT_FALSE(std::filesystem::exists(old(3)));
}

TEST_F(FileSinkInAFolder, KeepsNoOldFileWhenToldTo) {
  FileSink sink({.path = path(), .rotate_size = line(1).size(), .rotate_keep = 0});
  expect_delivered(sink, 1);
  expect_delivered(sink, 2);
  EXPECT_EQ(content(path()), line(2));
  EXPECT_FALSE(std::filesystem::exists(old(1)));
}

TEST_F(FileSinkInAFolder, WritesALineThatIsLargerThanTheRotationWhole) {
  FileSink sink({.path = path(), .rotate_size = 10, .rotate_keep = 1});
  expect_delivered(sink, 1);
  EXPECT_EQ(content(path()), line(1));
}

TEST_F(FileSinkInAFolder, TriesAgainWhenTheFolderIsNotThere) {
  FileSink sink({.path = folder_.path() / "none" / "a.jsonl"});
  const auto delivery = sink.deliver(numbered(1));
  EXPECT_EQ(delivery.outcome, Outcome::try_again);
  EXPECT_EQ(delivery.detail,
            "cannot open " + (folder_.path() / "none" / "a.jsonl").string() + ": No such file or directory");
  std::filesystem::create_directory(folder_.path() / "none");
  expect_delivered(sink, 1);
}

TEST_F(FileSinkInAFolder, RefusesAFifoThatNobodyReadsInsteadOfWaiting) {
  ASSERT_EQ(::mkfifo(path().c_str(), 0600), 0);
  FileSink sink({.path = path()});
  EXPECT_EQ(sink.deliver(numbered(1)).outcome, Outcome::try_again);
}

TEST_F(FileSinkInAFolder, LeavesNoHalfLineOnAFullDisk) {
  FileSink sink({.path = path()});
  expect_delivered(sink, 1);
  // This process may write files up to one and a half lines: to the sink that is a disk that becomes full.
  const rlimit small{line(1).size() * 3 / 2, RLIM_INFINITY}, none{RLIM_INFINITY, RLIM_INFINITY};
  const auto before = std::signal(SIGXFSZ, SIG_IGN);
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
  const auto delivery = sink.deliver(numbered(2));
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &none), 0);
  std::signal(SIGXFSZ, before);
  EXPECT_EQ(delivery.outcome, Outcome::try_again);
  EXPECT_EQ(delivery.detail, "cannot write " + path().string() + ": File too large");
  EXPECT_EQ(content(path()), line(1));
  expect_delivered(sink, 2);
  EXPECT_EQ(content(path()), line(1) + line(2));
}

}  // namespace
}  // namespace triaged::sinks
