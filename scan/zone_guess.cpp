#include "scan/zone_guess.hpp"

#include <algorithm>
#include <filesystem>
#include <map>

#include "formats/line_reader.hpp"
#include "sources/file_scan.hpp"

namespace triaged::scan {

namespace {

constexpr std::size_t first_lines = 50;

std::optional<std::chrono::seconds> zone_of(const std::string& path) {
  auto file = sources::FileScan::open(path, {.batch_bytes = 16 * 1024});
  if (!file) return std::nullopt;  // the scan itself will say why
  const auto batch = (*file)->next();
  if (!batch || !*batch) return std::nullopt;
  for (std::size_t i = 0; i < std::min(first_lines, (*batch)->lines.size()); ++i) {
    if (const auto zone = formats::zone_written_in((*batch)->text((*batch)->lines[i]))) return zone;
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::chrono::seconds> zone_of_neighbours(const std::vector<std::string>& paths) {
  std::map<std::chrono::seconds, std::size_t> votes;
  for (const auto& path : paths) {
    std::error_code ignored;
    if (!std::filesystem::is_regular_file(path, ignored)) continue;  // what is read of a pipe is gone
    if (const auto zone = zone_of(path)) ++votes[*zone];
  }
  if (votes.empty()) return std::nullopt;
  return std::max_element(votes.begin(), votes.end(), [](const auto& a, const auto& b) { return a.second < b.second; })
      ->first;
}

}  // namespace triaged::scan
