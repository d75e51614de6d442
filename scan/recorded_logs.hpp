// Recorded logs with the incidents that they must come to: a folder with logs and a file `expected.incidents`, one line
// an incident, most important first:
//
//   critical upstream-down upstream 127.0.0.1:8003
//
// (severity, root cause, kind and value of the entity; a line that begins with '#' is a comment; an empty file: the
// logs come to nothing.)
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/problem.hpp"
#include "matcher/matcher.hpp"

namespace triaged::scan {

/// The folders below `paths` (or themselves) that hold an expected.incidents, sorted.
[[nodiscard]] std::vector<std::filesystem::path> recorded_logs_below(const std::vector<std::string>& paths);

struct RecordedResults {
  std::size_t logs = 0;
  Problems problems;  // one for each that comes to something else, with the difference
};

[[nodiscard]] RecordedResults try_recorded_logs(const std::vector<std::filesystem::path>& folders,
                                                const std::shared_ptr<const knowledge::RuleSet>& rules,
                                                const std::shared_ptr<const matcher::SignatureSet>& signatures);

}  // namespace triaged::scan
