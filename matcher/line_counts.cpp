#include "matcher/line_counts.hpp"

#include <algorithm>

namespace triaged::matcher {

std::string LineCounts::key_of(const Kind& kind) {
  const auto second = kind.second.time_since_epoch().count();
  std::string key;
  key.reserve(sizeof kind.signature + sizeof kind.stream + sizeof second + kind.by.size());
  key.append(reinterpret_cast<const char*>(&kind.signature), sizeof kind.signature);
  key.append(reinterpret_cast<const char*>(&kind.stream), sizeof kind.stream);
  key.append(reinterpret_cast<const char*>(&second), sizeof second);
  key += kind.by;
  return key;
}

bool LineCounts::add(const Kind& kind, std::uint64_t offset) {
  if (latest_.size() <= kind.signature) latest_.resize(kind.signature + 1);
  auto& latest = latest_[kind.signature];
  const auto is_kind = [&](const Count& count) {
    return count.second == kind.second && count.by == kind.by && count.stream == kind.stream;
  };
  if (latest == 0 || !is_kind(counts_[latest - 1])) {
    const auto [known, is_first] = by_key_.try_emplace(key_of(kind), counts_.size());
    if (is_first) counts_.push_back({kind.signature, kind.second, std::string(kind.by), kind.stream, {}});
    latest = known->second + 1;
  }
  added_ = latest - 1;
  lines_.push_back({offset, added_});
  return ++counts_[added_].found.lines == 1;
}

void LineCounts::begin(MatchedLine first_line, std::uint32_t term) {
  auto& found = counts_[added_].found;
  found = {std::move(first_line), term, found.lines};
}

std::size_t LineCounts::take_back(std::uint64_t offset, const std::function<bool(const MatchedLine&)>& is_spared) {
  const auto first =
      std::partition_point(lines_.begin(), lines_.end(), [&](const Line& line) { return line.offset < offset; });
  const auto is_taken = [&](const Line& line) {
    auto& found = counts_[line.count].found;
    if (is_spared(found)) return false;
    --found.lines;
    return true;
  };
  const auto kept = std::remove_if(first, lines_.end(), is_taken);
  const auto taken = static_cast<std::size_t>(lines_.end() - kept);
  lines_.erase(kept, lines_.end());
  return taken;
}

void LineCounts::finish(std::vector<Finding>& findings) {
  for (auto& count : counts_) {
    latest_[count.signature] = 0;
    auto& found = count.found;
    if (found.lines == 0) continue;
    if (found.term == answers) {
      findings.push_back(Answers{std::move(found), found.lines});
    } else if (found.term == failed_requests || found.term == other_requests) {
      const bool failed = found.term == failed_requests;
      findings.push_back(UrlRequests{std::move(found), found.lines, failed});
    } else {
      findings.push_back(std::move(found));
    }
  }
  counts_.clear();
  by_key_.clear();
  lines_.clear();
}

}  // namespace triaged::matcher
