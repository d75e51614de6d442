// The looks themselves, one file each. Private to this room; look.hpp is the way in.
#pragma once

#include "probes/look.hpp"

namespace triaged::probes {

[[nodiscard]] Finding look_for_listener(const ProbeQuestion& question, const std::filesystem::path& root);
[[nodiscard]] Finding look_at_process(const ProbeQuestion& question, const std::filesystem::path& root);
[[nodiscard]] Finding look_at_configuration(const ProbeQuestion& question, const std::filesystem::path& root);
[[nodiscard]] Finding look_up_name(const ProbeQuestion& question, const std::filesystem::path& root);
[[nodiscard]] Finding look_at_file_systems(const ProbeQuestion& question, const std::filesystem::path& root);
[[nodiscard]] Finding look_at_descriptors(const ProbeQuestion& question, const std::filesystem::path& root);
[[nodiscard]] Finding look_at_certificates(const ProbeQuestion& question, const std::filesystem::path& root);
[[nodiscard]] Finding look_at_unit(const ProbeQuestion& question, const std::filesystem::path& root);

}  // namespace triaged::probes
