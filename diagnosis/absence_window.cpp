#include "diagnosis/absence_window.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace triaged::diagnosis {

namespace {

using std::chrono::seconds;

AbsenceWindow::PartStart part_of(TimePoint time) {
  constexpr auto length = std::chrono::duration_cast<seconds>(AbsenceWindow::steady_for);
  const auto second = std::chrono::floor<seconds>(time).time_since_epoch();
  return AbsenceWindow::PartStart(second - (second % length + length) % length);
}

}  // namespace

/// Lines of this half hour and of the one before: of half an hour at least, when they go so far back.
double AbsenceWindow::lines_a_minute() const {
  const auto now = part_of(memory_.latest), before = now - std::chrono::duration_cast<seconds>(steady_for);
  std::uint64_t lines = 0;
  for (auto part = memory_.parts.lower_bound(before); part != memory_.parts.end(); ++part) lines += part->second.lines;
  const auto time = memory_.latest - std::max<TimePoint>(memory_.begin, before);
  return static_cast<double>(lines) / std::max(std::chrono::duration<double>(time).count() / 60, 1.0);
}

bool AbsenceWindow::is_steady() const {
  const double of_a_part = lines_a_minute() * std::chrono::duration<double>(steady_for).count() / 60;
  return memory_.last && memory_.latest - memory_.begin >= steady_for &&
         of_a_part >= static_cast<double>(timed_->at_least);
}

Microseconds AbsenceWindow::longest_usual() const {
  Microseconds pause{0}, absence{0};
  for (const auto& [start, part] : memory_.parts) {
    pause = std::max(pause, part.longest_pause);
    absence = std::max(absence, part.longest_absence);
  }
  const Microseconds longer_absence(std::llround(static_cast<double>(absence.count()) * absence_factor));
  return std::max({timed_->window, pause * pause_factor, longer_absence});
}

AbsenceWindow::Reached AbsenceWindow::reached_at(TimePoint at) const {
  Reached reached{*memory_.last, memory_.latest, lines_a_minute()};
  reached.line.at = at;
  return reached;
}

void AbsenceWindow::note_pause(Microseconds own, Microseconds watched, Part& part) {
  const auto usual = longest_usual();
  const bool was_silent = memory_.told_at || (is_steady() && own > usual);
  if (!was_silent) {
    part.longest_pause = std::max({part.longest_pause, own, watched});
    return;
  }
  if (!memory_.told_at) ended_ = reached_at(memory_.latest + usual);
  part.longest_absence = std::max({part.longest_absence, own, watched});
}

void AbsenceWindow::add(const TermCount& count, TimePoint arrived, TimePoint watched_since) {
  if (count.at + steady_for < memory_.latest) memory_ = {};
  if (memory_.last) {
    const auto own = std::max(count.at - memory_.latest, Microseconds(0));
    const auto watched = std::max(arrived - std::max(memory_.latest_arrival, watched_since), Microseconds(0));
    Part seen;  // judged by what was known before
    note_pause(own, watched, seen);
    auto& part = memory_.parts[part_of(count.at)];
    part.longest_pause = std::max(part.longest_pause, seen.longest_pause);
    part.longest_absence = std::max(part.longest_absence, seen.longest_absence);
  } else {
    memory_.begin = count.at;
  }
  memory_.parts[part_of(count.at)].lines += count.lines;
  if (!memory_.last || count.at >= memory_.latest) memory_.last = count;
  memory_.latest = std::max(memory_.latest, count.at);
  memory_.latest_arrival = std::max(memory_.latest_arrival, arrived);
  memory_.told_at.reset();
  memory_.parts.erase(memory_.parts.begin(), memory_.parts.lower_bound(part_of(memory_.latest - remembered_for)));
}

std::optional<AbsenceWindow::Reached> AbsenceWindow::take_reached(TimePoint now, TimePoint watched_since) {
  if (ended_) return std::exchange(ended_, std::nullopt);
  if (now == TimePoint::max() || !is_steady()) return std::nullopt;
  if (now < *next_deadline(watched_since)) return std::nullopt;
  memory_.told_at = now;
  return reached_at(now);
}

void AbsenceWindow::forget_before(TimePoint now) {
  if (memory_.latest_arrival + remembered_for < now) memory_ = {};
}

std::optional<TimePoint> AbsenceWindow::next_deadline(TimePoint watched_since) const {
  if (!memory_.last) return std::nullopt;
  const auto over = memory_.latest_arrival + remembered_for + Microseconds(1);
  if (!is_steady()) return over;
  const auto told_again = memory_.told_at ? *memory_.told_at + timed_->window : TimePoint::min();
  return std::max(told_again, std::max(memory_.latest_arrival, watched_since) + longest_usual());
}

}  // namespace triaged::diagnosis
