#include "diagnosis/url_counts.hpp"

#include <algorithm>

namespace triaged::diagnosis {

void UrlCounts::add(const UrlRequests& requests) {
  Url url{.path = std::string(requests.field("path")),
          .method = std::string(requests.field("method")),
          .source = requests.source};
  if (!counts_.contains(url) && counts_.size() >= most) make_room();
  auto& parts = counts_[std::move(url)];
  auto& count = parts[std::chrono::floor<Part::duration>(requests.at)];
  count.of += requests.lines;
  if (requests.failed) count.failed += requests.lines;
  parts.erase(parts.begin(), parts.lower_bound(parts.rbegin()->first - kept_for));
}

std::optional<FailingRequests> UrlCounts::of(std::string_view path, TimePoint from, TimePoint to) const {
  std::optional<FailingRequests> most;
  const auto first = std::chrono::floor<Part::duration>(from), last = std::chrono::floor<Part::duration>(to);
  for (auto url = counts_.lower_bound({.path = std::string(path), .method = "", .source = ""});
       url != counts_.end() && url->first.path == path; ++url) {
    Count sum;
    for (auto part = url->second.lower_bound(first); part != url->second.end() && part->first <= last; ++part) {
      sum.failed += part->second.failed;
      sum.of += part->second.of;
    }
    if (sum.failed == 0 || (most && most->failed >= sum.failed)) continue;
    most = FailingRequests{.method = url->first.method, .path = url->first.path, .failed = sum.failed, .of = sum.of};
  }
  return most;
}

void UrlCounts::make_room() {
  const auto latest_of = [](const auto& counted) { return counted.second.rbegin()->first; };
  counts_.erase(
      std::ranges::min_element(counts_, [&](const auto& a, const auto& b) { return latest_of(a) < latest_of(b); }));
}

}  // namespace triaged::diagnosis
