#include "discover/reader.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/host_tree.hpp"
#include "tests/support/must.hpp"

namespace triaged::discover {
namespace {

using testing::ElementsAre;
using testing::UnorderedElementsAre;

class Readers : public testing::Test {
 protected:
  void install_unit() const {
    std::ifstream shipped(std::filesystem::path(TRIAGED_SOURCE_DIR) / "systemd/triaged.service");
    host_.write("/usr/lib/systemd/system/triaged.service",
                std::string(std::istreambuf_iterator<char>(shipped), std::istreambuf_iterator<char>()));
  }

  HostTree host_;
};

TEST_F(Readers, HaveTheirGroups) {
  host_.write("/etc/passwd", "alice:x:1000:1000:Alice,,,:/home/alice:/bin/bash\n");
  host_.write("/etc/group", "adm:x:4:syslog,alice\nalice:x:1000:\nsudo:x:27:bob\n");
  const auto alice = must(user_named("alice", host_.root()));
  EXPECT_EQ(alice.user, 1000u);
  EXPECT_THAT(alice.groups, UnorderedElementsAre(4, 1000));
  EXPECT_FALSE(alice.is_service);
  EXPECT_EQ(user_named("bob", host_.root()).error().message, "there is no user 'bob' in /etc/passwd");
}

TEST_F(Readers, AreNotTheServiceWhereItIsNotInstalled) { EXPECT_FALSE(service_user(host_.root()).has_value()); }

TEST_F(Readers, AreTheServiceWithTheGroupsOfItsUnit) {
  install_unit();
  const auto service = service_user(host_.root());
  ASSERT_TRUE(service);
  EXPECT_EQ(service->name, "triaged");
  EXPECT_EQ(service->user, std::nullopt);
  EXPECT_TRUE(service->is_service);
  EXPECT_THAT(service->groups, ElementsAre(4, 999));
}

TEST_F(Readers, AreTheServiceWithItsUserAndDropIns) {
  install_unit();
  host_.write("/etc/passwd", "triaged:x:998:998::/:/usr/sbin/nologin\n");
  host_.write("/etc/systemd/system/triaged.service.d/groups.conf", "[Service]\nSupplementaryGroups=www-data\n");
  const auto service = service_user(host_.root());
  ASSERT_TRUE(service);
  EXPECT_EQ(service->user, 998u);
  EXPECT_THAT(service->groups, UnorderedElementsAre(998, 4, 999, 33));
}

}  // namespace
}  // namespace triaged::discover
