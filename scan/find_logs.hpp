// What the paths of a command line stand for: files, patterns that the shell did not expand, and folders, which are
// walked.
#pragma once

#include <string>
#include <vector>

namespace triaged::scan {

struct FoundLogs {
  std::vector<std::string> paths;     // "-" is standard input
  std::vector<std::string> warnings;  // what was not found or is left out, a sentence each, with what to do
};

/// Left out of folders are hidden files, what is not text and not a compressed text, and what triaged writes itself. A
/// file that is named is always taken, but for a journal of systemd. Links to folders are not followed.
[[nodiscard]] FoundLogs find_logs(const std::vector<std::string>& given);

}  // namespace triaged::scan
