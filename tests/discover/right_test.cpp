#include "discover/right.hpp"

#include <array>
#include <cerrno>
#include <cstring>

#include <gtest/gtest.h>
#include <linux/posix_acl.h>
#include <linux/posix_acl_xattr.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "tests/support/host_tree.hpp"

namespace triaged::discover {
namespace {

constexpr std::uint32_t reader_id = 4242, adm = 4;

class RightToRead : public testing::Test {
 protected:
  RightToRead() {
    host_.write("/etc/passwd", fmt::format("owner:x:{}:{}::/:\n", ::geteuid(), ::getegid()));
    host_.write("/etc/group", fmt::format("logs:x:{}:\nadm:x:4:\n", ::getegid()));
    host_.write("/var/log/shop/error.log", "");
    allow("/var", 0755);
    allow("/var/log", 0755);
    allow("/var/log/shop", 0755);
  }

  void allow(const std::string& path, mode_t mode) { ASSERT_EQ(::chmod(file(path).c_str(), mode), 0); }
  [[nodiscard]] std::filesystem::path file(const std::string& path) const { return host_.root() / path.substr(1); }

  [[nodiscard]] Right of(const Reader& reader, const std::string& path = "/var/log/shop/error.log") const {
    return right_to_read(path, reader, host_.root());
  }
  [[nodiscard]] static Reader in_groups(std::vector<std::uint32_t> groups) {
    return {.name = "triaged", .user = reader_id, .groups = std::move(groups)};
  }

  HostTree host_;
};

TEST_F(RightToRead, IsEverybodysTheGroupsOrTheOwners) {
  allow("/var/log/shop/error.log", 0644);
  EXPECT_TRUE(of(in_groups({})).may_read);
  allow("/var/log/shop/error.log", 0640);
  EXPECT_FALSE(of(in_groups({adm})).may_read);
  EXPECT_TRUE(of(in_groups({::getegid()})).may_read);
  allow("/var/log/shop/error.log", 0600);
  EXPECT_FALSE(of(in_groups({::getegid()})).may_read);
  EXPECT_TRUE(of({.name = "owner", .user = ::geteuid()}).may_read);
  EXPECT_TRUE(of({.name = "root", .user = 0}).may_read);
}

TEST_F(RightToRead, OfAGroupThatIsShutOutIsNotEverybodys) {
  allow("/var/log/shop/error.log", 0604);
  EXPECT_FALSE(of(in_groups({::getegid()})).may_read);
}

TEST_F(RightToRead, NeedsEachFolderOnTheWay) {
  allow("/var/log/shop/error.log", 0644);
  allow("/var/log/shop", 0600);
  const auto right = of(in_groups({}));
  EXPECT_FALSE(right.may_read);
  EXPECT_EQ(right.why, "/var/log/shop is owner:" + name_of_group(::getegid(), host_.root()) + " with mode 0600");
  EXPECT_EQ(right.remedy, "setfacl -m u:triaged:x /var/log/shop");
}

TEST_F(RightToRead, OfAPatternIsToListItsFolder) {
  allow("/var/log/shop", 0711);
  EXPECT_FALSE(of(in_groups({}), "/var/log/shop/*.log").may_read);
  EXPECT_EQ(of(in_groups({}), "/var/log/shop/*.log").remedy, "setfacl -m u:triaged:rx /var/log/shop");
  allow("/var/log/shop", 0755);
  EXPECT_TRUE(of(in_groups({}), "/var/log/shop/*.log").may_read);
  EXPECT_TRUE(of(in_groups({}), "/var/log/shop/not-there-yet.log").may_read);
}

TEST_F(RightToRead, IsGivenByTheGroupWhereOneHelps) {
  if (::getegid() == 0 && ::chown(file("/var/log/shop/error.log").c_str(), ::geteuid(), adm) != 0) {
    GTEST_SKIP() << "root without the right to give files away";
  }
  allow("/var/log/shop/error.log", 0640);
  const auto group = ::getegid() == 0 ? std::string("adm") : name_of_group(::getegid(), host_.root());
  EXPECT_EQ(of(in_groups({})).remedy, "usermod -aG " + group + " triaged");
  EXPECT_EQ(of({.name = "triaged", .is_service = true}).remedy,
            "systemctl edit triaged: [Service] SupplementaryGroups=" + group);
}

TEST_F(RightToRead, IsGivenByAnAccessListWhereNoGroupHelps) {
  allow("/var/log/shop/error.log", 0600);
  EXPECT_EQ(of(in_groups({})).remedy,
            "setfacl -m u:triaged:r /var/log/shop/error.log && setfacl -m d:u:triaged:r /var/log/shop");
  host_.write("/srv/my shop/error.log", "");
  allow("/srv/my shop/error.log", 0600);
  EXPECT_EQ(of(in_groups({}), "/srv/my shop/error.log").remedy,
            "setfacl -m u:triaged:r '/srv/my shop/error.log' && setfacl -m d:u:triaged:r '/srv/my shop'");
}

TEST_F(RightToRead, OfTheServiceEndsAtItsOwnTemporaryFolder) {
  host_.write("/tmp/error.log", "");
  EXPECT_TRUE(of(in_groups({}), "/tmp/error.log").may_read);
  const auto right = of({.name = "triaged", .is_service = true}, "/tmp/error.log");
  EXPECT_FALSE(right.may_read);
  EXPECT_EQ(right.why, "triaged.service has a /tmp of its own");
}

/// As setfacl writes it: the owner, one user, the group, the mask, the others.
bool set_access_list(const std::filesystem::path& file, unsigned of_reader, unsigned mask) {
  std::array<char, sizeof(posix_acl_xattr_header) + 5 * sizeof(posix_acl_xattr_entry)> bytes{};
  const posix_acl_xattr_header header{POSIX_ACL_XATTR_VERSION};
  const std::array<posix_acl_xattr_entry, 5> entries = {{
      {ACL_USER_OBJ, 6, UINT32_MAX},
      {ACL_USER, static_cast<__le16>(of_reader), reader_id},
      {ACL_GROUP_OBJ, 0, UINT32_MAX},
      {ACL_MASK, static_cast<__le16>(mask), UINT32_MAX},
      {ACL_OTHER, 0, UINT32_MAX},
  }};
  std::memcpy(bytes.data(), &header, sizeof(header));
  std::memcpy(bytes.data() + sizeof(header), entries.data(), sizeof(entries));
  return ::setxattr(file.c_str(), "system.posix_acl_access", bytes.data(), bytes.size(), 0) == 0;
}

TEST_F(RightToRead, MayComeFromAnAccessListAsFarAsItsMaskLets) {
  const auto log = file("/var/log/shop/error.log");
  if (!set_access_list(log, 4, 4)) GTEST_SKIP() << "no access lists here: " << std::strerror(errno);
  EXPECT_TRUE(of(in_groups({})).may_read);
  EXPECT_FALSE(of({.name = "other", .user = reader_id + 1}).may_read);
  ASSERT_TRUE(set_access_list(log, 4, 0));
  EXPECT_FALSE(of(in_groups({})).may_read);
  ASSERT_TRUE(set_access_list(log, 0, 4));
  EXPECT_FALSE(of(in_groups({})).may_read);
}

}  // namespace
}  // namespace triaged::discover
