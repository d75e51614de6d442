// What the machines of cre_machine.hpp have in common: distinct terms with the lines that matched them, negative terms
// with the times of theirs, and the arithmetic of what a negative term forbids. Private to this room.
#pragma once

#include <cstdint>
#include <limits>
#include <vector>

#include "cre/cre_machine.hpp"

namespace triaged::cre {

inline constexpr std::int64_t never = std::numeric_limits<std::int64_t>::max();
inline constexpr std::int64_t end_of_time = never - 1;

struct CreAsserts {
  unsigned term = 0;
  std::size_t wanted = 1;  // so many lines
  std::vector<CreMark> marks;

  [[nodiscard]] bool has_enough() const { return marks.size() >= wanted; }
  void drop(std::size_t count) { marks.erase(marks.begin(), marks.begin() + static_cast<std::ptrdiff_t>(count)); }
  /// Drops those before `bound`.
  void drop_before(std::int64_t bound);
};

struct CreResets {
  unsigned term = 0;
  std::int64_t window = 0, slide = 0;
  std::size_t anchor = 0;
  bool absolute = false;
  std::vector<std::int64_t> times;
};

/// A line of a frame: when, of which term, and which of its lines.
struct CreAnchor {
  std::int64_t at = 0;
  std::size_t term = 0, index = 0;
};

struct CreVerdict {
  enum class Kind { fires, waits, forbidden };
  Kind kind = Kind::fires;
  CreAnchor given_up;
};

/// Equal terms become one that is wanted several times: wherever they stand, or only when they are neighbours.
enum class Merge { anywhere, neighbours };
[[nodiscard]] std::vector<CreAsserts> merged_terms(const std::vector<unsigned>& terms, Merge merge);

[[nodiscard]] std::vector<CreResets> resets_of(const knowledge::CreRule& rule, const std::vector<unsigned>& negatives);

/// How long lines must be remembered: `back` before the first line of a frame, `ahead` after it.
struct CreReach {
  std::int64_t back = 0, ahead = 0;
};
[[nodiscard]] CreReach reach_of(std::int64_t window, const std::vector<CreResets>& resets);

/// What the negative terms, in their order, make of a frame at `clock`.
[[nodiscard]] CreVerdict judge(const std::vector<CreAnchor>& anchors, const std::vector<CreResets>& resets,
                               std::int64_t clock);

[[nodiscard]] std::vector<CreAnchor> frame_of(const std::vector<CreAsserts>& terms);

/// Takes the frame's lines out of the terms and into `hits`.
void take_frame(std::vector<CreAsserts>& terms, CreHits& hits);

void drop_resets_before(std::int64_t deadline, std::vector<CreResets>& resets);

}  // namespace triaged::cre
