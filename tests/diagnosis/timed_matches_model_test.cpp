// Random conditions and random lines, against a model that keeps every line for ever and looks at all of them each
// time.
#include <map>
#include <random>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/support/timed_lines.hpp"

namespace triaged::diagnosis {
namespace {

struct SeenEvent {
  std::size_t term = 0;  // of first, then unless
  Microseconds at{0}, arrived{0};
  std::string source;
  std::uint64_t offset = 0;
  bool is_gone = false;
};

/// docs/writing-rules.md in the simplest words.
class SlowCondition {
 public:
  explicit SlowCondition(const knowledge::TimedMatch& timed) : timed_(timed) {}

  std::vector<Microseconds> see(SeenEvent event, Microseconds now) {
    event.arrived = std::max(now, event.at);
    seen_.push_back(std::move(event));
    return look(now);
  }

  std::vector<Microseconds> look(Microseconds now) {
    std::vector<Microseconds> fired;
    for (;;) {
      auto frame = find_frame();
      if (frame.empty()) return fired;
      const auto first = frame.front()->at, last = frame.back()->at;
      if (last - first > timed_.window) {
        frame.front()->is_gone = true;
        continue;
      }
      auto arrived = Microseconds::min();
      for (const auto* event : frame) arrived = std::max(arrived, event->arrived);
      SeenEvent* given_up = nullptr;
      bool must_wait = false;
      for (std::size_t i = 0; i < timed_.unless.size() && given_up == nullptr && !must_wait; ++i) {
        const auto& unless = timed_.unless[i];
        const auto from = frame[unless.anchor]->at + unless.slide;
        const auto width = unless.window + (unless.absolute ? 0us : last - first);
        const auto to = from + std::max(width, Microseconds(0us));
        for (const auto& event : seen_) {
          if (event.term == timed_.of.size() + i && event.at >= from && event.at <= to) given_up = frame[unless.anchor];
        }
        must_wait = given_up == nullptr && now <= arrived + std::max(to - last, Microseconds(0us)) + 2s;
      }
      if (must_wait) return fired;
      if (given_up != nullptr) {
        given_up->is_gone = true;
        continue;
      }
      fired.push_back(last);
      for (auto* event : frame) event->is_gone = true;
    }
  }

 private:
  /// Lines of a term that are left, in order of time; those of one time as they came.
  std::vector<SeenEvent*> left_of(std::size_t term) {
    std::vector<SeenEvent*> left;
    for (auto& event : seen_) {
      if (event.term == term && !event.is_gone) left.push_back(&event);
    }
    std::stable_sort(left.begin(), left.end(), [](const auto* a, const auto* b) { return a->at < b->at; });
    return left;
  }

  static bool may_follow(const SeenEvent& next, const SeenEvent& before) {
    return next.at > before.at ||
           (next.at == before.at && (next.source != before.source || next.offset > before.offset));
  }

  std::vector<SeenEvent*> find_frame() {
    if (timed_.kind == knowledge::TimedKind::set) return set_from();
    for (auto* first : left_of(0)) {
      auto frame = sequence_from(first);
      if (!frame.empty()) return frame;
    }
    return {};
  }

  std::vector<SeenEvent*> set_from() {
    std::vector<SeenEvent*> frame;
    for (std::size_t term = 0; term < timed_.of.size(); ++term) {
      auto left = left_of(term);
      if (left.size() < timed_.of[term].count) return {};
      left.resize(timed_.of[term].count);
      frame.insert(frame.end(), left.begin(), left.end());
    }
    std::stable_sort(frame.begin(), frame.end(), [](const auto* a, const auto* b) { return a->at < b->at; });
    return frame;
  }

  std::vector<SeenEvent*> sequence_from(SeenEvent* first) {
    std::vector<SeenEvent*> frame = {first};
    for (std::size_t term = 0; term < timed_.of.size(); ++term) {
      unsigned found = term == 0 ? 1 : 0;
      bool is_behind_first = term != 0;
      for (auto* event : left_of(term)) {
        const bool is_next = is_behind_first && may_follow(*event, *frame.back());
        is_behind_first = is_behind_first || event == first;
        if (found == timed_.of[term].count || !is_next) continue;
        frame.push_back(event);
        ++found;
      }
      if (found < timed_.of[term].count) return {};
    }
    return frame;
  }

  const knowledge::TimedMatch& timed_;
  std::vector<SeenEvent> seen_;
};

class Chance {
 public:
  explicit Chance(unsigned seed) : engine_(seed) {}
  int from(int least, int most) { return std::uniform_int_distribution<int>(least, most)(engine_); }
  bool one_in(int times) { return from(1, times) == 1; }

