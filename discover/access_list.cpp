#include "discover/access_list.hpp"

#include <array>
#include <cstddef>
#include <cstring>

#include <endian.h>
#include <linux/posix_acl.h>
#include <linux/posix_acl_xattr.h>
#include <sys/xattr.h>

namespace triaged::discover {

std::optional<AccessList> access_list_of(const std::filesystem::path& file) {
  std::array<char, 4096> bytes{};
  const auto size = ::getxattr(file.c_str(), "system.posix_acl_access", bytes.data(), bytes.size());
  if (size < static_cast<ssize_t>(sizeof(posix_acl_xattr_header))) return std::nullopt;
  AccessList list;
  for (std::size_t at = sizeof(posix_acl_xattr_header);
       at + sizeof(posix_acl_xattr_entry) <= static_cast<std::size_t>(size); at += sizeof(posix_acl_xattr_entry)) {
    posix_acl_xattr_entry entry{};
    std::memcpy(&entry, bytes.data() + at, sizeof(entry));
    const AccessList::Entry known{le32toh(entry.e_id), le16toh(entry.e_perm)};
    switch (le16toh(entry.e_tag)) {
      case ACL_USER:
        list.users.push_back(known);
        break;
      case ACL_GROUP:
        list.groups.push_back(known);
        break;
      case ACL_GROUP_OBJ:
        list.owning_group = known.bits;
        break;
      case ACL_MASK:
        list.mask = known.bits;
        break;
      default:  // the owner and the others are in the mode, too
        break;
    }
  }
  return list;
}

}  // namespace triaged::discover
