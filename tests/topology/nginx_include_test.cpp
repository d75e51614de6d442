#include "topology/nginx_include.hpp"

#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/temporary_folder.hpp"

namespace triaged::topology {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class NginxInclude : public testing::Test {
 protected:
  void SetUp() override {
    std::filesystem::create_directories(root_ / "etc/nginx/conf.d");
    for (const auto* name : {"b.conf", "a.conf", "a.conf.old"}) std::ofstream(root_ / "etc/nginx/conf.d" / name) << "";
  }

  std::vector<std::string> named_by(const std::string& pattern) const {
    return included_files(include_pattern(pattern, "/etc/nginx/nginx.conf"), root_);
  }

  TemporaryFolder folder_;
  const std::filesystem::path root_ = folder_.path();
};

TEST_F(NginxInclude, NamesFilesSortedAndAsTheHostSeesThem) {
  EXPECT_THAT(named_by("/etc/nginx/conf.d/*.conf"),
              ElementsAre("/etc/nginx/conf.d/a.conf", "/etc/nginx/conf.d/b.conf"));
}

TEST_F(NginxInclude, TakesTwoSlashesForOne) {
  EXPECT_THAT(named_by("//etc/nginx/conf.d/b*"), ElementsAre("/etc/nginx/conf.d/b.conf"));
  EXPECT_THAT(included_files("//" + root_.string() + "/etc/nginx/conf.d/b*", "/"),
              ElementsAre(root_.string() + "/etc/nginx/conf.d/b.conf"));
}

TEST_F(NginxInclude, DoesNotSearchTheWholeHost) {
  EXPECT_THAT(named_by("/*/*/*/*.conf"), IsEmpty());
  EXPECT_THAT(named_by("/*/*/conf.d/b*"), ElementsAre("/etc/nginx/conf.d/b.conf"));
  EXPECT_EQ(why_not_searched("/*/*/conf.d/b*"), "");
  EXPECT_EQ(
      why_not_searched("/*/*/*/*.conf"),
      "left out include /*/*/*/*.conf: it has wildcards in more than 3 folders; name the logs of what it includes "
      "in a source");
  EXPECT_EQ(why_not_searched("/proc/1/root/*"),
            "left out include /proc/1/root/*: no configuration lies there; name the logs of what it includes in a "
            "source");
}

TEST_F(NginxInclude, StartsAtTheFolderOfTheMainFile) {
  EXPECT_THAT(named_by("conf.d/b*"), ElementsAre("/etc/nginx/conf.d/b.conf"));
  EXPECT_THAT(named_by("conf.d/a.conf"), ElementsAre("/etc/nginx/conf.d/a.conf"));
}

TEST_F(NginxInclude, NamesNothingThatIsNotThere) {
  EXPECT_THAT(named_by("sites-enabled/*"), IsEmpty());
  EXPECT_THAT(named_by("conf.d/c.conf"), IsEmpty());
}

TEST_F(NginxInclude, NeedsNoOtherRoot) {
  const auto pattern = include_pattern("conf.d/a.conf", root_ / "etc/nginx/nginx.conf");
  EXPECT_THAT(included_files(pattern), ElementsAre(pattern.string()));
}

}  // namespace
}  // namespace triaged::topology
