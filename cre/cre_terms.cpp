#include "cre/cre_terms.hpp"

#include <algorithm>

namespace triaged::cre {

void CreAsserts::drop_before(std::int64_t bound) {
  const auto kept = std::find_if(marks.begin(), marks.end(), [&](const CreMark& mark) { return mark.at >= bound; });
  marks.erase(marks.begin(), kept);
}

std::vector<CreAsserts> merged_terms(const std::vector<unsigned>& terms, Merge merge) {
  std::vector<CreAsserts> merged;
  for (const auto term : terms) {
    const auto from = merge == Merge::anywhere || merged.empty() ? merged.begin() : merged.end() - 1;
    const auto known = std::find_if(from, merged.end(), [&](const CreAsserts& other) { return other.term == term; });
    if (known == merged.end()) {
      merged.push_back({.term = term});
    } else {
      ++known->wanted;
    }
  }
  return merged;
}

std::vector<CreResets> resets_of(const knowledge::CreRule& rule, const std::vector<unsigned>& negatives) {
  std::vector<CreResets> resets;
  for (std::size_t i = 0; i < negatives.size(); ++i) {
    const auto& negative = rule.negatives[i];
    resets.push_back({.term = negatives[i],
                      .window = negative.window,
                      .slide = negative.slide,
                      .anchor = negative.anchor,
                      .absolute = negative.absolute});
  }
  return resets;
}

CreReach reach_of(std::int64_t window, const std::vector<CreResets>& resets) {
  CreReach reach{.back = 0, .ahead = window};
  for (const auto& reset : resets) {
    reach.ahead = std::max(reach.ahead, window + reset.window + reset.slide);
    reach.back = std::max(reach.back, -reset.slide);
  }
  return reach;
}

CreVerdict judge(const std::vector<CreAnchor>& anchors, const std::vector<CreResets>& resets, std::int64_t clock) {
  for (const auto& reset : resets) {
    const auto& anchor = anchors[reset.anchor];
    const auto start = anchor.at + reset.slide;
    const auto width = reset.window + (reset.absolute ? 0 : anchors.back().at - anchors.front().at);
    const auto stop = start + std::max<std::int64_t>(width, 0);
    const bool is_forbidden =
        std::any_of(reset.times.begin(), reset.times.end(), [&](std::int64_t at) { return at >= start && at <= stop; });
    if (is_forbidden) return {CreVerdict::Kind::forbidden, anchor};
    if (stop >= clock) return {CreVerdict::Kind::waits, {}};
  }
  return {};
}

std::vector<CreAnchor> frame_of(const std::vector<CreAsserts>& terms) {
  std::vector<CreAnchor> anchors;
  for (std::size_t term = 0; term < terms.size(); ++term) {
    for (std::size_t i = 0; i < terms[term].wanted; ++i) anchors.push_back({terms[term].marks[i].at, term, i});
  }
  return anchors;
}

void take_frame(std::vector<CreAsserts>& terms, CreHits& hits) {
  ++hits.count;
  for (auto& term : terms) {
    hits.lines.insert(hits.lines.end(), term.marks.begin(),
                      term.marks.begin() + static_cast<std::ptrdiff_t>(term.wanted));
    term.drop(term.wanted);
  }
}

void drop_resets_before(std::int64_t deadline, std::vector<CreResets>& resets) {
  for (auto& reset : resets) {
    reset.times.erase(reset.times.begin(), std::lower_bound(reset.times.begin(), reset.times.end(), deadline));
  }
}

}  // namespace triaged::cre
