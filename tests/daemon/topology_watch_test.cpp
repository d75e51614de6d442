#include "daemon/topology_watch.hpp"

#include <fstream>

#include <gmock/gmock.h>

#include "tests/support/temporary_folder.hpp"

namespace triaged::daemon {
namespace {

using namespace std::chrono_literals;

TEST(TopologyWatch, LooksOnceAMinute) {
  const TemporaryFolder folder;
  const auto file = folder.path() / "nginx.conf";
  std::ofstream(file) << "upstream app { server 10.0.0.1:8080; }\n";
  TopologyWatch watch({.nginx = {file}});
  const Every::Clock::time_point begin{};
  EXPECT_TRUE(watch.check(begin));
  EXPECT_FALSE(watch.check(begin + 59s));
  EXPECT_TRUE(watch.check(begin + 60s));
}

TEST(TopologyWatch, RemembersTheTroublesThatItSaid) {
  const TemporaryFolder folder;
  const auto file = folder.path() / "nginx.conf";
  TopologyWatch watch({.nginx = {file}});
  const Every::Clock::time_point begin{};
  EXPECT_TRUE(watch.check(begin));
  EXPECT_THAT(watch.troubles(), testing::ElementsAre(testing::HasSubstr(file.string())));
  std::ofstream(file) << "upstream app { server 10.0.0.1:8080; }\n";
  EXPECT_TRUE(watch.check(begin + 1min));
  EXPECT_THAT(watch.troubles(), testing::IsEmpty());
}

TEST(TopologyWatch, DoesNothingWithoutFiles) { EXPECT_FALSE(TopologyWatch({}).check({})); }

}  // namespace
}  // namespace triaged::daemon
