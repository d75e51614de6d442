// Random CRE rules and random lines, against a model that follows the published description of the format's own engine
// word by word: no shared code, every step spelt out.
#include <algorithm>
#include <deque>
#include <random>
#include <set>

#include <gtest/gtest.h>

#include "cre/cre_machine.hpp"

namespace triaged::cre {
namespace {

using Time = std::int64_t;

struct SlowReset {
  unsigned term;
  knowledge::CreNegative options;
  std::vector<Time> seen;
};

class SlowEngine {
 public:
  SlowEngine(const knowledge::CreRule& rule, const std::vector<unsigned>& positives,
             const std::vector<unsigned>& negatives)
      : rule_(rule),
        is_inverse_(!negatives.empty()),
        is_single_(!is_inverse_ && !rule.is_sequence && positives.size() == 1) {
    for (std::size_t i = 0; i < positives.size(); ++i) {
      std::size_t known = terms_.size();
      if (rule.is_sequence) {
        if (i > 0 && positives[i] == positives[i - 1]) known = terms_.size() - 1;
      } else {
        for (std::size_t k = 0; k < terms_.size(); ++k) known = terms_[k] == positives[i] ? k : known;
      }
      if (known == terms_.size()) {
        terms_.push_back(positives[i]);
        extra_.push_back(0);
        asserts_.emplace_back();
      } else {
        ++extra_[known];
      }
    }
    for (std::size_t i = 0; i < negatives.size(); ++i) resets_.push_back({negatives[i], rule.negatives[i], {}});
    right_ = rule.window;
    for (const auto& reset : resets_) {
      left_ = std::max(left_, -reset.options.slide);
      right_ = std::max(right_, rule.window + reset.options.window + reset.options.slide);
    }
    is_on_.assign(terms_.size(), false);
  }

  std::size_t line(Time at, const std::set<unsigned>& matched) {
    if (is_single_) return matched.count(terms_[0]);
    if (at < clock_) return 0;
    clock_ = at;
    if (rule_.is_sequence) return is_inverse_ ? inverse_sequence(at, matched) : sequence(at, matched);
    return is_inverse_ ? inverse_set(at, matched) : set(at, matched);
  }

  std::size_t flush() {
    if (!is_inverse_) return 0;
    clock_ = std::numeric_limits<Time>::max() - 1;
    return rule_.is_sequence ? decide_sequence() : decide_set();
  }

 private:
  bool enough(std::size_t i) const { return asserts_[i].size() >= 1 + extra_[i]; }
  bool all_enough() const {
    for (std::size_t i = 0; i < terms_.size(); ++i) {
      if (!enough(i)) return false;
    }
    return true;
  }
  void remove_before(std::size_t i, Time bound) {
    while (!asserts_[i].empty() && asserts_[i].front() < bound) asserts_[i].pop_front();
  }
  void remove_first(std::size_t i, std::size_t count) {
    for (std::size_t k = 0; k < count; ++k) asserts_[i].pop_front();
  }

  std::size_t set(Time at, const std::set<unsigned>& matched) {
    bool has_repetitions = false, is_some_complete = false;
    Time oldest = std::numeric_limits<Time>::max();
    for (std::size_t i = 0; i < terms_.size(); ++i) {
      has_repetitions = has_repetitions || extra_[i] > 0;
      is_some_complete = is_some_complete || enough(i);
      for (const auto seen : asserts_[i]) oldest = std::min(oldest, seen);
    }
    if ((is_some_complete || has_repetitions) && oldest != std::numeric_limits<Time>::max() &&
        at - oldest > rule_.window) {
      for (std::size_t i = 0; i < terms_.size(); ++i) remove_before(i, at - rule_.window);
    }
    for (std::size_t i = 0; i < terms_.size(); ++i) {
      if (matched.count(terms_[i]) != 0) asserts_[i].push_back(at);
    }
    if (!all_enough()) return 0;
    for (std::size_t i = 0; i < terms_.size(); ++i) remove_first(i, 1 + extra_[i]);
    return 1;
  }

