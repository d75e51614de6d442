// How many lines a rate has seen, second by second, for one value of its `by` field. (A window of more than two minutes
// is counted in 120 parts instead of seconds: it is small to keep and to save, however long it is.) It holds at the end
// of a second in which such a line stands when there were more than `above` of them in the `window` that ends with that
// second (or when they were more than that share of the lines of `share_of`, and those at least so many). It then keeps
// silent for the length of the window, so that a lasting trouble is told once a window and not every second.
#pragma once

#include <cstdint>
#include <map>
#include <optional>

#include "base/time.hpp"
#include "knowledge/model/timed_match.hpp"
#include "values/finding.hpp"

namespace triaged::diagnosis {

class RateWindow {
 public:
  struct Second {
    std::uint64_t of = 0, share_of = 0;
    TimePoint arrived;                 // when the last of them came
    std::optional<MatchedLine> first;  // of `of`, until the second is judged
  };
  using Seconds = std::map<std::chrono::sys_seconds, Second>;

  struct Reached {
    MatchedLine line;  // of its second
    std::uint64_t lines = 0;
    std::uint64_t among = 0;  // of share_of; 0 when it is not a share
  };

  /// `timed` must outlive the window. REQUIRES: a rate.
  explicit RateWindow(const knowledge::TimedMatch& timed) : timed_(&timed) {}

  /// True: old seconds had to be given up for it.
  bool add(knowledge::TermRole role, const TermCount& count, TimePoint arrived);

  /// The next second that is over at `now` and at whose end the rate was reached.
  [[nodiscard]] std::optional<Reached> take_reached(TimePoint now);

  void forget_before(TimePoint now);
  [[nodiscard]] std::optional<TimePoint> next_deadline() const;
  [[nodiscard]] bool is_empty() const { return seconds_.empty() && !silent_since_; }

  [[nodiscard]] const knowledge::TimedMatch& timed() const { return *timed_; }

  /// All that it remembers, for saving and restoring.
  struct Memory {
    Seconds seconds;
    std::optional<std::chrono::sys_seconds> unjudged;      // the first second that changed since it was judged
    std::optional<std::chrono::sys_seconds> silent_since;  // the second in which it was reached last
    std::optional<MatchedLine> latest;                     // line
  };
  [[nodiscard]] Memory memory() const { return {seconds_, unjudged_, silent_since_, latest_}; }
  void restore(Memory memory);

 private:
  [[nodiscard]] std::chrono::seconds length() const;
  /// Of what is counted together; divides length().
  [[nodiscard]] std::chrono::seconds part() const;
  [[nodiscard]] bool is_silent_at(std::chrono::sys_seconds second) const;

  const knowledge::TimedMatch* timed_;
  Seconds seconds_;
  std::optional<std::chrono::sys_seconds> unjudged_, silent_since_;
  std::optional<MatchedLine> latest_;
};

}  // namespace triaged::diagnosis
