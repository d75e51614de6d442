// What the sources of a configuration read, entry by entry, so that no two of them read the same.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace triaged::sources {

struct Claim {
  std::string_view kind;  // "file"
  std::string what;       // a path, a pattern, a device
  unsigned line = 0;      // of the configuration
};

/// Of the entries read so far, in their order.
using Claims = std::vector<Claim>;

}  // namespace triaged::sources
