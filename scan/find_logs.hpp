// What the paths of a command line stand for: files, patterns that the shell did not expand, and folders, which are
// walked.
#pragma once

#include <string>
#include <vector>

namespace triaged::scan {

struct FoundLogs {
  std::vector<std::string> paths;     // "-" is standard input
  std::vector<std::string> warnings;  // what was not found or is left out, a sentence each, with what to do
  std::size_t not_read = 0;           // that were named, and are no logs as they are or not there
};

/// Left out are archives, what triaged cannot unpack, journals of systemd and all else that is not text, and of folders
/// also hidden files and what triaged writes itself. Links to folders are not followed.
[[nodiscard]] FoundLogs find_logs(const std::vector<std::string>& given);

}  // namespace triaged::scan