  std::size_t sequence(Time at, const std::set<unsigned>& matched) {
    if (n_ > 0 && at - asserts_[0].front() >= rule_.window) {
      remove_before(0, at - rule_.window);
      tidy_sequence();
    }
    for (std::size_t i = 0; i < n_; ++i) {
      if (matched.count(terms_[i]) != 0) asserts_[i].push_back(at);
    }
    const auto current = n_;
    if (matched.count(terms_[current]) == 0) return 0;
    if (asserts_[current].size() < extra_[current]) {
      asserts_[current].push_back(at);
      return 0;
    }
    if (current + 1 < terms_.size()) {
      asserts_[current].push_back(at);
      n_ = current + 1;
      return 0;
    }
    for (std::size_t i = 0; i + 1 < terms_.size(); ++i) remove_first(i, 1 + extra_[i]);
    remove_first(current, extra_[current]);
    n_ = current + 1;
    tidy_sequence();
    return 1;
  }

  void tidy_sequence() {
    if (asserts_[0].empty()) {
      for (auto& asserts : asserts_) asserts.clear();
      n_ = 0;
      return;
    }
    if (!enough(0)) {
      for (std::size_t i = 1; i < n_; ++i) asserts_[i].clear();
      n_ = 0;
      return;
    }
    const auto bound = asserts_[0][extra_[0]];
    std::size_t complete = 1;
    bool is_broken = false;
    for (std::size_t i = 1; i < n_; ++i) {
      if (is_broken) {
        asserts_[i].clear();
        continue;
      }
      remove_before(i, bound);
      if (asserts_[i].size() > extra_[i]) {
        ++complete;
      } else {
        is_broken = true;
      }
    }
    n_ = complete;
  }

  void tidy_inverse_sequence() {
    if (asserts_[0].empty()) {
      for (auto& asserts : asserts_) asserts.clear();
      n_ = 0;
      return;
    }
    bool is_broken = !enough(0);
    std::size_t complete = is_broken ? 0 : 1;
    auto bound = asserts_[0].front();
    for (std::size_t i = 1; i < n_; ++i) {
      if (is_broken) {
        asserts_[i].clear();
        continue;
      }
      remove_before(i, bound);
      if (!asserts_[i].empty()) bound = asserts_[i].front();
      if (enough(i)) {
        ++complete;
      } else {
        is_broken = true;
      }
    }
    n_ = complete;
  }

  void record_resets(Time at, const std::set<unsigned>& matched) {
    for (auto& reset : resets_) {
      if (matched.count(reset.term) == 0) continue;
      reset.seen.push_back(at);
      mark_ = std::min(mark_, at + left_ + right_);
    }
  }

  void clean_resets(Time at) {
    for (auto& reset : resets_) {
      std::erase_if(reset.seen, [&](Time seen) { return seen < at - right_ - left_; });
      if (!reset.seen.empty()) mark_ = std::min(mark_, reset.seen.front() + left_ + right_);
    }
  }

  struct Anchor {
    Time at;
    std::size_t term, offset;
  };
  std::vector<Anchor> frame() const {
    std::vector<Anchor> anchors;
    for (std::size_t i = 0; i < terms_.size(); ++i) {
      for (std::size_t k = 0; k <= extra_[i]; ++k) anchors.push_back({asserts_[i][k], i, k});
    }
    return anchors;
  }

  enum class Answer { hit, wait, veto };
  Answer ask(const std::vector<Anchor>& anchors, Anchor& dropped) const {
    for (const auto& reset : resets_) {
      const auto& options = reset.options;
      const auto start = anchors[options.anchor].at + options.slide;
      auto width = options.window + (options.absolute ? 0 : anchors.back().at - anchors.front().at);
      if (width < 0) width = 0;
      for (const auto seen : reset.seen) {
        if (seen < start || seen > start + width) continue;
        dropped = anchors[options.anchor];
        return Answer::veto;
      }
      if (start + width >= clock_) return Answer::wait;
    }
    return Answer::hit;
  }

  std::size_t inverse_set(Time at, const std::set<unsigned>& matched) {
    if (at >= mark_) {
      const bool is_complete = std::count(is_on_.begin(), is_on_.end(), false) == 0;
      mark_ = std::numeric_limits<Time>::max();
      if (!is_complete) {
        for (std::size_t i = 0; i < terms_.size(); ++i) {
          const auto before = asserts_[i].size();
          remove_before(i, at - right_);
          if (before > 0 && asserts_[i].empty()) is_on_[i] = false;
          if (!asserts_[i].empty()) mark_ = std::min(mark_, asserts_[i].front() + right_);
        }
        clean_resets(at);
      }
    }
    for (std::size_t i = 0; i < terms_.size(); ++i) {
      if (matched.count(terms_[i]) == 0) continue;
      asserts_[i].push_back(at);
      if (asserts_[i].size() > extra_[i]) is_on_[i] = true;
      mark_ = std::min(mark_, at + right_);
    }
    if (std::count(is_on_.begin(), is_on_.end(), true) == 0 && left_ == 0) return 0;
    record_resets(at, matched);
    return decide_set();
  }

