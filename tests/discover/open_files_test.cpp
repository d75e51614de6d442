#include "discover/open_files.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/host_tree.hpp"

namespace triaged::discover {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using Kind = Output::Kind;

class OpenFilesOf : public testing::Test {
 protected:
  OpenFiles with(std::map<std::uint32_t, HostTree::OpenFile> files) const {
    host_.start({.pid = 812, .name = "nginx", .command = {"nginx"}, .files = std::move(files)});
    return open_files_of(812, host_.root());
  }

  HostTree host_;
};

TEST_F(OpenFilesOf, AreTheLogsThatAProcessAppendsTo) {
  const auto open = with({{4, {"/var/log/nginx/error.log"}},
                          {5, {"/var/log/nginx/shop"}},
                          {6, {"/srv/shop/app.log"}},
                          {7, {"/srv/shop/app.log"}},
                          {8, {"/srv/shop/old.log (deleted)"}}});
  EXPECT_THAT(open.logs, ElementsAre("/var/log/nginx/error.log", "/var/log/nginx/shop", "/srv/shop/app.log"));
  EXPECT_THAT(open.deleted, ElementsAre("/srv/shop/old.log"));
  EXPECT_FALSE(open.are_hidden);
}

TEST_F(OpenFilesOf, AreNeitherDataNorWhatIsOnlyRead) {
  const auto open = with({{4, {"/srv/shop/shop.db"}},
                          {5, {"/var/log/shop.log", only_read}},
                          {6, {"/srv/shop/catalog.db", "02100002"}},
                          {7, {"socket:[4711]", "02004002"}},
                          {8, {"/dev/shm/log"}},
                          {9, {"/srv/a\nb.log"}}});
  EXPECT_THAT(open.logs, IsEmpty());
}

TEST_F(OpenFilesOf, SayWhatStandsBehindBothOutputs) {
  const auto open = with({{1, {"pipe:[4711]", "01"}}, {2, {"/srv/shop/console"}}});
  EXPECT_EQ(open.output.kind, Kind::pipe);
  EXPECT_EQ(open.output.path, "pipe:[4711]");
  EXPECT_EQ(open.error.kind, Kind::file);
  EXPECT_EQ(open.error.path, "/srv/shop/console");
  EXPECT_THAT(open.logs, IsEmpty());
}

TEST_F(OpenFilesOf, TellWhatIsNoFileApart) {
  const auto service = with({{1, {"/dev/null"}}, {2, {"socket:[4711]"}}});
  EXPECT_EQ(service.output.kind, Kind::nowhere);
  EXPECT_EQ(service.error.kind, Kind::socket);
  EXPECT_EQ(open_files_of(813, host_.root()).error.kind, Kind::unknown);
  host_.start({.pid = 814, .name = "bash", .command = {"bash"}, .files = {{1, {"/dev/pts/3"}}}});
  EXPECT_EQ(open_files_of(814, host_.root()).output.kind, Kind::terminal);
}

TEST_F(OpenFilesOf, TellWhoReadsAPipe) {
  (void)with({{1, {"pipe:[4711]", "01"}}});
  host_.start({.pid = 900, .name = "svlogd", .command = {"svlogd"}, .files = {{0, {"pipe:[4711]", only_read}}}});
  EXPECT_TRUE(reads_pipe(900, "pipe:[4711]", host_.root()));
  EXPECT_FALSE(reads_pipe(900, "pipe:[4712]", host_.root()));
  EXPECT_FALSE(reads_pipe(812, "pipe:[4711]", host_.root()));
}

}  // namespace
}  // namespace triaged::discover
