// The kinds of probes, one function and one file each. Private to this room; probe_host.hpp is the way in.
#pragma once

#include "probes/probe_host.hpp"

namespace triaged::probes {

[[nodiscard]] Finding probe_listener(const ProbeQuestion& question, const std::filesystem::path& root);
[[nodiscard]] Finding probe_process(const ProbeQuestion& question, const std::filesystem::path& root);
[[nodiscard]] Finding probe_configuration(const ProbeQuestion& question, const std::filesystem::path& root);
[[nodiscard]] Finding probe_name(const ProbeQuestion& question, const std::filesystem::path& root);
[[nodiscard]] Finding probe_file_systems(const ProbeQuestion& question, const std::filesystem::path& root);
[[nodiscard]] Finding probe_descriptors(const ProbeQuestion& question, const std::filesystem::path& root);
[[nodiscard]] Finding probe_certificates(const ProbeQuestion& question, const std::filesystem::path& root);
[[nodiscard]] Finding probe_unit(const ProbeQuestion& question, const std::filesystem::path& root);

}  // namespace triaged::probes
