// Whether a user may read a file, by the owner, the mode and the access list of the file and of each folder on the way.
// Private to this room.
#pragma once

#include <filesystem>
#include <string>

#include "discover/found_server.hpp"
#include "discover/reader.hpp"

namespace triaged::discover {

/// Of the file at the absolute `path` of the host whose root is `root`. Of a pattern, and of a file that is not there
/// yet, its folder counts.
[[nodiscard]] Right right_to_read(const std::string& path, const Reader& reader, const std::filesystem::path& root);

/// What keeps somebody from using an existing file so, as the bits of a mode have it: "/etc/shadow is root:shadow with
/// mode 0640". Empty: nothing. REQUIRES: there are no links on the way.
[[nodiscard]] std::string first_obstacle(const std::string& path, unsigned bits, const Reader& who,
                                         const std::filesystem::path& root);

}  // namespace triaged::discover
