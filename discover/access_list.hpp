// The access list (ACL) of a file, as far as it adds to its mode. Private to this room.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <vector>

namespace triaged::discover {

struct AccessList {
  struct Entry {
    std::uint32_t id = 0;
    unsigned bits = 0;  // read 4, write 2, enter 1
  };

  std::vector<Entry> users, groups;  // those that it names
  unsigned owning_group = 0;
  unsigned mask = 7;  // what it grants at most to all of these
};

/// nullopt: it has none, or its file system knows none.
[[nodiscard]] std::optional<AccessList> access_list_of(const std::filesystem::path& file);

}  // namespace triaged::discover
