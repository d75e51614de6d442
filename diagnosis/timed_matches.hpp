// Puts together what conditions over several lines are made of: takes the lines that the matcher found for them, one by
// one, and gives the rule's own symptom when a condition holds. Part of the diagnosis stage: no clock, no lock; time
// comes in with the lines and with advance_to().
//
// Each condition has one window for each value of its `by` field. Bounded whatever the logs say: at most
// `most_windows` windows and `most_lines` lines; when there would be more, the window that would be over first is given
// up and counted. Of these, absences take no more than `most_absences`, because each lives for a day and would outlive
// all others: a value of `by` beyond that is not watched, and its lines are counted as given up. A window is saved in
// the ledger and survives restarts and reloads for as long as its condition means the same; an absence that
// nobody is told of changes with every line and is saved once in `absence_saved_every` (less than the shortest absence,
// so that what was told is always saved with it).
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>
#include <vector>

#include "diagnosis/line_window.hpp"
#include "diagnosis/rate_window.hpp"
#include "knowledge/model/rule.hpp"
#include "values/finding.hpp"

namespace triaged::diagnosis {

class TimedMatches {
 public:
  static constexpr std::size_t most_windows = 4096;
  static constexpr std::size_t most_absences = 1024;  // of them
  static constexpr Microseconds absence_saved_every = std::chrono::seconds(10);
  static constexpr std::size_t most_lines = 16'384;
  static constexpr std::size_t longest_line = 1024;  // bytes that are kept of a line

  /// `rules` must outlive the object, or the next use_rules().
  explicit TimedMatches(const knowledge::RuleSet& rules);
  ~TimedMatches();
  TimedMatches(TimedMatches&&) noexcept;
  TimedMatches& operator=(TimedMatches&&) noexcept;

  /// New rules; windows of conditions that mean the same stay.
  void use_rules(const knowledge::RuleSet& rules);

  /// A line that a condition looks for, or how many there were of one that is counted. Appends what follows from it to
  /// `fired`.
  void on_line(const TermLine& line, std::vector<Symptom>& fired);
  void on_count(const TermCount& count, std::vector<Symptom>& fired);

  /// Nothing with a time before `now` is expected any more.
  void advance_to(TimePoint now, std::vector<Symptom>& fired);
  [[nodiscard]] std::optional<TimePoint> next_deadline() const;

  /// Windows for the ledger, as an id and JSON: those that changed since the last call, and ids of those that ended.
  struct Changes {
    std::vector<std::pair<std::string, std::string>> changed;
    std::vector<std::string> ended;
  };
  [[nodiscard]] Changes take_changes();
  /// All windows, in the same form.
  [[nodiscard]] std::vector<std::pair<std::string, std::string>> saved() const;
  /// For those who keep nothing.
  void drop_changes();

  /// Takes a saved window back. False when it cannot be read; one of a condition that is no more ends without a word.
  [[nodiscard]] bool restore(const std::string& id, std::string_view state);

  /// A new start at `now`: what was written meanwhile is read first, so for a while nothing is decided for want of a
  /// line, and nothing is forgotten.
  void start_at(TimePoint now);

  /// Windows and lines that were given up because there were too many.
  [[nodiscard]] std::uint64_t given_up() const { return given_up_; }
  [[nodiscard]] std::size_t window_count() const { return windows_.size(); }

 private:
  struct RuleTerms;
  struct Window;
  using Windows = std::map<std::string, std::unique_ptr<Window>>;
  using Deadlines = std::set<std::pair<TimePoint, std::string>>;  // and the id

  template <typename OfTerm>
  void on_term(const OfTerm& found, std::vector<Symptom>& fired);
  /// nullptr: there is no room for it.
  [[nodiscard]] Window* window_for(const RuleTerms& rule, std::size_t timed_index, const std::string& by);
  [[nodiscard]] const LineWindow* everywhere_of(const Window& window) const;
  [[nodiscard]] Deadlines& deadlines_of(const Window& window);
  void settle(Window& window, std::vector<Symptom>& fired);
  void reschedule(Window& window);
  void end(const std::string& id);
  void make_room(const Window& wanted);

  std::unordered_map<std::string, RuleTerms> rules_;
  Windows windows_;  // by id
  Deadlines deadlines_, absence_deadlines_;
  std::set<std::string> changed_;
  std::vector<std::string> ended_;
  std::size_t line_count_ = 0, absence_count_ = 0;
  std::uint64_t given_up_ = 0;
  [[nodiscard]] TimePoint judged_at() const { return now_ < caught_up_at_ ? judged_before_ : now_; }

  TimePoint now_{};
  TimePoint watched_since_{};                   // advance_to() came often since then
  TimePoint caught_up_at_{}, judged_before_{};  // until the first, time stands still at the second
};

}  // namespace triaged::diagnosis
