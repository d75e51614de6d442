// Whether all places of a server are taken, seen from how long its requests hold one: for one value of the condition's
// `by` field. A fixed number of places that are never free leaves a mark in the log although no line says so: never
// more than so many requests at a time, and as soon as one ends the next begins, so that the time held adds up to
// places × time passed. Crowds that come by chance leave gaps. It holds
//   - for a run of touching requests, at least `fewest` and `fewest_rounds` for each place, on two places or more,
//   - that hold at least `busy_share` of places × time passed,
//   - while the server answers at most half of what it answered before, and that was not a handful: requests wait.
// What one crawler or a nightly job does fails the last point: others go on being served meanwhile.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>

#include "base/time.hpp"
#include "knowledge/model/timed_match.hpp"
#include "values/finding.hpp"

namespace triaged::diagnosis {

class SaturationWindow {
 public:
  static constexpr std::size_t fewest = 8;
  static constexpr std::size_t fewest_rounds = 4;
  static constexpr double busy_share = 0.85;
  static constexpr double usual_against_now = 2;  // answers a second before the run, against those during it
  static constexpr std::uint64_t fewest_before = 20;
  static constexpr std::size_t most_holds = 512;

  /// A request: it held a place until `end` for `held`.
  struct Hold {
    TimePoint end;
    Microseconds held;

    [[nodiscard]] TimePoint begin() const { return end - held; }
  };

  struct Reached {
    MatchedLine line;  // of the longest request since the last report
    std::size_t places = 0;
    std::size_t requests = 0;
    Microseconds held;  // the middle one of them
  };

  /// `timed` must outlive the window. REQUIRES: a saturation.
  explicit SaturationWindow(const knowledge::TimedMatch& timed) : timed_(&timed) {}

  /// True: old requests had to be given up for it. A line that does not say how long it took is passed over. One that
  /// is older than the latest by more than the window says that the log's clock was wrong and has been set back: all
  /// that was remembered is forgotten.
  bool add(const TermLine& line, TimePoint arrived);
  /// Requests that were answered, of whatever length.
  void add(const TermCount& answers, TimePoint arrived);

  /// What holds at `now`, looked at once a second; then silence for the length of the window. A run that goes on is
  /// told again after that, whatever was usual before it.
  [[nodiscard]] std::optional<Reached> take_reached(TimePoint now);

  void forget_before(TimePoint now);
  [[nodiscard]] std::optional<TimePoint> next_deadline() const;

  /// All that it remembers, for saving and restoring.
  struct Memory {
    std::deque<Hold> holds;                                     // by end
    std::map<std::chrono::sys_seconds, std::uint64_t> answers;  // requests of any length, by the second of their end
    TimePoint latest, latest_arrival;                           // the time of any of them, and when it came
    std::optional<TimePoint> busy_until;                        // the end of the latest request when it held last
    std::optional<TimePoint> told_at;                           // the same when it was told last
    std::optional<MatchedLine> sample;                          // the line of the longest request
    Microseconds sample_held{0};                                // how long that one was
    std::chrono::sys_seconds judged_at;                         // the second up to which it was looked at
    bool is_unjudged = false;                                   // something came since
  };
  [[nodiscard]] const Memory& memory() const { return memory_; }
  void restore(Memory memory) { memory_ = std::move(memory); }

 private:
  [[nodiscard]] std::optional<Reached> judge(const std::deque<Hold>& holds) const;
  void note(TimePoint at, TimePoint arrived);
  void forget_what_is_older_than(TimePoint time);
  [[nodiscard]] bool is_less_than_usual(TimePoint begin, TimePoint end) const;

  const knowledge::TimedMatch* timed_;
  Memory memory_;
};

}  // namespace triaged::diagnosis
