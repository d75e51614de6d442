// Whether lines that came steadily have stopped coming: for one value of the condition's `by` field. What is steady is
// told by their own past and nothing else. It holds
//   - when they came for `steady_for`, at least `at_least` of them in the last part of that,
//   - and now none comes for the condition's window, and not for `pause_factor` times their longest pause of a day,
//     and for half as long again as the longest absence of a day (what is silent every hour stops being news).
// Requests that come by chance leave pauses of a few times the usual one: of a hundred the longest is about 5 times the
// mean, and ten times that comes by chance once in e^46 pauses. The first hour of a night makes its pauses longer step
// by step.
//
// Two clocks can tell: the lines' own, when one comes again after an absence; and that of the stage, as long as it was
// watching all the time: what was not read yet is not silent.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>

#include "base/time.hpp"
#include "knowledge/model/timed_match.hpp"
#include "values/finding.hpp"

namespace triaged::diagnosis {

class AbsenceWindow {
 public:
  static constexpr Microseconds steady_for = std::chrono::minutes(30);
  static constexpr Microseconds remembered_for = std::chrono::hours(24);
  static constexpr int pause_factor = 10;
  static constexpr double absence_factor = 1.5;

  /// Of the lines of one half hour.
  struct Part {
    std::uint64_t lines = 0;
    Microseconds longest_pause{0}, longest_absence{0};  // that ended in it
  };
  using PartStart = std::chrono::sys_seconds;

  struct Reached {
    MatchedLine line;     // the last one before the absence, at the time when the absence was long enough
    TimePoint since;      // when that line was written
    double a_minute = 0;  // lines, before
  };

  /// `timed` must outlive the window. REQUIRES: an absence.
  explicit AbsenceWindow(const knowledge::TimedMatch& timed) : timed_(&timed) {}

  /// `watched_since`: since when every line was read as soon as it was written. A line that is
  /// older than the latest by more than `steady_for` says that the log's clock was wrong and has been set back: all
  /// that was remembered is forgotten.
  void add(const TermCount& count, TimePoint arrived, TimePoint watched_since);

  /// What holds at `now`, once; then nothing for the length of the condition's window. At TimePoint::max() the story
  /// has ended, which is no absence.
  [[nodiscard]] std::optional<Reached> take_reached(TimePoint now, TimePoint watched_since);

  void forget_before(TimePoint now);
  [[nodiscard]] std::optional<TimePoint> next_deadline(TimePoint watched_since) const;

  /// All that it remembers, for saving and restoring.
  struct Memory {
    std::map<PartStart, Part> parts;
    TimePoint begin, latest, latest_arrival;  // of the lines
    std::optional<TimePoint> told_at;         // the absence that goes on
    std::optional<MatchedLine> last;          // line
  };
  [[nodiscard]] const Memory& memory() const { return memory_; }
  void restore(Memory memory) { memory_ = std::move(memory); }

 private:
  [[nodiscard]] bool is_steady() const;
  [[nodiscard]] Microseconds longest_usual() const;
  [[nodiscard]] double lines_a_minute() const;
  [[nodiscard]] Reached reached_at(TimePoint at) const;
  void note_pause(Microseconds own, Microseconds watched, Part& part);

  const knowledge::TimedMatch* timed_;
  Memory memory_;
  std::optional<Reached> ended_;  // an absence that a line has ended before anybody was told
};

}  // namespace triaged::diagnosis
