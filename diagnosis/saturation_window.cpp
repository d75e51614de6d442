#include "diagnosis/saturation_window.hpp"

#include <algorithm>
#include <charconv>
#include <vector>

#include "diagnosis/line_window.hpp"

namespace triaged::diagnosis {

namespace {

using Hold = SaturationWindow::Hold;
using std::chrono::seconds;
using std::chrono::sys_seconds;

std::optional<Microseconds> time_held(const knowledge::TimedMatch& timed, const MatchedLine& line) {
  const auto text = line.field(timed.duration_field);
  double number = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failure != std::errc() || end != text.data() + text.size()) return std::nullopt;
  const double held = number * static_cast<double>(timed.duration_unit.count());
  if (!(held >= 1 && held <= static_cast<double>(timed.window.count()))) return std::nullopt;
  return Microseconds(static_cast<std::int64_t>(held));
}

/// How wrong the end of a request may be: as much as its log rounds, and what lies between two requests on one place.
Microseconds tolerance_of(const std::vector<Hold>& run) {
  const bool is_rounded = std::all_of(run.begin(), run.end(), [](const Hold& hold) {
    return hold.end.time_since_epoch() % seconds(1) == Microseconds(0);
  });
  return is_rounded ? Microseconds(seconds(1)) : Microseconds(std::chrono::milliseconds(100));
}

/// The requests that touch each other back from the latest.
std::vector<Hold> latest_run(const std::deque<Hold>& holds) {
  std::vector<Hold> run;
  TimePoint begin = TimePoint::max();
  const auto tolerance = tolerance_of({holds.begin(), holds.end()});
  for (auto hold = holds.rbegin(); hold != holds.rend(); ++hold) {
    if (!run.empty() && hold->end + tolerance < begin) break;
    begin = std::min(begin, hold->begin());
    run.push_back(*hold);
  }
  return run;
}

/// How many hold a place at the same time at most. Two that may follow one another share one.
std::size_t places_of(const std::vector<Hold>& run) {
  const auto tolerance = tolerance_of(run);
  std::vector<std::pair<TimePoint, int>> events;
  for (const auto& hold : run) {
    if (hold.held <= tolerance) continue;
    events.emplace_back(hold.begin() + tolerance, +1);
    events.emplace_back(hold.end, -1);
  }
  std::sort(events.begin(), events.end());  // an end before a begin of the same time
  int now = 0, most = 0;
  for (const auto& [at, change] : events) most = std::max(most, now += change);
  return static_cast<std::size_t>(most);
}

double in_seconds(Microseconds time) { return std::chrono::duration<double>(time).count(); }

}  // namespace

/// Something came: a line whose time is `at`.
void SaturationWindow::note(TimePoint at, TimePoint arrived) {
  if (at + timed_->window < memory_.latest) memory_ = {};
  memory_.latest = std::max(memory_.latest, at);
  memory_.latest_arrival = std::max(memory_.latest_arrival, arrived);
  memory_.is_unjudged = true;
  forget_what_is_older_than(memory_.latest - timed_->window);
}

void SaturationWindow::add(const TermCount& answers, TimePoint arrived) {
  note(answers.at, arrived);
  memory_.answers[std::chrono::floor<seconds>(answers.at)] += answers.lines;
}

bool SaturationWindow::add(const TermLine& line, TimePoint arrived) {
  const auto held = time_held(*timed_, line);
  if (!held) return false;
  note(line.at, arrived);
  const Hold hold{line.at, *held};
  const auto by_end = [](const Hold& a, const Hold& b) { return a.end < b.end; };
  auto& holds = memory_.holds;
  holds.insert(std::upper_bound(holds.begin(), holds.end(), hold, by_end), hold);
  if (!memory_.sample || *held > memory_.sample_held) {
    memory_.sample = line;
    memory_.sample_held = *held;
  }
  if (holds.size() <= most_holds) return false;
  holds.pop_front();
  return true;
}

void SaturationWindow::forget_what_is_older_than(TimePoint time) {
  auto& answers = memory_.answers;
  answers.erase(answers.begin(), answers.lower_bound(std::chrono::floor<seconds>(time)));
  while (!memory_.holds.empty() && memory_.holds.front().end < time) memory_.holds.pop_front();
  if (memory_.holds.empty()) memory_.sample.reset();
}

/// Whether fewer requests were answered from `begin` to `end`, in whole seconds, than usual before.
bool SaturationWindow::is_less_than_usual(TimePoint begin, TimePoint end) const {
  const auto first = std::chrono::floor<seconds>(begin) + seconds(1), last = std::chrono::floor<seconds>(end);
  std::uint64_t before = 0, during = 0;
  for (const auto& [second, answers] : memory_.answers) {
    if (second < first) before += answers;
    if (second >= first && second < last) during += answers;
  }
  if (before < fewest_before || last <= first) return false;
  const double usual = static_cast<double>(before) / in_seconds(first - memory_.answers.begin()->first);
  return static_cast<double>(during) / in_seconds(last - first) * usual_against_now <= usual;
}

std::optional<SaturationWindow::Reached> SaturationWindow::judge(const std::deque<Hold>& holds) const {
  if (holds.size() < fewest) return std::nullopt;
  const auto end = holds.back().end;
  const auto run = latest_run(holds);
  const auto places = places_of(run);
  if (places < 2 || run.size() < std::max(fewest, fewest_rounds * places)) return std::nullopt;
  auto begin = run.front().begin();
  Microseconds held{0};
  std::vector<Microseconds> lengths;
  for (const auto& hold : run) {
    begin = std::min(begin, hold.begin());
    held += hold.held;
    lengths.push_back(hold.held);
  }
  if (in_seconds(held) < busy_share * static_cast<double>(places) * in_seconds(end - begin)) return std::nullopt;
  const bool goes_on = memory_.busy_until && begin <= *memory_.busy_until;
  if (!goes_on && !is_less_than_usual(begin + tolerance_of(run), end)) return std::nullopt;
  std::sort(lengths.begin(), lengths.end());
  return Reached{*memory_.sample, places, run.size(), lengths[lengths.size() / 2]};
}

std::optional<SaturationWindow::Reached> SaturationWindow::take_reached(TimePoint now) {
  const auto second = std::chrono::floor<seconds>(now);
  if (!memory_.is_unjudged || second <= memory_.judged_at) return std::nullopt;
  memory_.judged_at = second;
  // What ended just now may have neighbours that are still to come.
  auto complete = memory_.holds;
  while (!complete.empty() && complete.back().end > second - late_lines) complete.pop_back();
  memory_.is_unjudged = complete.size() < memory_.holds.size();
  auto reached = judge(complete);
  if (!reached) return std::nullopt;
  memory_.busy_until = complete.back().end;
  if (memory_.told_at && *memory_.busy_until < *memory_.told_at + timed_->window) return std::nullopt;
  memory_.told_at = memory_.busy_until;
  memory_.sample_held = Microseconds(0);  // the next one is a sample of what comes
  return reached;
}

void SaturationWindow::forget_before(TimePoint now) {
  if (memory_.latest_arrival + timed_->window + late_lines < now) memory_ = {};
}

std::optional<TimePoint> SaturationWindow::next_deadline() const {
  if (memory_.holds.empty() && memory_.answers.empty()) return std::nullopt;
  if (memory_.is_unjudged && memory_.holds.size() >= fewest) {
    return std::max<TimePoint>(memory_.holds.front().end + late_lines, memory_.judged_at) + seconds(1);
  }
  return memory_.latest_arrival + timed_->window + late_lines + Microseconds(1);
}

}  // namespace triaged::diagnosis
