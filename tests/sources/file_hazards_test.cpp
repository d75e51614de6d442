// What files, their text and the system do to a follower besides rotation.
#include <gmock/gmock.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "sources/file/file_follower.hpp"
#include "tests/support/few_descriptors.hpp"
#include "tests/support/followed_folder.hpp"

namespace triaged::sources {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

class FileHazards : public FollowedFolder {
 protected:
  static std::chrono::microseconds processor_time() {
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    const auto of = [](const timeval& time) { return std::chrono::seconds(time.tv_sec) + Microseconds(time.tv_usec); };
    return of(usage.ru_utime) + of(usage.ru_stime);
  }
  static std::uint64_t most_queued_events() {
    std::uint64_t number = 0;
    std::ifstream("/proc/sys/fs/inotify/max_queued_events") >> number;
    return number;
  }
};

TEST_F(FileHazards, SkipsAHeadOfRealNulBytes) {
  append("error.log", "first\n");
  start();
  EXPECT_THAT(lines(), ElementsAre("first"));
  truncate("error.log");
  shell("head -c 124000000 /dev/zero > " + path("error.log"));
  append("error.log", "second\n");
  const auto before = processor_time();
  EXPECT_THAT(lines(), ElementsAre("second"));
  EXPECT_EQ(follower->counts().nul_bytes, 124'000'000u);
  RecordProperty("milliseconds", std::to_string((processor_time() - before).count() / 1000));
}

TEST_F(FileHazards, GivesOutEveryByteOfALineAsItIs) {
  const std::string hostile("\xff\xfe \xc3( \xe2\x82 \0 \x1b[31m \r \x7f", 20);
  append("error.log", "before\n" + hostile + "\nafter\n");
  start();
  EXPECT_THAT(lines(), ElementsAre("before", hostile, "after"));
}

TEST_F(FileHazards, KnowsAFileOfOneByteWhenItHasGrownAndWasRenamedAndCompressed) {
  append("error.log", "\n");
  start();
  EXPECT_THAT(lines(), ElementsAre(""));
  append("error.log", "2\n");
  rename("error.log", "error.log.1");
  compress("error.log.1");
  append("error.log", "\n3\n");
  restart();
  EXPECT_THAT(lines(), ElementsAre("2", "", "3"));
}

TEST_F(FileHazards, TellsFilesApartThatBeginWithTheSameLongHeader) {
  source.globs = {path("*.log")};
  const std::string header(3000, '#');
  for (const char* name : {"a.log", "b.log"}) append(name, header + "\n");
  append("a.log", "a\n");
  start();
  EXPECT_THAT(lines(), testing::UnorderedElementsAre(header, "a", header));
  append("b.log", "b\n");
  rename("a.log", "c.log");
  append("a.log", header + "\nA\n");
  EXPECT_THAT(lines_after(2s), testing::UnorderedElementsAre("b", header, "A"));
  restart();
  EXPECT_THAT(lines_after(20s), IsEmpty());
}

TEST_F(FileHazards, FindsAFileByItsIdentityUnderANameThatNoToolGives) {
  append("error.log", "1\n");
  start();
  EXPECT_THAT(lines(), ElementsAre("1"));
  append("error.log", "2\n");
  rename("error.log", "before the upgrade");
  append("error.log", "3\n");
  restart();
  EXPECT_THAT(lines(), ElementsAre("2", "3"));
}

TEST_F(FileHazards, LooksAtEverythingWhenTheQueueOfEventsOverflows) {
  source.globs = {path("*.log")};
  append("a.log", "");
  append("b.log", "");
  start();
  EXPECT_THAT(lines(), IsEmpty());
  std::ofstream a(path("a.log"), std::ios::app), b(path("b.log"), std::ios::app);
  for (std::uint64_t i = 0; i < most_queued_events() / 2 + 1; ++i) {  // one event each: equal neighbours are one
    a << '\n' << std::flush;
    b << '\n' << std::flush;
  }
  append("late.log", "hello\n");
  EXPECT_THAT(lines(), testing::Contains("hello"));  // at once, not with the next rescan
  EXPECT_EQ(follower->counts().unknown_losses, 1u);
  EXPECT_THAT(follower->take_messages(),
              ElementsAre(testing::StartsWith("too many files changed at once for inotify: ")));
}

TEST_F(FileHazards, LooksEverySecondWithoutInotifyAndSaysSo) {
  append("error.log", "1\n");
  {
    const FewDescriptors none(0);
    start();
  }
  EXPECT_EQ(follower->descriptor(), -1);
  EXPECT_THAT(follower->take_messages(),
              testing::Contains("cannot use inotify (a limit is reached; raise fs.inotify.max_user_instances or the "
                                "limit of open files): files are checked every second instead"));
  EXPECT_THAT(lines_after(2s), ElementsAre("1"));
  EXPECT_EQ(follower->next_deadline(), now + 1s);
  append("error.log", "2\n");
  EXPECT_THAT(lines_after(1s), ElementsAre("2"));
}

}  // namespace
}  // namespace triaged::sources
