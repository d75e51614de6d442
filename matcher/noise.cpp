#include "matcher/noise.hpp"

#include <functional>

namespace triaged::matcher {

bool NoiseWatch::Source::is_noise(const std::string& rule, const std::string& source, std::vector<NoisyRule>& news) {
  if (!rules_) rules_ = std::make_unique<std::unordered_map<std::string, Count>>();
  auto& count = (*rules_)[rule];
  if (lines_ > corroborated_until_) ++count.matched;
  if (count.is_noisy || lines_ < fewest_lines) return count.is_noisy;
  count.is_noisy = static_cast<double>(count.matched) > most_share * static_cast<double>(lines_);
  if (count.is_noisy) news.push_back({rule, source, lines_, count.matched});
  return count.is_noisy;
}

NoiseWatch::Source& NoiseWatch::of(const std::string& source) {
  const auto key = std::hash<std::string>()(source);
  const auto found = sources_.find(key);
  if (found != sources_.end()) return found->second;
  if (sources_.size() >= most_sources) sources_.clear();
  return sources_[key];
}

}  // namespace triaged::matcher
