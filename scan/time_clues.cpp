#include "scan/time_clues.hpp"

#include <algorithm>
#include <filesystem>
#include <map>

#include "formats/line_reader.hpp"
#include "sources/file_scan.hpp"

namespace triaged::scan {

namespace {

constexpr std::size_t first_lines = 50;
/// From less than a year away the right year is found all the same.
constexpr Microseconds too_far = std::chrono::days(360);

struct FirstLines {
  std::optional<std::chrono::seconds> zone;
  std::optional<TimePoint> dated;  // the latest
  TimePoint modified_at{};
};

FirstLines first_lines_of(const std::string& path) {
  FirstLines found;
  auto file = sources::FileScan::open(path, {.batch_bytes = 16 * 1024});
  if (!file) return found;  // the scan itself will say why
  found.modified_at = (*file)->modified_at();
  const auto batch = (*file)->next();
  if (!batch || !*batch) return found;
  for (std::size_t i = 0; i < std::min(first_lines, (*batch)->lines.size()); ++i) {
    const auto line = (*batch)->text((*batch)->lines[i]);
    if (!found.zone) found.zone = formats::zone_written_in(line);
    found.dated = std::max(found.dated, formats::date_written_in(line));
  }
  return found;
}

}  // namespace

TimeClues time_clues_in(const std::vector<std::string>& paths) {
  TimeClues clues;
  std::map<std::chrono::seconds, std::size_t> votes;
  bool are_files_old = true;
  for (const auto& path : paths) {
    std::error_code ignored;
    if (!std::filesystem::is_regular_file(path, ignored)) continue;  // what is read of a pipe is gone
    const auto found = first_lines_of(path);
    if (found.zone) ++votes[*found.zone];
    clues.dated = std::max(clues.dated, found.dated);
    are_files_old = are_files_old && (!found.dated || found.modified_at - *found.dated > too_far);
  }
  if (!are_files_old) clues.dated.reset();
  const auto most =
      std::max_element(votes.begin(), votes.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
  if (most != votes.end()) clues.zone = most->first;
  return clues;
}

}  // namespace triaged::scan
