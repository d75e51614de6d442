#include "diagnosis/line_window.hpp"

#include <algorithm>

namespace triaged::diagnosis {

namespace {

using Lines = std::vector<SeenLine>;

bool is_earlier(const SeenLine& a, const SeenLine& b) { return a.at < b.at; }

std::ptrdiff_t distance_of(std::size_t index) { return static_cast<std::ptrdiff_t>(index); }

}  // namespace

LineWindow::LineWindow(const knowledge::TimedMatch& timed)
    : timed_(&timed), of_(timed.of.size()), unless_(timed.unless.size()) {
  Microseconds back{0}, ahead{0};
  for (const auto& term : timed.unless) {
    back = std::max(back, -term.slide);
    ahead = std::max(ahead, term.window);
  }
  keep_unless_ = back + timed.window + ahead;
}

bool LineWindow::add(knowledge::TermRole role, std::size_t index, SeenLine line) {
  auto& lines = role == knowledge::TermRole::of ? of_[index] : unless_[index];
  const std::size_t wanted = role == knowledge::TermRole::of ? timed_->of[index].count : 0;
  lines.insert(std::upper_bound(lines.begin(), lines.end(), line, is_earlier), std::move(line));
  if (lines.size() <= wanted + spare_lines) return false;
  lines.erase(lines.begin());
  return true;
}

std::optional<LineWindow::Places> LineWindow::whole() const {
  return timed_->kind == knowledge::TimedKind::set ? whole_set() : whole_sequence();
}

/// The earliest lines of each term, in order of time.
std::optional<LineWindow::Places> LineWindow::whole_set() const {
  Places places;
  for (std::size_t term = 0; term < of_.size(); ++term) {
    if (of_[term].size() < timed_->of[term].count) return std::nullopt;
    for (std::size_t i = 0; i < timed_->of[term].count; ++i) places.push_back({term, i});
  }
  std::stable_sort(places.begin(), places.end(),
                   [&](const Place& a, const Place& b) { return line_at(a).at < line_at(b).at; });
  return places;
}

/// From the first line of the first term with which it can be done. That an earlier one cannot says nothing about the
/// next, because lines of one instant in different files have no order.
std::optional<LineWindow::Places> LineWindow::whole_sequence() const {
  for (std::size_t term = 0; term < of_.size(); ++term) {
    if (of_[term].size() < timed_->of[term].count) return std::nullopt;
  }
  for (std::size_t start = 0; start < of_.front().size(); ++start) {
    if (auto places = sequence_from(start)) return places;
  }
  return std::nullopt;
}

/// Always the earliest line that may come next.
std::optional<LineWindow::Places> LineWindow::sequence_from(std::size_t start) const {
  Places places = {{0, start}};
  for (std::size_t term = 0; term < of_.size(); ++term) {
    const auto& lines = of_[term];
    std::size_t i = term == 0 ? start + 1 : 0;
    for (std::size_t found = term == 0 ? 1 : 0; found < timed_->of[term].count; ++found, ++i) {
      const auto& before = line_at(places.back());
      const auto not_earlier = std::lower_bound(lines.begin(), lines.end(), before, is_earlier) - lines.begin();
      i = std::max(i, static_cast<std::size_t>(not_earlier));
      while (i < lines.size() && !lines[i].may_follow(before)) ++i;
      if (i >= lines.size()) return std::nullopt;
      places.push_back({term, i});
    }
  }
  return places;
}

std::optional<LineWindow::Places> LineWindow::frame_in_window() {
  for (;;) {
    auto places = whole();
    if (!places) return std::nullopt;
    if (line_at(places->back()).at - line_at(places->front()).at <= timed_->window) return places;
    auto& lines = of_[places->front().term];
    lines.erase(lines.begin() + distance_of(places->front().index));
  }
}

bool LineWindow::has_unless_in(std::size_t term, TimePoint first, TimePoint last) const {
  const auto& lines = unless_[term];
  return std::any_of(lines.begin(), lines.end(),
                     [&](const SeenLine& line) { return line.at >= first && line.at <= last; });
}

LineWindow::Judgement LineWindow::judge(const Places& places, TimePoint now, const LineWindow* everywhere) const {
  const auto first = line_at(places.front()).at, last = line_at(places.back()).at;
  TimePoint arrived = TimePoint::min();
  for (const auto& place : places) arrived = std::max(arrived, line_at(place).arrived);
  for (std::size_t i = 0; i < unless_.size(); ++i) {
    const auto& term = timed_->unless[i];
    const auto from = line_at(places[term.anchor]).at + term.slide;
    const auto width = term.window + (term.absolute ? Microseconds(0) : last - first);
    const auto to = from + std::max(width, Microseconds(0));
    if (has_unless_in(i, from, to) || (everywhere != nullptr && everywhere->has_unless_in(i, from, to))) {
      return {.verdict = Verdict::forbidden, .given_up = places[term.anchor]};
    }
    const auto decidable = arrived + std::max(to - last, Microseconds(0)) + late_lines;
    if (now <= decidable) return {.verdict = Verdict::waits, .decidable = decidable};
  }
  return {};
}

std::optional<Frame> LineWindow::take_frame(TimePoint now, const LineWindow* everywhere) {
  while (const auto places = frame_in_window()) {
    const auto judgement = judge(*places, now, everywhere);
    switch (judgement.verdict) {
      case Verdict::waits:
        return std::nullopt;
      case Verdict::fires:
        return take(*places);
      case Verdict::forbidden:
        auto& lines = of_[judgement.given_up.term];
        lines.erase(lines.begin() + distance_of(judgement.given_up.index));
        break;
    }
  }
  return std::nullopt;
}

Frame LineWindow::take(const Places& places) {
  Frame frame;
  for (const auto& place : places) frame.push_back(std::move(of_[place.term][place.index]));
  auto from_the_back = places;
  std::sort(from_the_back.begin(), from_the_back.end(),
            [](const Place& a, const Place& b) { return a.index > b.index; });
  for (const auto& place : from_the_back) {
    of_[place.term].erase(of_[place.term].begin() + distance_of(place.index));
  }
  return frame;
}

void LineWindow::forget_before(TimePoint now) {
  // Lines that make a whole are waiting for the verdict, however long that takes.
  if (whole()) return;
  const auto forget = [&](std::vector<Lines>& terms, Microseconds keep) {
    for (auto& lines : terms) {
      std::erase_if(lines, [&](const SeenLine& line) { return line.arrived + keep + late_lines < now; });
    }
  };
  forget(of_, timed_->window);
  forget(unless_, keep_unless_);
}

std::optional<TimePoint> LineWindow::next_deadline(TimePoint now, const LineWindow* everywhere) const {
  if (const auto places = whole()) {
    const auto judgement = judge(*places, now, everywhere);
    return judgement.decidable + Microseconds(1);
  }
  std::optional<TimePoint> next;
  const auto look = [&](const std::vector<Lines>& terms, Microseconds keep) {
    for (const auto& lines : terms) {
      for (const auto& line : lines) {
        const auto over = line.arrived + keep + late_lines + Microseconds(1);
        next = std::min(next.value_or(over), over);
      }
    }
  };
  look(of_, timed_->window);
  look(unless_, keep_unless_);
  return next;
}

bool LineWindow::is_empty() const { return line_count() == 0; }

std::size_t LineWindow::line_count() const {
  std::size_t count = 0;
  for (const auto* terms : {&of_, &unless_}) {
    for (const auto& lines : *terms) count += lines.size();
  }
  return count;
}

}  // namespace triaged::diagnosis
