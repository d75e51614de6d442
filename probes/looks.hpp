// The looks themselves, one file each. Private to this room; look.hpp is the way in.
#pragma once

#include "probes/look.hpp"

namespace triaged {

[[nodiscard]] Finding look_for_listener(const ProbeQuestion& question, const std::filesystem::path& root);
[[nodiscard]] Finding look_at_process(const ProbeQuestion& question, const std::filesystem::path& root);

}  // namespace triaged
