// Files that triaged writes itself are not followed, whatever leads to them.
#include "sources/file/own_files.hpp"

#include <gmock/gmock.h>

#include "tests/support/followed_folder.hpp"

namespace triaged::sources {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

class OwnFilesTest : public FollowedFolder {
 protected:
  OwnFilesTest() {
    source.globs = {path("*.log"), path("linked/*")};
    std::filesystem::create_directories(path("linked"));
    options.sources = {source};
    options.own_files = {path("own.log")};
    append("web.log", "web\n");
  }
};

TEST_F(OwnFilesTest, AreNotFollowedAndSaidOnce) {
  append("own.log", "own\n");
  start();
  EXPECT_THAT(lines(), ElementsAre("web"));
  append("own.log", "own\n");
  append("web.log", "more\n");
  EXPECT_THAT(lines_after(3s), ElementsAre("more"));
  EXPECT_EQ(follower->counts().own_files, 1u);
  EXPECT_THAT(follower->take_messages(),
              ElementsAre(path("own.log") + " is not followed, because triaged itself writes it"));
}

TEST_F(OwnFilesTest, MayBeMadeLater) {
  start();
  EXPECT_THAT(lines(), ElementsAre("web"));
  append("own.log", "own\n");
  EXPECT_THAT(lines_after(3s), IsEmpty());
  EXPECT_EQ(follower->counts().own_files, 1u);
  EXPECT_EQ(follower->counts().files, 1u);
}

TEST_F(OwnFilesTest, AreLeftOutBehindALink) {
  std::filesystem::create_symlink(path("own.log"), path("linked/soft"));
  append("own.log", "own\n");
  std::filesystem::create_hard_link(path("own.log"), path("linked/hard"));
  start();
  EXPECT_THAT(lines(), ElementsAre("web"));
  EXPECT_EQ(follower->counts().own_files, 3u);
}

TEST_F(OwnFilesTest, AreLeftOutBehindALinkThatIsThereBeforeTheFile) {
  std::filesystem::create_symlink(path("own.log"), path("linked/soft"));
  start();
  EXPECT_THAT(lines(), ElementsAre("web"));
  append("own.log", "own\n");
  EXPECT_THAT(lines_after(3s), IsEmpty());
  append("own.log", "own\n");
  EXPECT_THAT(lines_after(3s), IsEmpty());
}

TEST_F(OwnFilesTest, AreLeftOutInAFolderThatALinkLeadsTo) {
  std::filesystem::create_directory_symlink(path("."), path("again"));
  options.sources[0].globs = {path("again/*.log")};
  append("own.log", "own\n");
  start();
  EXPECT_THAT(lines(), ElementsAre("web"));
}

TEST_F(OwnFilesTest, AreLeftOutWhenTheyAreRotated) {
  options.sources[0].globs = {path("*")};
  append("own.log", "own\n");
  start();
  EXPECT_THAT(lines(), ElementsAre("web"));
  rename("own.log", "own.log.1");
  append("own.log", "own\n");
  EXPECT_THAT(lines_after(3s), IsEmpty());
  append("own.log.1", "own\n");
  restart();
  EXPECT_THAT(lines_after(3s), IsEmpty());
}

TEST_F(OwnFilesTest, AreTheOnlyOnes) {
  const OwnFiles own({path("own.log")});
  append("own.log", "own\n");
  append("own.log.bak.log", "another\n");
  EXPECT_NE(own.find(path("own.log")), nullptr);
  EXPECT_EQ(own.find(path("web.log")), nullptr);
  EXPECT_EQ(own.find(path("linked/own.log")), nullptr) << "another folder";
  EXPECT_EQ(OwnFiles({}).find(path("own.log")), nullptr);
}

}  // namespace
}  // namespace triaged::sources
