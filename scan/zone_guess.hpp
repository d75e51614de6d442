// nginx's error log and HAProxy's brackets carry local time without an offset. Their neighbours often spell one out; in
// a scan of old files that is a better guess than the zone of the machine that scans.
#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace triaged::scan {

/// The offset that most of the files spell out in their first lines; nullopt when none does.
[[nodiscard]] std::optional<std::chrono::seconds> zone_of_neighbours(const std::vector<std::string>& paths);

}  // namespace triaged::scan
