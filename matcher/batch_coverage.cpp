#include "matcher/batch_coverage.hpp"

#include <algorithm>
#include <utility>

namespace triaged::matcher {

/// nullptr: there is no room for another one.
BatchCoverage::Log* BatchCoverage::log_of(const formats::ReadLine& line, std::string_view source) {
  const auto is_its_log = [&](const Log& log) {
    return log.format == line.format && log.time.host == line.host && log.time.source == source;
  };
  if (latest_ < logs_.size() && is_its_log(logs_[latest_])) return &logs_[latest_];
  const auto known = std::ranges::find_if(logs_, is_its_log);
  if (known == logs_.end() && logs_.size() >= most_logs) return nullptr;
  latest_ = static_cast<std::size_t>(known - logs_.begin());
  if (known == logs_.end()) {
    logs_.push_back({.format = line.format, .time = {}});
    auto& time = logs_.back().time;
    time.format = name_of(line.format);
    time.source = source;
    time.host = line.host;
  }
  return &logs_[latest_];
}

void BatchCoverage::add(const formats::ReadLine& line, std::string_view source) {
  if (line.is_own || line.is_silenced) return;
  auto* log = log_of(line, source);
  if (log == nullptr || !line.time) return;
  auto& time = log->time;
  if (!time.has_own_time) {
    time.at = time.until = *line.time;
    time.has_own_time = true;
    return;
  }
  time.longest_pause = std::max(time.longest_pause, *line.time - time.until);
  time.at = std::min(time.at, *line.time);
  time.until = std::max(time.until, *line.time);
}

void BatchCoverage::end_batch(TimePoint observed_at) {
  for (auto& [format, time] : logs_) {
    if (!time.has_own_time) time.at = time.until = observed_at;
  }
}

std::vector<CoveredTime> BatchCoverage::take() {
  std::vector<CoveredTime> taken;
  for (auto& log : logs_) taken.push_back(std::move(log.time));
  logs_.clear();
  return taken;
}

}  // namespace triaged::matcher
