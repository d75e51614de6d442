#include "diagnosis/timed_matches.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/utf8.hpp"
#include "diagnosis/timed_window.hpp"
#include "values/identity.hpp"

namespace triaged::diagnosis {

namespace {

constexpr Microseconds catching_up = std::chrono::seconds(10);
// Whoever watches says so more often: what did not come meanwhile may wait to be read.
constexpr Microseconds longest_look_away = std::chrono::seconds(10);

/// What a line is counted under: the value of the field `by`; empty when it has none.
std::string key_of(const MatchedLine& line, const std::string& by) {
  if (by.empty()) return {};
  if (by == "source") return line.source;
  if (by == "host") return line.host.empty() ? "-" : line.host;
  return std::string(line.field(by));
}

template <typename Line>
Line shortened(Line line) {
  line.line.resize(std::min(line.line.size(), TimedMatches::longest_line));
  line.header.resize(std::min(line.header.size(), TimedMatches::longest_line));
  return line;
}

void add_missing_fields(Symptom& to, const MatchedLine& from) {
  for (const auto& field : from.fields) {
    if (to.field(field.name).empty()) to.fields.push_back(field);
  }
}

/// The rule's symptom is its last line, with the fields of those before it where it has none of its own.
Symptom symptom_of(Frame frame) {
  Symptom symptom{std::move(frame.back().line), frame.size()};
  for (std::size_t i = frame.size() - 1; i-- > 0;) add_missing_fields(symptom, frame[i].line);
  return symptom;
}

Symptom symptom_of(RateWindow::Reached reached) {
  Symptom symptom{std::move(reached.line), reached.lines};
  symptom.fields.push_back({"count", std::to_string(reached.lines)});
  if (reached.among > 0) {
    symptom.fields.push_back({"share", fmt::format("{:.0f}%", 100.0 * static_cast<double>(reached.lines) /
                                                                  static_cast<double>(reached.among))});
  }
  return symptom;
}

Symptom symptom_of(SaturationWindow::Reached reached) {
  Symptom symptom{std::move(reached.line), reached.requests};
  symptom.fields.push_back({"places", std::to_string(reached.places)});
  symptom.fields.push_back({"count", std::to_string(reached.requests)});
  symptom.fields.push_back({"held", fmt::format("{:.1f} s", std::chrono::duration<double>(reached.held).count())});
  return symptom;
}

Symptom symptom_of(AbsenceWindow::Reached reached) {
  Symptom symptom{std::move(reached.line), 1};
  symptom.fields.push_back({"usual", fmt::format("{:.3g} a minute", reached.a_minute)});
  const auto since = to_rfc3339(reached.since);
  symptom.fields.push_back({"since", since.substr(0, since.find('.')) + "Z"});  // to the second
  return symptom;
}

/// What a window is judged with.
struct Judgement {
  TimePoint now, watched_since;
  const LineWindow* everywhere;
};

auto take_from(LineWindow& window, const Judgement& with) { return window.take_frame(with.now, with.everywhere); }
auto take_from(RateWindow& window, const Judgement& with) { return window.take_reached(with.now); }
auto take_from(SaturationWindow& window, const Judgement& with) { return window.take_reached(with.now); }
auto take_from(AbsenceWindow& window, const Judgement& with) {
  return window.take_reached(with.now, with.watched_since);
}

template <typename Window>
std::optional<Symptom> next_symptom(Window& window, const Judgement& with) {
  auto reached = take_from(window, with);
  if (!reached) return std::nullopt;
  return symptom_of(std::move(*reached));
}

/// What came of a term, and when.
struct Arrival {
  const knowledge::TermPlace& term;
  TimePoint arrived, watched_since;
};

/// True: something older had to be given up for it.
bool add_to(LineWindow& window, TermLine&& line, const Arrival& arrival) {
  const auto at = line.at;
  return window.add(arrival.term.role, arrival.term.index, {at, arrival.arrived, std::move(line)});
}
bool add_to(RateWindow& window, TermCount&& count, const Arrival& arrival) {
  return window.add(arrival.term.role, count, arrival.arrived);
}
bool add_to(AbsenceWindow& window, TermCount&& count, const Arrival& arrival) {
  window.add(count, arrival.arrived, arrival.watched_since);
  return false;
}
bool add_to(SaturationWindow& window, TermLine&& line, const Arrival& arrival) {
  return window.add(line, arrival.arrived);
}
bool add_to(SaturationWindow& window, TermCount&& answers, const Arrival& arrival) {
  window.add(answers, arrival.arrived);
  return false;
}
/// Lines that are counted come as counts and others as lines (TermPlace::is_counted): the rest does not occur.
template <typename Window, typename OfTerm>
bool add_to(Window& /*window*/, OfTerm&& /*found*/, const Arrival& /*arrival*/) {
  return false;
}

std::optional<TimePoint> deadline_of(const LineWindow& window, const Judgement& with) {
  return window.next_deadline(with.now, with.everywhere);
}
std::optional<TimePoint> deadline_of(const AbsenceWindow& window, const Judgement& with) {
  return window.next_deadline(with.watched_since);
}
template <typename Window>
std::optional<TimePoint> deadline_of(const Window& window, const Judgement& /*with*/) {
  return window.next_deadline();
}

std::size_t lines_in(const AnyWindow& window) {
  const auto* lines = std::get_if<LineWindow>(&window);
  return lines == nullptr ? 1 : lines->line_count();
}

}  // namespace

struct TimedMatches::RuleTerms {
  const knowledge::Rule* rule = nullptr;
  std::vector<knowledge::TermPlace> terms;
  std::vector<std::string> conditions;  // by index in Rule::timed_matches: the beginning of its windows' ids
};

struct TimedMatches::Window {
  std::string id;
  std::string rule;
  std::string everywhere;  // the id of the window of lines without the `by` field
  std::string by;
  AnyWindow window;
  TimePoint deadline = TimePoint::max();
  std::size_t lines = 0;  // in line_count_
  std::optional<TimePoint> saved_at;

