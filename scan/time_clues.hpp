// What a scan of old files takes from their neighbours. nginx's error log and HAProxy's brackets carry local time
// without an offset, which other files spell out: a better guess than the zone of the machine that scans. Syslog writes
// no year; the file's time of modification says it, unless the file was copied long after.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "base/time.hpp"

namespace triaged::scan {

struct TimeClues {
  /// The offset that most of the files spell out in their first lines; nullopt: none does.
  std::optional<std::chrono::seconds> zone;
  /// The latest date in those lines, when it is so far from the time at which any of these files was modified that
  /// those times say nothing of the year; nullopt: they do, or no line has a date.
  std::optional<TimePoint> dated;
};

[[nodiscard]] TimeClues time_clues_in(const std::vector<std::string>& paths);

}  // namespace triaged::scan
