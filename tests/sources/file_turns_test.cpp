// More files than may be open: they take turns.
#include <gmock/gmock.h>

#include "sources/file/file_follower.hpp"
#include "sources/file/max_open_files.hpp"
#include "tests/support/followed_folder.hpp"

namespace triaged::sources {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using testing::UnorderedElementsAre;

class FileTurns : public FollowedFolder {
 protected:
  static constexpr int files = 20;

  FileTurns() {
    source.globs = {path("*.log")};
    options.max_open_files = 3;
    for (int i = 0; i < files; ++i) append(name(i), "first " + std::to_string(i) + "\n");
  }

  static std::string name(int number) { return "file" + std::to_string(number) + ".log"; }
  static std::size_t open_descriptors() {
    const std::filesystem::directory_iterator all("/proc/self/fd");
    return static_cast<std::size_t>(std::distance(begin(all), end(all)));
  }
};

TEST_F(FileTurns, AreGivenToAllFilesAndSaidOnceAndWhenTheyAreOver) {
  const std::size_t before = open_descriptors();
  start();
  EXPECT_THAT(lines(), SizeIs(files));
  EXPECT_LE(open_descriptors(), before + 6);  // and inotify
  EXPECT_EQ(follower->counts().files, 20u);
  EXPECT_EQ(follower->counts().waiting_files, 17u);
  EXPECT_THAT(follower->take_messages(),
              ElementsAre("20 files are followed but only 3 can be open at a time, so they take turns; raise the "
                          "limit of open files (LimitNOFILE in systemd)"));
  for (int i = 0; i < files; ++i) append(name(i), "second\n");
  EXPECT_THAT(lines(), SizeIs(files));
  EXPECT_THAT(lines_after(2s), IsEmpty());
  EXPECT_THAT(follower->take_messages(), IsEmpty());
  for (int i = 3; i < files; ++i) remove(name(i));
  for (int i = 0; i < 4; ++i) EXPECT_THAT(lines_after(6s), IsEmpty());
  EXPECT_EQ(follower->counts().waiting_files, 0u);
  EXPECT_THAT(follower->take_messages(), testing::Contains("all followed files can be open at a time again"));
}

TEST_F(FileTurns, AreTakenAlsoByFilesThatNeverEnd) {
  options.batch_bytes = 2048;
  options.longest_line = 1000;
  for (int i = 0; i < files; ++i) {
    for (int line = 0; line < 200; ++line) append(name(i), std::string(100, static_cast<char>('a' + i)) + "\n");
  }
  start();
  std::map<std::string, int> batches;
  for (int i = 0; i < 3 * files; ++i) ++batches[next()->source_name];
  EXPECT_THAT(batches, SizeIs(files));
  for (const auto& [file, count] : batches) EXPECT_EQ(count, 3) << file;
  restart();
  EXPECT_THAT(lines(), testing::Not(testing::Contains(testing::StartsWith("first"))));
}

TEST_F(FileTurns, DoNotLoseAFileThatIsRotatedOrTruncatedWhileItIsClosed) {
  start();
  EXPECT_THAT(lines(), SizeIs(files));
  append(name(0), "end of 0\n");
  rename(name(0), name(0) + ".1");
  append(name(0), "new 0\n");
  append(name(1), "end of 1\n");
  copy(name(1), name(1) + ".1");
  truncate(name(1));
  append(name(1), "1\n");
  append(name(2), "end of 2\n");
  rename(name(2), "somewhere");
  EXPECT_THAT(lines_after(2s), UnorderedElementsAre("end of 0", "new 0", "end of 1", "1", "end of 2"));
  append(name(0) + ".1", "late\n");
  EXPECT_THAT(lines_after(2s), ElementsAre("late"));
  restart();
  for (int i = 0; i < 3; ++i) EXPECT_THAT(lines_after(6s), IsEmpty());
}

TEST_F(FileTurns, GiveOutUnterminatedLinesOfAllFiles) {
  for (int i = 0; i < files; ++i) append(name(i), "half " + std::to_string(i));
  start();
  Lines all = lines();
  for (int i = 0; i < 10; ++i) {
    for (std::string& line : lines_after(600ms)) all.push_back(std::move(line));
  }
  EXPECT_THAT(all, SizeIs(2 * files));
  for (int i = 0; i < files; ++i) append(name(i), " whole\n");
  EXPECT_THAT(lines(), SizeIs(files));
}

TEST(MaxOpenFiles, LeavesDescriptorsForTheRestOfTheProcess) {
  EXPECT_EQ(max_open_files_within(64), 32u);
  EXPECT_EQ(max_open_files_within(128), 64u);
  EXPECT_EQ(max_open_files_within(1024), 896u);
  EXPECT_EQ(max_open_files_within(524288), 523776u);
  EXPECT_EQ(max_open_files_within(0), 1u);
}

}  // namespace
}  // namespace triaged::sources