  std::size_t decide_set() {
    std::size_t hits = 0;
    while (std::count(is_on_.begin(), is_on_.end(), false) == 0) {
      if (!all_enough()) {  // the engine itself breaks here
        for (std::size_t i = 0; i < terms_.size(); ++i) is_on_[i] = enough(i);
        return hits;
      }
      auto anchors = frame();
      std::stable_sort(anchors.begin(), anchors.end(), [](const Anchor& a, const Anchor& b) { return a.at < b.at; });
      Anchor dropped{0, anchors.front().term, 0};
      if (anchors.back().at - anchors.front().at <= rule_.window) {
        const auto answer = ask(anchors, dropped);
        if (answer == Answer::wait) return hits;
        if (answer == Answer::hit) {
          ++hits;
          for (std::size_t i = 0; i < terms_.size(); ++i) {
            remove_first(i, 1 + extra_[i]);
            if (!enough(i)) is_on_[i] = false;
          }
          continue;
        }
      }
      auto& asserts = asserts_[dropped.term];
      asserts.erase(asserts.begin() + static_cast<std::ptrdiff_t>(dropped.offset));
      if (!enough(dropped.term)) is_on_[dropped.term] = false;
    }
    return hits;
  }

  std::size_t inverse_sequence(Time at, const std::set<unsigned>& matched) {
    if (at >= mark_) {
      mark_ = std::numeric_limits<Time>::max();
      if (n_ != terms_.size()) {
        remove_before(0, at - right_);
        tidy_inverse_sequence();
        if (n_ > 0) mark_ = std::min(mark_, asserts_[0].front() + right_);
        clean_resets(at);
      }
    }
    if (asserts_[0].empty() && left_ == 0 && matched.count(terms_[0]) == 0) return 0;
    record_resets(at, matched);
    for (std::size_t i = 0; i < n_; ++i) {
      if (matched.count(terms_[i]) != 0) asserts_[i].push_back(at);
    }
    if (n_ < terms_.size()) {
      if (matched.count(terms_[n_]) == 0) return 0;
      asserts_[n_].push_back(at);
      mark_ = std::min(mark_, at + right_);
      if (asserts_[n_].size() <= extra_[n_]) return 0;
      if (++n_ < terms_.size()) return 0;
    }
    return decide_sequence();
  }

  std::size_t decide_sequence() {
    std::size_t hits = 0;
    while (n_ == terms_.size()) {
      const auto anchors = frame();
      Anchor dropped{0, 0, 0};
      if (anchors.back().at - anchors.front().at <= rule_.window) {
        const auto answer = ask(anchors, dropped);
        if (answer == Answer::wait) return hits;
        if (answer == Answer::hit) {
          ++hits;
          for (std::size_t i = 0; i < terms_.size(); ++i) remove_first(i, 1 + extra_[i]);
          tidy_inverse_sequence();
          continue;
        }
      }
      auto& asserts = asserts_[dropped.term];
      asserts.erase(asserts.begin() + static_cast<std::ptrdiff_t>(dropped.offset));
      tidy_inverse_sequence();
    }
    return hits;
  }

  const knowledge::CreRule& rule_;
  bool is_inverse_, is_single_;
  Time clock_ = 0, mark_ = std::numeric_limits<Time>::max(), left_ = 0, right_ = 0;
  std::size_t n_ = 0;
  std::vector<unsigned> terms_;
  std::vector<std::size_t> extra_;
  std::vector<std::deque<Time>> asserts_;
  std::vector<bool> is_on_;
  std::vector<SlowReset> resets_;
};

class CreStory {
 public:
  explicit CreStory(unsigned seed) : engine_(seed) {
    rule_.is_sequence = from(0, 1) == 1;
    const auto distinct = static_cast<unsigned>(from(1, 3));
    do {
      positives_.clear();
      for (int i = from(1, 5); i > 0; --i)
        positives_.push_back(static_cast<unsigned>(from(0, static_cast<int>(distinct) - 1)));
    } while (rule_.is_sequence && positives_.size() < 2);
    rule_.positives.resize(positives_.size());
    rule_.window = positives_.size() == 1 ? 0 : from(1, 8);
    for (int i = from(0, 2); i > 0; --i) {
      knowledge::CreNegative negative;
      negative.window = from(0, 2) == 0 ? 0 : from(0, 5);
      negative.slide = from(0, 1) == 0 ? 0 : from(-5, 5);
      negative.anchor = positives_.size() > 1 ? static_cast<std::size_t>(from(0, 1)) : 0;
      // A sequence refuses such an anchor when it is loaded.
      if (rule_.is_sequence && negative.anchor == 1 && positives_[1] == positives_[0]) negative.anchor = 0;
      negative.absolute = from(0, 3) == 0;
      rule_.negatives.push_back(negative);
      negatives_.push_back(static_cast<unsigned>(from(0, 4)));
    }
  }