  [[nodiscard]] bool is_absence() const { return std::holds_alternative<AbsenceWindow>(window); }
};

TimedMatches::TimedMatches(const knowledge::RuleSet& rules) { use_rules(rules); }
TimedMatches::~TimedMatches() = default;
TimedMatches::TimedMatches(TimedMatches&&) noexcept = default;
TimedMatches& TimedMatches::operator=(TimedMatches&&) noexcept = default;

void TimedMatches::use_rules(const knowledge::RuleSet& rules) {
  // What is remembered points into the old rules: it is written down and read back with the new ones.
  const auto kept = saved();
  rules_.clear();
  windows_.clear();
  deadlines_.clear();
  absence_deadlines_.clear();
  line_count_ = absence_count_ = 0;
  for (const auto& rule : rules.rules()) {
    if (rule.timed_matches.empty()) continue;
    RuleTerms terms{&rule, knowledge::terms_of(rule), {}};
    for (const auto& timed : rule.timed_matches) {
      terms.conditions.push_back(hash_text(rule.id + '\n' + knowledge::meaning_of(timed)) + ':');
    }
    rules_.emplace(rule.id, std::move(terms));
  }
  for (const auto& [id, state] : kept) (void)restore(id, state);
  std::erase_if(changed_, [&](const std::string& id) { return windows_.count(id) == 0; });
}

bool TimedMatches::restore(const std::string& id, std::string_view state) {
  for (const auto& [rule_id, rule] : rules_) {
    for (std::size_t i = 0; i < rule.conditions.size(); ++i) {
      if (!id.starts_with(rule.conditions[i])) continue;
      auto saved = window_from_json(rule.rule->timed_matches[i], state);
      if (!saved) {
        ended_.push_back(id);
        return false;
      }
      if (now_ >= caught_up_at_) now_ = std::max(now_, saved->now);
      judged_before_ = std::max(judged_before_, std::min(saved->now, now_));
      auto* window = window_for(rule, i, saved->by);
      if (window == nullptr) {
        ++given_up_;
        ended_.push_back(id);
        return true;
      }
      window->window = std::move(saved->window);
      reschedule(*window);
      return true;
    }
  }
  ended_.push_back(id);
  return true;
}

TimedMatches::Window* TimedMatches::window_for(const RuleTerms& rule, std::size_t timed_index, const std::string& by) {
  const auto id_of = [&](const std::string& value) {
    return rule.conditions[timed_index] + (value.empty() ? "" : hash_text(to_valid_utf8(value)));
  };
  auto id = id_of(by);
  if (const auto known = windows_.find(id); known != windows_.end()) return known->second.get();
  const auto& timed = rule.rule->timed_matches[timed_index];
  if (timed.kind == knowledge::TimedKind::absence) {
    if (absence_count_ >= most_absences) return nullptr;
    ++absence_count_;
  }
  auto window = std::make_unique<Window>(Window{.id = id,
                                                .rule = rule.rule->id,
                                                .everywhere = timed.by.empty() || by.empty() ? "" : id_of(""),
                                                .by = by,
                                                .window = window_of(timed)});
  return windows_.emplace(std::move(id), std::move(window)).first->second.get();
}

const LineWindow* TimedMatches::everywhere_of(const Window& window) const {
  if (window.everywhere.empty()) return nullptr;
  const auto found = windows_.find(window.everywhere);
  return found == windows_.end() ? nullptr : std::get_if<LineWindow>(&found->second->window);
}

template <typename OfTerm>
void TimedMatches::on_term(const OfTerm& found, std::vector<Symptom>& fired) {
  const auto rule = rules_.find(found.rule);
  if (rule == rules_.end() || found.term > rule->second.terms.size()) return;
  const auto& term = rule->second.terms[found.term - 1];
  const auto by = key_of(found, term.timed->by);
  // A line that belongs to nobody can only forbid, and then everybody.
  if (by.empty() && !term.timed->by.empty() && term.role != knowledge::TermRole::unless) return;
  auto* window = window_for(rule->second, term.timed_index, by);
  if (window == nullptr) {
    ++given_up_;
    return;
  }
  const Arrival arrival{term, std::max(now_, found.at), watched_since_};
  const bool is_given_up =
      std::visit([&](auto& some) { return add_to(some, shortened(found), arrival); }, window->window);
  given_up_ += is_given_up ? 1 : 0;
  settle(*window, fired);
  if (windows_.size() > most_windows || line_count_ > most_lines) make_room(*window);
}

void TimedMatches::on_line(const TermLine& line, std::vector<Symptom>& fired) { on_term(line, fired); }

void TimedMatches::on_count(const TermCount& count, std::vector<Symptom>& fired) { on_term(count, fired); }

void TimedMatches::settle(Window& window, std::vector<Symptom>& fired) {
  const Judgement with{judged_at(), watched_since_, everywhere_of(window)};
  std::visit(
      [&](auto& some) {
        while (auto symptom = next_symptom(some, with)) {
          symptom->rule = window.rule;
          fired.push_back(std::move(*symptom));
        }
        some.forget_before(judged_at());
      },
      window.window);
  changed_.insert(window.id);
  reschedule(window);
}

/// Puts the window's next deadline and its lines in the books; an empty window ends.
void TimedMatches::reschedule(Window& window) {
  const Judgement with{judged_at(), watched_since_, everywhere_of(window)};
  const auto next = std::visit([&](const auto& some) { return deadline_of(some, with); }, window.window);
  auto& deadlines = deadlines_of(window);
  deadlines.erase({window.deadline, window.id});
  line_count_ -= window.lines;
  if (!next) {
    window.lines = 0;
    return end(std::string(window.id));
  }
  window.lines = lines_in(window.window);
  line_count_ += window.lines;
  window.deadline = *next;
  deadlines.insert({window.deadline, window.id});
}

TimedMatches::Deadlines& TimedMatches::deadlines_of(const Window& window) {
  return window.is_absence() ? absence_deadlines_ : deadlines_;
}

void TimedMatches::end(const std::string& id) {
  const auto found = windows_.find(id);
  if (found == windows_.end()) return;
  deadlines_of(*found->second).erase({found->second->deadline, id});
  line_count_ -= found->second->lines;
  absence_count_ -= found->second->is_absence() ? 1 : 0;
  windows_.erase(found);
  changed_.erase(id);
  ended_.push_back(id);
}

/// Gives up the window that would be over first, but not the one that was just written to. Absences have a bound of
/// their own: what others remember for an hour must not cost them a day.
void TimedMatches::make_room(const Window& wanted) {
  for (const auto& [deadline, id] : deadlines_) {
    if (id == wanted.id) continue;
    ++given_up_;
    return end(std::string(id));
  }
}

void TimedMatches::start_at(TimePoint now) {
  judged_before_ = std::min(now_, now);
  now_ = watched_since_ = now;
  caught_up_at_ = now + catching_up;
}

void TimedMatches::advance_to(TimePoint now, std::vector<Symptom>& fired) {
  if (now <= now_) return;
  if (now - now_ > longest_look_away) watched_since_ = now;
  now_ = now;
  if (now_ < caught_up_at_) return;
  for (const auto* deadlines : {&deadlines_, &absence_deadlines_}) {
    while (!deadlines->empty() && deadlines->begin()->first <= now) {
      const auto found = windows_.find(deadlines->begin()->second);
      settle(*found->second, fired);
    }
  }
}

std::optional<TimePoint> TimedMatches::next_deadline() const {
  std::optional<TimePoint> next;
  for (const auto* deadlines : {&deadlines_, &absence_deadlines_}) {
    if (!deadlines->empty() && (!next || deadlines->begin()->first < *next)) next = deadlines->begin()->first;
  }
  if (next) next = std::max(*next, caught_up_at_);
  return next;
}

TimedMatches::Changes TimedMatches::take_changes() {
  Changes changes;
  std::erase_if(changed_, [&](const std::string& id) {
    auto& window = *windows_.at(id);
    const bool was_just_saved =
        window.saved_at && now_ >= *window.saved_at && now_ < *window.saved_at + absence_saved_every;
    if (window.is_absence() && was_just_saved) return false;
    window.saved_at = now_;
    changes.changed.emplace_back(id, to_json(window.window, window.by, now_));
    return true;
  });
  std::swap(changes.ended, ended_);
  // One that ended and began again is there.
  std::erase_if(changes.ended, [&](const std::string& id) { return windows_.count(id) != 0; });
  return changes;
}

std::vector<std::pair<std::string, std::string>> TimedMatches::saved() const {
  std::vector<std::pair<std::string, std::string>> all;
  for (const auto& [id, window] : windows_) all.emplace_back(id, to_json(window->window, window->by, now_));
  return all;
}

void TimedMatches::drop_changes() {
  changed_.clear();
  ended_.clear();
}

}  // namespace triaged::diagnosis
