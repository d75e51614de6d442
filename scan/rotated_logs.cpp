#include "scan/rotated_logs.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "sources/file/rotated_name.hpp"

namespace triaged::scan {

namespace {

std::string folder_of(const std::string& path) { return path.substr(0, path.rfind('/') + 1); }
std::string file_name_of(const std::string& path) { return path.substr(path.rfind('/') + 1); }

/// The names, with their folder, of which `path` could be a rotated one.
std::vector<std::string> bases_of(const std::string& path) {
  auto bases = sources::possible_bases(file_name_of(path));
  for (auto& base : bases) base.insert(0, folder_of(path));
  return bases;
}

/// A given file before one that only others share; of several the shortest, from which the others were rotated.
std::string log_of(const std::string& path, const std::set<std::string>& given,
                   const std::map<std::string, std::size_t>& sharers) {
  std::string best = path;
  bool is_given = false;
  for (const auto& base : bases_of(path)) {
    const bool here = given.count(base) != 0;
    if (!here && (is_given || sharers.at(base) < 2)) continue;
    if (here == is_given && best != path && base.size() >= best.size()) continue;
    best = base;
    is_given = here;
  }
  return best;
}

}  // namespace

std::vector<RotatedLog> rotated_logs(std::vector<std::string> paths) {
  std::sort(paths.begin(), paths.end());
  paths.erase(std::unique(paths.begin(), paths.end()), paths.end());
  const std::set<std::string> given(paths.begin(), paths.end());
  std::map<std::string, std::size_t> sharers;
  for (const auto& path : paths) {
    for (const auto& base : bases_of(path)) ++sharers[base];
  }
  std::map<std::string, std::vector<std::string>> logs;
  for (const auto& path : paths) logs[log_of(path, given, sharers)].push_back(path);
  std::vector<RotatedLog> result;
  for (auto& [name, parts] : logs) {
    // Insertion: what the names do not decide stays in order of the names, which no sort that expects an order may see.
    std::vector<std::string> in_order;
    const auto base = file_name_of(name);
    for (const auto& part : parts) {
      const auto younger = std::find_if(in_order.begin(), in_order.end(), [&](const std::string& other) {
        return sources::is_older_by_name(file_name_of(part), file_name_of(other), base).value_or(false);
      });
      in_order.insert(younger, part);
    }
    result.push_back({name, std::move(in_order)});
  }
  return result;
}

}  // namespace triaged::scan
