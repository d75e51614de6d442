#include "matcher/failed_urls.hpp"

#include <algorithm>

namespace triaged::matcher {

bool FailedUrls::take(std::string_view path, bool failed, TimePoint at) {
  if (path.empty() || path.size() > longest_path || (!failed && last_failures_.empty())) return false;
  const auto known = last_failures_.find(path);
  if (known == last_failures_.end()) {
    if (!failed) return false;
    if (last_failures_.size() >= most) make_room();
    last_failures_.emplace(path, at);
    return true;
  }
  if (failed) {
    known->second = std::max(known->second, at);
  } else if (at > known->second + remembered_for) {
    last_failures_.erase(known);
    return false;
  }
  return true;
}

void FailedUrls::make_room() {
  last_failures_.erase(
      std::ranges::min_element(last_failures_, [](const auto& a, const auto& b) { return a.second < b.second; }));
}

}  // namespace triaged::matcher
