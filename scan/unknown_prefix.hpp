// Lines that no format reads because something unknown stands in front of them: "app-7 ## 2026/11/21 01:15:46 [error]
// …". For people who ask about a line; nothing behind such a prefix makes a diagnosis, for anybody may have written it.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "formats/format.hpp"

namespace triaged::scan {

struct UnknownPrefix {
  std::size_t size = 0;                            // bytes of the line, with the blanks behind it
  std::size_t words = 0;                           // between blanks
  formats::Format format = formats::Format::text;  // of what stands behind it
};

/// `line` without what transport put around it. nullopt: no format that is strict about how its lines begin reads the
/// line from behind any of the blanks near its beginning.
[[nodiscard]] std::optional<UnknownPrefix> unknown_prefix_of(std::string_view line);

/// "sed -E 's/^([^ ]+ +){2}//' web.log | triaged scan -"
[[nodiscard]] std::string command_without(const UnknownPrefix& prefix, const std::string& path);

}  // namespace triaged::scan
