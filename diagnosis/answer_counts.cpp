#include "diagnosis/answer_counts.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace triaged::diagnosis {

std::string_view tier_of(std::string_view format) {
  constexpr std::array<std::string_view, 5> front = {"nginx", "haproxy", "envoy", "proxy", "alb"};
  const auto program = format.substr(0, format.find('.'));
  if (program == "kernel" || program == "syslog" || program.empty()) return {};
  return std::ranges::find(front, program) == front.end() ? "application" : program;
}

std::string tier_key(std::string_view tier, std::string_view host) { return fmt::format("tier\n{}\n{}", tier, host); }

void AnswerCounts::add(const std::string& key, TimePoint at, std::uint64_t answers) {
  if (!counts_.contains(key) && counts_.size() >= most_keys) make_room();
  auto& parts = counts_[key];
  parts[std::chrono::floor<Part::duration>(at)] += answers;
  parts.erase(parts.begin(), parts.lower_bound(parts.rbegin()->first - kept_for));
  latest_ = std::max(latest_, at);
}

std::uint64_t AnswerCounts::between(const std::string& key, TimePoint from, TimePoint to) const {
  const auto known = counts_.find(key);
  if (known == counts_.end()) return 0;
  std::uint64_t answers = 0;
  const auto end = known->second.upper_bound(std::chrono::floor<Part::duration>(to));
  for (auto at = known->second.lower_bound(std::chrono::ceil<Part::duration>(from)); at != end; ++at)
    answers += at->second;
  return answers;
}

std::vector<std::string> AnswerCounts::keys_with(std::string_view prefix) const {
  std::vector<std::string> keys;
  for (const auto& [key, parts] : counts_) {
    if (key.starts_with(prefix)) keys.push_back(key);
  }
  std::ranges::sort(keys);
  return keys;
}

void AnswerCounts::make_room() {
  const auto latest_of = [](const auto& counted) { return counted.second.rbegin()->first; };
  const auto quietest =
      std::ranges::min_element(counts_, [&](const auto& a, const auto& b) { return latest_of(a) < latest_of(b); });
  counts_.erase(quietest);
}

}  // namespace triaged::diagnosis
