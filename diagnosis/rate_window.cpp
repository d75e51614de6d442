#include "diagnosis/rate_window.hpp"

#include <algorithm>
#include <utility>

#include "diagnosis/line_window.hpp"

namespace triaged::diagnosis {

namespace {

using std::chrono::seconds;
using std::chrono::sys_seconds;

constexpr std::int64_t most_parts = 120;    // of a window
constexpr std::size_t most_seconds = 3600;  // a backlog of an hour, or the longest window many times

}  // namespace

seconds RateWindow::part() const {
  return seconds(
      std::max<std::int64_t>((std::chrono::ceil<seconds>(timed_->window).count() + most_parts - 1) / most_parts, 1));
}

seconds RateWindow::length() const {
  const auto parts = (std::chrono::ceil<seconds>(timed_->window) + part() - seconds(1)) / part();
  return parts * part();
}

bool RateWindow::is_silent_at(sys_seconds second) const {
  return silent_since_ && second > *silent_since_ - length() && second < *silent_since_ + length();
}

bool RateWindow::add(knowledge::TermRole role, const TermCount& count, TimePoint arrived) {
  const auto second_of_line = std::chrono::floor<seconds>(count.at).time_since_epoch();
  const sys_seconds at(second_of_line - (second_of_line % part() + part()) % part());
  auto& second = seconds_[at];
  (role == knowledge::TermRole::of ? second.of : second.share_of) += count.lines;
  second.arrived = std::max(second.arrived, arrived);
  unjudged_ = std::min(unjudged_.value_or(at), at);
  if (role == knowledge::TermRole::of && !second.first) second.first = count;
  if (role == knowledge::TermRole::of && (!latest_ || count.at >= latest_->at)) latest_ = count;
  if (seconds_.size() <= most_seconds) return false;
  seconds_.erase(seconds_.begin());
  return true;
}

std::optional<RateWindow::Reached> RateWindow::take_reached(TimePoint now) {
  if (!unjudged_) return std::nullopt;
  // One pass with both ends of the window: `oldest` is the first second that still belongs to it.
  auto oldest = seconds_.lower_bound(*unjudged_ - length() + part());
  std::uint64_t of = 0, share_of = 0;
  for (auto end = oldest; end != seconds_.end(); ++end) {
    of += end->second.of;
    share_of += end->second.share_of;
    for (; oldest->first <= end->first - length(); ++oldest) {
      of -= oldest->second.of;
      share_of -= oldest->second.share_of;
    }
    if (end->first < *unjudged_) continue;
    if (end->first + part() > now) {
      unjudged_ = end->first;
      return std::nullopt;
    }
    const auto first = std::exchange(end->second.first, std::nullopt);
    if (end->second.of == 0 || is_silent_at(end->first)) continue;
    const auto lines = static_cast<double>(of), among = static_cast<double>(share_of);
    const bool is_reached =
        timed_->share_of ? share_of >= std::max<std::uint64_t>(timed_->at_least, 1) && lines > timed_->above * among
                         : lines > timed_->above;
    if (!is_reached) continue;
    silent_since_ = unjudged_ = end->first;
    Reached reached{first.value_or(*latest_), of, timed_->share_of ? share_of : 0};
    // Judged again because of a line that came late: the second's own line is forgotten.
    if (!first && reached.line.at >= end->first + part()) reached.line.at = end->first;
    return reached;
  }
  unjudged_.reset();
  return std::nullopt;
}

void RateWindow::forget_before(TimePoint now) {
  if (unjudged_) return;
  std::erase_if(seconds_, [&](const auto& entry) { return entry.second.arrived + length() + late_lines < now; });
  if (seconds_.empty()) silent_since_.reset();
}

std::optional<TimePoint> RateWindow::next_deadline() const {
  if (unjudged_) return TimePoint(*unjudged_) + part();
  std::optional<TimePoint> next;
  for (const auto& [at, second] : seconds_) {
    const auto over = second.arrived + length() + late_lines + Microseconds(1);
    next = std::min(next.value_or(over), over);
  }
  return next;
}

void RateWindow::restore(Memory memory) {
  seconds_ = std::move(memory.seconds);
  unjudged_ = memory.unjudged;
  silent_since_ = memory.silent_since;
  latest_ = std::move(memory.latest);
}

}  // namespace triaged::diagnosis
