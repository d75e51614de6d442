// One file under several names, as in /var/log/containers and /var/log/pods: who it is decides, not what it is called.
#include <gmock/gmock.h>

#include "sources/file/file_follower.hpp"
#include "tests/support/followed_folder.hpp"

namespace triaged::sources {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

class FileLinks : public FollowedFolder {
 protected:
  FileLinks() {
    for (const char* folder : {"pods", "pods/shop", "containers"}) std::filesystem::create_directory(path(folder));
    append("pods/shop/0.log", "1\n");
    std::filesystem::create_symlink(path("pods/shop/0.log"), path("containers/shop.log"));
    std::filesystem::create_symlink(path("containers/shop.log"), path("containers/again.log"));
    std::filesystem::create_directory_symlink(path("pods"), path("linked"));
    source.globs = {path("containers/*.log"), path("pods/*/*.log"), path("linked/*/*.log")};
  }
};

TEST_F(FileLinks, ReadsAFileOnceThatSeveralGlobsReachThroughLinks) {
  start();
  EXPECT_THAT(lines(), ElementsAre("1"));
  append("containers/shop.log", "2\n");
  append("linked/shop/0.log", "3\n");
  EXPECT_THAT(lines_after(3s), ElementsAre("2", "3"));
  EXPECT_EQ(follower->counts().files, 1U);
}

TEST_F(FileLinks, GoesOnWithItAfterARestart) {
  start();
  EXPECT_THAT(lines(), ElementsAre("1"));
  append("pods/shop/0.log", "2\n");
  restart();
  EXPECT_THAT(lines(), ElementsAre("2"));
  EXPECT_THAT(lines_after(3s), IsEmpty());
}

TEST_F(FileLinks, ReadsEachFileOnceWhenItIsRotatedBehindTheLinks) {
  start();
  EXPECT_THAT(lines(), ElementsAre("1"));
  for (int round = 2; round < 6; ++round) {
    append("pods/shop/0.log", std::to_string(round) + "\n");
    rename("pods/shop/0.log", "pods/shop/0.log.2026112" + std::to_string(round));
    append("pods/shop/0.log", "after " + std::to_string(round) + "\n");
    EXPECT_THAT(lines_after(3s),
                testing::UnorderedElementsAre(std::to_string(round), "after " + std::to_string(round)));
    if (round % 2 == 0) restart();
    EXPECT_THAT(lines_after(3s), IsEmpty());
  }
}

TEST_F(FileLinks, ReadsEachFileOnceWhenTheLinkGoesOnToTheNextOne) {
  start();
  EXPECT_THAT(lines(), ElementsAre("1"));
  append("pods/shop/0.log", "2\n");
  append("pods/shop/1.log", "3\n");
  std::filesystem::create_symlink(path("pods/shop/1.log"), path("fresh"));
  rename("fresh", "containers/shop.log");
  EXPECT_THAT(lines_after(3s), testing::UnorderedElementsAre("2", "3"));
  restart();
  EXPECT_THAT(lines_after(3s), IsEmpty());
  append("pods/shop/0.log", "4\n");
  append("pods/shop/1.log", "5\n");
  EXPECT_THAT(lines_after(3s), testing::UnorderedElementsAre("4", "5"));
}

}  // namespace
}  // namespace triaged::sources
