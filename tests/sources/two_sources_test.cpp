// One file that two sources reach under different names, as in /var/log/containers and /var/log/pods: it is read once.
#include <gmock/gmock.h>

#include "sources/file/file_follower.hpp"
#include "tests/support/followed_folder.hpp"

namespace triaged::sources {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

/// Source 0 follows the links in containers/, source 1 the files in pods/.
class TwoSources : public FollowedFolder {
 protected:
  static constexpr std::size_t links = 0, pods = 1;

  TwoSources() {
    for (const char* folder : {"pods", "pods/shop", "containers"}) std::filesystem::create_directory(path(folder));
    globs = {path("containers/*.log"), path("pods/*/*")};
  }

  void start_both() {
    options.sources.clear();
    for (const std::string& glob : globs) options.sources.push_back({.globs = {glob}, .rotated = {}});
    restart();
  }

  /// All that there is now, by the source that gives it.
  std::map<std::size_t, Lines> lines_by_source() {
    std::map<std::size_t, Lines> read;
    while (auto batch = next()) append_lines(*batch, read[batch->source]);
    return read;
  }

  void link(const std::string& target) const {
    std::filesystem::create_symlink(path("pods/shop/" + target), path("fresh"));
    rename("fresh", "containers/shop.log");
  }

  std::vector<std::string> globs;
};

TEST_F(TwoSources, ReadAFileOnceAndSayWhichOfThemDoes) {
  append("pods/shop/0.log", "1\n");
  append("pods/shop/alone.log", "a\n");
  link("0.log");
  start_both();
  EXPECT_THAT(lines_by_source(), ElementsAre(Pair(links, ElementsAre("1")), Pair(pods, ElementsAre("a"))));
  EXPECT_THAT(
      follower->take_messages(),
      ElementsAre("two sources reach one file: " + path("pods/shop/0.log") + " is " + path("containers/shop.log") +
                  ": the source of '" + globs[links] + "' reads it, the source of '" + globs[pods] +
                  "' skips it and others like it; name each file in one source only"));
  append("pods/shop/0.log", "2\n");
  wait(3s);
  EXPECT_THAT(lines_by_source(), ElementsAre(Pair(links, ElementsAre("2"))));
  EXPECT_THAT(follower->take_messages(), IsEmpty());
}

TEST_F(TwoSources, LeaveAFileToTheOneThatCameFirstAlsoAfterARestart) {
  append("pods/shop/0.log", "1\n");
  start_both();
  EXPECT_THAT(lines_by_source(), ElementsAre(Pair(pods, ElementsAre("1"))));
  link("0.log");
  append("pods/shop/0.log", "2\n");
  wait(3s);
  EXPECT_THAT(lines_by_source(), ElementsAre(Pair(pods, ElementsAre("2"))));
  append("pods/shop/0.log", "3\n");
  start_both();
  EXPECT_THAT(lines_by_source(), ElementsAre(Pair(pods, ElementsAre("3"))));
}

TEST_F(TwoSources, LeaveRotatedFilesToTheirReaderHoweverLongAgo) {
  append("pods/shop/0.log", "0\n");
  link("0.log");
  start_both();
  EXPECT_THAT(lines_by_source(), ElementsAre(Pair(links, ElementsAre("0"))));
  for (int round = 1; round < 8; ++round) {
    const std::string last = "last of " + std::to_string(round), first = "first of " + std::to_string(round + 1);
    append("pods/shop/0.log", last + "\n");
    rename("pods/shop/0.log", "pods/shop/0.log.2026112" + std::to_string(round));
    append("pods/shop/0.log", first + "\n");
    wait(3s);
    EXPECT_THAT(lines_by_source(), ElementsAre(Pair(links, testing::UnorderedElementsAre(last, first)))) << round;
    for (int look = 0; look < 5; ++look) {
      wait(3s);
      EXPECT_THAT(lines_by_source(), IsEmpty()) << round;
    }
    if (round % 3 == 0) start_both();
  }
}

TEST_F(TwoSources, LeaveAFileToItsReaderWhenTheLinkGoesOnToTheNext) {
  append("pods/shop/0.log", "1\n");
  link("0.log");
  start_both();
  EXPECT_THAT(lines_by_source(), ElementsAre(Pair(links, ElementsAre("1"))));
  append("pods/shop/1.log", "2\n");
  link("1.log");
  wait(3s);
  EXPECT_THAT(lines_by_source(), ElementsAre(Pair(links, ElementsAre("2"))));
  wait(1min);
  EXPECT_THAT(lines_by_source(), IsEmpty());
  append("pods/shop/0.log", "3\n");
  wait(3s);
  EXPECT_THAT(lines_by_source(), ElementsAre(Pair(links, ElementsAre("3"))));
}

}  // namespace
}  // namespace triaged::sources