  /// Hits of the product and of the model, line by line; the last ones when nothing comes any more.
  std::pair<std::vector<std::size_t>, std::vector<std::size_t>> run() {
    const auto machine = make_cre_machine(rule_, positives_, negatives_);
    SlowEngine model(rule_, positives_, negatives_);
    std::pair<std::vector<std::size_t>, std::vector<std::size_t>> hits;
    Time at = 100;
    for (int i = from(3, 60); i > 0; --i) {
      at += from(0, 3);
      const auto stamp = from(0, 15) == 0 ? at - from(1, 3) : at;
      std::set<unsigned> matched;
      for (unsigned term = 0; term < 5; ++term) {
        if (from(0, 2) == 0) matched.insert(term);
      }
      std::vector<bool> bits(5);
      for (const auto term : matched) bits[term] = true;
      hits.first.push_back(machine->scan({.at = stamp, .number = 0, .terms = &bits}).count);
      hits.second.push_back(model.line(stamp, matched));
    }
    hits.first.push_back(machine->end().count);
    hits.second.push_back(model.flush());
    return hits;
  }

 private:
  int from(int least, int most) { return std::uniform_int_distribution<int>(least, most)(engine_); }

  std::mt19937 engine_;
  knowledge::CreRule rule_;
  std::vector<unsigned> positives_, negatives_;
};

TEST(CreMachineModel, HitsExactlyWhereTheModelHits) {
  std::size_t total = 0;
  for (unsigned seed = 0; seed < 8'000; ++seed) {
    const auto [product, model] = CreStory(seed).run();
    ASSERT_EQ(product, model) << "seed " << seed;
    for (const auto hits : model) total += hits;
  }
  EXPECT_GT(total, 8'000u);  // the stories are worth something
}

knowledge::CreRule sequence_of(std::size_t lines, Time window) {
  knowledge::CreRule rule;
  rule.is_sequence = true;
  rule.window = window;
  rule.positives.resize(lines);
  return rule;
}

std::size_t hits_of(CreMachine& machine, Time at, std::vector<bool> terms) {
  return machine.scan({.at = at, .number = 0, .terms = &terms}).count;
}

TEST(CreMachine, NeverForgetsLinesOfASequenceOfOneRepeatedLine) {
  constexpr Time day = 86'400'000'000'000;
  const auto rule = sequence_of(3, 10'000'000'000);
  const auto machine = make_cre_machine(rule, {0, 0, 0}, {});
  EXPECT_EQ(hits_of(*machine, day, {true}), 0u);
  EXPECT_EQ(hits_of(*machine, 2 * day, {true}), 0u);
  EXPECT_EQ(hits_of(*machine, 3 * day, {true}), 1u);
}

TEST(CreMachine, DropsLinesThatGoBackInTimeAndTakesThoseOfTheSameInstant) {
  const auto rule = sequence_of(2, 10);
  const auto machine = make_cre_machine(rule, {0, 1}, {});
  EXPECT_EQ(hits_of(*machine, 5, {true, false}), 0u);
  EXPECT_EQ(hits_of(*machine, 4, {false, true}), 0u);
  EXPECT_EQ(hits_of(*machine, 5, {false, true}), 1u);
}

TEST(CreMachine, LetsABareNegativeForbidASingleLineOfTheSameInstantOnly) {
  knowledge::CreRule rule;
  rule.positives.resize(1);
  rule.negatives.resize(1);
  const auto machine = make_cre_machine(rule, {0}, {1});
  EXPECT_EQ(hits_of(*machine, 5, {true, false}), 0u);
  EXPECT_EQ(hits_of(*machine, 5, {false, true}), 0u);
  EXPECT_EQ(hits_of(*machine, 6, {true, false}), 0u);
  EXPECT_EQ(hits_of(*machine, 7, {false, true}), 1u);
  EXPECT_EQ(machine->end().count, 0u);
}

}  // namespace
}  // namespace triaged::cre
