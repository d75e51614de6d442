// The lines that one condition over several lines (a set or a sequence) has seen and still needs, for one value of its
// `by` field. Says when the lines make a whole, a frame, and which frame is forbidden by an `unless` line.
//
// Lines may come out of order: what counts is their own time. What cannot be known by time alone is how long to wait:
// for partners that were written in time and are read late, and for an `unless` line that could still forbid a frame.
// Both are measured from the moment a line arrived, so a backlog of old logs is judged like live ones.
//
// A set takes the earliest lines of each term; while the first and the last of them are further apart than the window,
// the earliest is given up. A sequence takes the earliest line that may come after the one before it. A frame's lines
// are used up when it fires; when an `unless` line forbids it, the line of the anchor is given up.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/time.hpp"
#include "knowledge/model/timed_match.hpp"
#include "values/symptom.hpp"

namespace triaged::diagnosis {

/// Lines of different files, and times of a second's resolution, may come this much later than they were written.
inline constexpr Microseconds late_lines = std::chrono::seconds(2);

/// The latest lines of a term that are kept beyond those that it wants.
inline constexpr std::size_t spare_lines = 64;

struct SeenLine {
  TimePoint at;       // the line's time
  TimePoint arrived;  // the latest time that was known when it came; never before `at`
  MatchedLine line;

  /// A line of the same time comes after another when it stands behind it in its file, or in another file: then nobody
  /// knows.
  [[nodiscard]] bool may_follow(const SeenLine& other) const {
    if (at != other.at) return at > other.at;
    return line.source != other.line.source || line.offset > other.line.offset;
  }
};

/// Lines that made a whole, in order of time.
using Frame = std::vector<SeenLine>;

class LineWindow {
 public:
  /// `timed` must outlive the window. REQUIRES: a set or a sequence.
  explicit LineWindow(const knowledge::TimedMatch& timed);

  /// Remembers a line that term `index` of `role` recognised. True: an old line had to be given up for it.
  bool add(knowledge::TermRole role, std::size_t index, SeenLine line);

  /// The next frame that is whole and that nothing forbids, its lines used up; nullopt: none now. `now`: nothing that
  /// arrived before is missing. `everywhere`: lines that have no `by` field and so count for every value; may be null.
  [[nodiscard]] std::optional<Frame> take_frame(TimePoint now, const LineWindow* everywhere);

  /// Forgets what can become part of nothing any more.
  void forget_before(TimePoint now);

  /// When take_frame() or forget_before(), both just called with `now`, would next find something new without another
  /// line; nullopt: never.
  [[nodiscard]] std::optional<TimePoint> next_deadline(TimePoint now, const LineWindow* everywhere) const;

  [[nodiscard]] bool is_empty() const;
  [[nodiscard]] std::size_t line_count() const;

  [[nodiscard]] const knowledge::TimedMatch& timed() const { return *timed_; }
  /// By term, in order of time.
  [[nodiscard]] const std::vector<std::vector<SeenLine>>& of() const { return of_; }
  [[nodiscard]] const std::vector<std::vector<SeenLine>>& unless() const { return unless_; }

 private:
  struct Place {
    std::size_t term = 0, index = 0;  // in of_
  };
  using Places = std::vector<Place>;

  enum class Verdict { fires, waits, forbidden };
  struct Judgement {
    Verdict verdict = Verdict::fires;
    Place given_up;       // forbidden: the line of the anchor
    TimePoint decidable;  // waits: when it is over
  };

  [[nodiscard]] const SeenLine& line_at(const Place& place) const { return of_[place.term][place.index]; }
  [[nodiscard]] std::optional<Places> whole() const;
  [[nodiscard]] std::optional<Places> whole_set() const;
  [[nodiscard]] std::optional<Places> whole_sequence() const;
  [[nodiscard]] std::optional<Places> sequence_from(std::size_t start) const;
  [[nodiscard]] std::optional<Places> frame_in_window();
  [[nodiscard]] Judgement judge(const Places& places, TimePoint now, const LineWindow* everywhere) const;
  [[nodiscard]] bool has_unless_in(std::size_t term, TimePoint first, TimePoint last) const;
  [[nodiscard]] Frame take(const Places& places);

  const knowledge::TimedMatch* timed_;
  Microseconds keep_unless_{0};  // an `unless` line may stand so long before the verdict that needs it
  std::vector<std::vector<SeenLine>> of_, unless_;
};

}  // namespace triaged::diagnosis
