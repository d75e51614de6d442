// Which of some files are one log that was rotated: "error.log.2.gz", "error.log.1" and "error.log" are read one after
// the other, as if nobody had ever cut the log. Judged by names within one folder.
#pragma once

#include <string>
#include <vector>

namespace triaged::scan {

struct RotatedLog {
  std::string name;                // what its lines are said to stand in: the name that rotation starts from
  std::vector<std::string> parts;  // oldest first

  friend bool operator==(const RotatedLog&, const RotatedLog&) = default;
};

/// Every path is in one log, alone or with others: with the one it was rotated from, or with another rotated from the
/// same. Logs are in order of their names; paths that are named twice count once.
[[nodiscard]] std::vector<RotatedLog> rotated_logs(std::vector<std::string> paths);

}  // namespace triaged::scan
