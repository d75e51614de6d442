#include "scan/recorded_logs.hpp"

#include <algorithm>
#include <fstream>
#include <sstream>
#include <system_error>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/utf8.hpp"
#include "scan/story_scan.hpp"

namespace triaged::scan {

namespace {

namespace fs = std::filesystem;

constexpr const char* expectation = "expected.incidents";

std::vector<std::string> expected_in(const fs::path& folder) {
  std::vector<std::string> lines;
  std::ifstream file(folder / expectation);
  for (std::string line; std::getline(file, line);) {
    while (!line.empty() && (line.back() == ' ' || line.back() == '\r')) line.pop_back();
    if (!line.empty() && line.front() != '#') lines.push_back(line);
  }
  return lines;
}

std::vector<std::string> logs_in(const fs::path& folder) {
  std::vector<std::string> logs;
  std::error_code failure;
  for (const auto& entry : fs::directory_iterator(folder, failure)) {
    const auto name = entry.path().filename().string();
    if (entry.is_regular_file() && name != expectation && !name.starts_with('.')) logs.push_back(entry.path());
  }
  std::sort(logs.begin(), logs.end());
  return logs;
}

std::string line_of(const Incident& incident) {
  return fmt::format("{} {} {} {}", name_of(incident.severity), incident.causes.front().cause, incident.entity.kind,
                     incident.entity.kind == "source" ? fs::path(incident.entity.value).filename().string()
                                                      : to_printable(incident.entity.value));
}

/// "- what is missing" and "+ what nobody expects"; the order counts too.
std::string difference(const std::vector<std::string>& expected, const std::vector<std::string>& found) {
  std::string text;
  for (const auto& line : expected) {
    if (std::find(found.begin(), found.end(), line) == found.end()) text += "\n  - " + line;
  }
  for (const auto& line : found) {
    if (std::find(expected.begin(), expected.end(), line) == expected.end()) text += "\n  + " + line;
  }
  return text.empty() ? fmt::format("\n  in another order: {}", fmt::join(found, "; ")) : text;
}

}  // namespace

std::vector<fs::path> recorded_logs_below(const std::vector<std::string>& paths) {
  std::vector<fs::path> folders;
  for (const auto& path : paths) {
    std::error_code failure;
    if (fs::exists(fs::path(path) / expectation, failure)) folders.emplace_back(path);
    auto entry = fs::recursive_directory_iterator(path, failure);
    for (; !failure && entry != fs::recursive_directory_iterator(); entry.increment(failure)) {
      std::error_code ignored;
      if (entry->is_directory(ignored) && fs::exists(entry->path() / expectation, ignored)) {
        folders.push_back(entry->path());
      }
    }
  }
  std::sort(folders.begin(), folders.end());
  folders.erase(std::unique(folders.begin(), folders.end()), folders.end());
  return folders;
}

RecordedResults try_recorded_logs(const std::vector<fs::path>& folders,
                                  const std::shared_ptr<const knowledge::RuleSet>& rules,
                                  const std::shared_ptr<const matcher::SignatureSet>& signatures) {
  RecordedResults results;
  for (const auto& folder : folders) {
    ++results.logs;
    ScanProgress progress;
    const auto scan = scan_story({.paths = logs_in(folder)}, rules, signatures, progress);
    const auto complain = [&](std::string why) {
      results.problems.push_back({ProblemLevel::error, (folder / expectation).string(), 0, 0, std::move(why), ""});
    };
    if (!scan) {
      complain(fmt::format("{}", fmt::join(scan.error().why, "; ")));
      continue;
    }
    if (!scan->failures.empty()) {
      complain(fmt::format("{}", fmt::join(scan->failures, "; ")));
      continue;
    }
    std::vector<std::string> found;
    for (const auto& incident : scan->incidents) found.push_back(line_of(incident));
    const auto expected = expected_in(folder);
    if (found == expected) continue;
    complain("the logs come to something else:" + difference(expected, found));
  }
  return results;
}

}  // namespace triaged::scan