 private:
  std::mt19937 engine_;
};

knowledge::TimedMatch random_condition(Chance& chance) {
  knowledge::TimedMatch timed;
  timed.kind = chance.one_in(2) ? knowledge::TimedKind::set : knowledge::TimedKind::sequence;
  timed.window = chance.from(1, 8) * 500ms;
  std::size_t lines = 0;
  for (int i = chance.from(1, 3); i > 0; --i) {
    timed.of.push_back(term_named("a", static_cast<unsigned>(chance.one_in(3) ? chance.from(2, 3) : 1)));
    lines += timed.of.back().count;
  }
  for (int i = chance.from(0, 2); i > 0; --i) {
    auto& unless = timed.unless.emplace_back(term_named("n"));
    unless.window = chance.one_in(2) ? 0ms : chance.from(0, 6) * 500ms;
    unless.slide = chance.one_in(2) ? 0ms : chance.from(-6, 6) * 500ms;
    unless.anchor = static_cast<std::size_t>(chance.from(0, static_cast<int>(lines) - 1));
    unless.absolute = chance.one_in(3);
  }
  return timed;
}

struct Fired {
  std::vector<Microseconds> by_product, by_model;
};

std::vector<Microseconds> times_of(const std::vector<Symptom>& fired) {
  std::vector<Microseconds> times;
  for (const auto& symptom : fired) times.push_back(symptom.at - start);
  return times;
}

/// One condition and up to 50 lines, most in order, some up to two seconds late. `restarts`: the product is saved and
/// restored after every line.
Fired run_story(unsigned seed, bool restarts) {
  Chance chance(seed);
  const auto rules = rule_set({timed_rule(random_condition(chance))});
  const auto& timed = rules->rules()[0].timed_matches[0];
  TimedMatches product(*rules);
  SlowCondition model(timed);
  Fired fired;
  const auto both = [](std::vector<Microseconds>& all, const std::vector<Microseconds>& more) {
    all.insert(all.end(), more.begin(), more.end());
  };
  std::map<std::string, std::string> saved;
  Microseconds clock{0};
  auto now = Microseconds(TimePoint() - start);  // as far as anybody knows
  for (int i = 0, lines = chance.from(3, 50); i < lines; ++i) {
    clock += chance.from(0, 3) * 500ms;
    const auto at = std::max<Microseconds>(clock - (chance.one_in(4) ? chance.from(0, 4) * 500ms : 0ms), 0us);
    const auto term =
        static_cast<std::size_t>(chance.from(0, static_cast<int>(timed.of.size() + timed.unless.size()) - 1));
    auto line = line_of(static_cast<std::uint32_t>(term + 1), at);
    line.source = chance.one_in(3) ? "b.log" : "a.log";
    line.offset = static_cast<std::uint64_t>(i);
    std::vector<Symptom> symptoms;
    product.on_line(line, symptoms);
    both(fired.by_model, model.see({term, at, {}, line.source, line.offset}, now));
    // Half of the time nobody looks at the clock before the next line.
    if (chance.one_in(2)) {
      now = clock;
      product.advance_to(start + now, symptoms);
      both(fired.by_model, model.look(now));
    }
    both(fired.by_product, times_of(symptoms));
    if (!restarts) continue;
    const auto changes = product.take_changes();
    for (const auto& [id, state] : changes.changed) saved[id] = state;
    for (const auto& id : changes.ended) saved.erase(id);
    TimedMatches next(*rules);
    for (const auto& [id, state] : saved) EXPECT_TRUE(next.restore(id, state));
    product = std::move(next);
  }
  std::vector<Symptom> symptoms;
  product.advance_to(TimePoint::max(), symptoms);
  both(fired.by_product, times_of(symptoms));
  both(fired.by_model, model.look(Microseconds::max()));
  return fired;
}

TEST(TimedMatchesModel, FiresExactlyWhenAModelThatForgetsNothingFires) {
  std::size_t hits = 0;
  for (unsigned seed = 0; seed < 2000; ++seed) {
    const auto fired = run_story(seed, false);
    ASSERT_EQ(fired.by_product, fired.by_model) << "seed " << seed;
    hits += fired.by_model.size();
  }
  EXPECT_GT(hits, 2000u);  // the stories are worth something
}

TEST(TimedMatchesModel, FiresTheSameWhenItIsStoppedAndRestartedAfterEveryLine) {
  for (unsigned seed = 0; seed < 200; ++seed) {
    const auto fired = run_story(seed, true);
    ASSERT_EQ(fired.by_product, fired.by_model) << "seed " << seed;
  }
}

}  // namespace
}  // namespace triaged::diagnosis
